# What people type. Everything here may be run again; nothing needs another make target first.
#   make demo     the whole job on a made-up town: imagery, training, buildings on the map (DEMO="--seed 3 --minutes 2" passes options)
#   make          build                                                      make test       build and run every test that needs no server
#   make web      core as WASM, the package @fair-edge/web, the web demo (web-demo/dist: any host can serve it)
BUILD  ?= build
JOBS   ?= $(shell nproc)
WASM   ?= build-wasm
CTEST  := ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS)

.PHONY: all setup configure web demo test test-web test-long bench format lint clean
all: configure
	cmake --build $(BUILD) -j $(JOBS)

setup:
	@toolchains/setup.sh build

configure: setup
	@cmake -S . -B $(BUILD) -G Ninja -DCMAKE_BUILD_TYPE=Release $(CMAKE_FLAGS) >$(BUILD).configure.log 2>&1 || { cat $(BUILD).configure.log; exit 1; }
	@rm -f $(BUILD).configure.log

# node and npm of a version that all of it can work with come first in the path.
web: export PATH := $(shell toolchains/setup.sh --node):$(PATH)
web:
	@toolchains/setup.sh web
	@emcmake cmake --preset wasm -B $(WASM) -DFAIR_BUILD_TESTS=OFF >$(WASM).configure.log 2>&1 || { cat $(WASM).configure.log; exit 1; }
	@rm -f $(WASM).configure.log
	cmake --build $(WASM) -j $(JOBS) --target fair_web
	cd wasm/package && npm ci --no-audit --no-fund --loglevel=error && FAIR_CORE_DIR=$(abspath $(WASM))/wasm/dist npm run -s build
	cd web-demo && npm ci --no-audit --no-fund --loglevel=error && npm run -s build

demo: configure web
	cmake --build $(BUILD) -j $(JOBS) --target fair fair_train
	$(BUILD)/native/cli/fair demo --page web-demo/dist $(DEMO)

test: all test-web
	$(CTEST) -LE long

# In node, Chromium and Firefox.
test-web: export PATH := $(shell toolchains/setup.sh --node):$(PATH)
test-web: all web
	@emcmake cmake --preset wasm -B $(WASM) -DFAIR_BUILD_TESTS=ON >/dev/null && cmake --build $(WASM) -j $(JOBS) --target fair_web_fixtures
	cd wasm/package && npm run -s test && FAIR=$(abspath $(BUILD))/native/cli/fair FAIR_FIXTURES=$(abspath $(WASM))/fair-fixtures npm run -s test:browser
	cd web-demo && npm run -s test && FAIR=$(abspath $(BUILD))/native/cli/fair npm run -s test:e2e
	node tests/consumers/run.mjs

test-long: all
	$(CTEST)
	@toolchains/setup.sh check
	tests/fuzz/run.sh 600

bench: setup
	@toolchains/setup.sh check
	@cmake -S . -B $(BUILD) -G Ninja -DCMAKE_BUILD_TYPE=Release -DFAIR_BUILD_BENCH=ON $(CMAKE_FLAGS) >/dev/null
	cmake --build $(BUILD) -j $(JOBS)


SOURCES = $(shell git ls-files '*.h' '*.cpp')
format:
	clang-format-16 -i $(SOURCES)

lint:
	clang-format-16 --dry-run -Werror $(SOURCES)
	toolchains/lint.sh $(BUILD)

clean:
	rm -rf $(BUILD)
