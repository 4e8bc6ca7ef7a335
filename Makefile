# What people type. Everything here may be run again; nothing needs another make target first.
#   make demo     the whole job on a made-up town: imagery, training, buildings on the map (DEMO="--seed 3 --minutes 2" passes options)
#   make          build                                                      make test       build and run every test that needs no server
#   make web      core as WASM, the package @fair-edge/web, the web demo (web-demo/dist: any host can serve it)
BUILD  ?= build
JOBS   ?= $(shell nproc)
WASM   ?= build-wasm
CTEST  := ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS)

.PHONY: all fair setup setup-web web-needs configure web demo test test-web test-peers test-parity test-long bench format lint clean
all: configure
	cmake --build $(BUILD) -j $(JOBS)

setup:
	@toolchains/setup.sh build

configure: setup
	@cmake -S . -B $(BUILD) -G Ninja -DCMAKE_BUILD_TYPE=Release $(CMAKE_FLAGS) >$(BUILD).configure.log 2>&1 || { cat $(BUILD).configure.log; exit 1; }
	@rm -f $(BUILD).configure.log

fair: configure
	cmake --build $(BUILD) -j $(JOBS) --target fair fair_train

# What the browser's side needs. It is fetched while the native side is built: the one waits for disks and networks, the other for processors.
setup-web:
	@toolchains/setup.sh web
PACKAGES := wasm/package/node_modules/.package-lock.json web-demo/node_modules/.package-lock.json
$(PACKAGES): %/node_modules/.package-lock.json: %/package-lock.json | setup-web
	cd $* && npm ci --no-audit --no-fund --loglevel=error
# A node that all of it can work with comes first.
web-needs web test-web test-long: export PATH := $(shell toolchains/setup.sh --node):$(PATH)
web-needs: setup-web $(PACKAGES)

web: web-needs
	@emcmake cmake --preset wasm -B $(WASM) -DFAIR_BUILD_TESTS=OFF >$(WASM).configure.log 2>&1 || { cat $(WASM).configure.log; exit 1; }
	@rm -f $(WASM).configure.log
	cmake --build $(WASM) -j $(JOBS) --target fair_web
	cd wasm/package && FAIR_CORE_DIR=$(abspath $(WASM))/wasm/dist npm run -s build
	cd web-demo && npm run -s build

demo: setup
	@$(MAKE) --no-print-directory -j 2 fair web-needs
	@$(MAKE) --no-print-directory web
	$(BUILD)/native/cli/fair demo --page web-demo/dist $(DEMO)

test: setup
	@$(MAKE) --no-print-directory -j 2 all web-needs
	@$(MAKE) --no-print-directory test-web
	$(CTEST) -LE long

# In node, Chromium and Firefox.
test-web: all web
	@emcmake cmake --preset wasm -B $(WASM) -DFAIR_BUILD_TESTS=ON >/dev/null && cmake --build $(WASM) -j $(JOBS) --target fair_web_fixtures
	cd wasm/package && npm run -s test && FAIR=$(abspath $(BUILD))/native/cli/fair FAIR_FIXTURES=$(abspath $(WASM))/fair-fixtures npm run -s test:browser
	cd web-demo && npm run -s test && FAIR=$(abspath $(BUILD))/native/cli/fair npm run -s test:e2e
	node tests/consumers/run.mjs

# Against real servers on 127.0.0.1, started and ended by their scripts (PEERS names their folder).
test-peers: all
	tests/peers/run.sh $(BUILD) s3 stac-api mlflow zenml registry kube
	tests/peers/openapi.sh $(BUILD)/native/cli/fair

# Against Python's libraries, which their script installs in a folder of their own.
test-parity: all
	@toolchains/setup.sh check
	tests/parity/run.sh $(BUILD)

test-long: all web-needs
	$(CTEST)
	@toolchains/setup.sh web check
	tests/parity/run.sh $(BUILD) gradients contests
	tests/fuzz/run.sh 600
	tests/bench/serve/soak.py $(BUILD)/native/cli/fair --minutes 20
	node tests/parity/web_runtime.mjs $(BUILD)/native/cli/fair 2
	toolchains/emsdk_next.sh

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
