# What people type. Everything here may be run again; nothing needs another make target first.
#   make demo     the whole job on a made-up town: imagery, training, buildings on the map (DEMO="--seed 3 --minutes 2" passes options)
#   make          build                                                      make test       build and run every test that needs no server
BUILD  ?= build
JOBS   ?= $(shell nproc)
CTEST  := ctest --test-dir $(BUILD) --output-on-failure

.PHONY: all setup configure demo test test-long bench format lint clean
all: configure
	cmake --build $(BUILD) -j $(JOBS)

setup:
	@toolchains/setup.sh build

configure: setup
	@cmake -S . -B $(BUILD) -G Ninja -DCMAKE_BUILD_TYPE=Release $(CMAKE_FLAGS) >$(BUILD).configure.log 2>&1 || { cat $(BUILD).configure.log; exit 1; }
	@rm -f $(BUILD).configure.log

demo: configure
	cmake --build $(BUILD) -j $(JOBS) --target fair fair_train
	$(BUILD)/native/cli/fair demo $(DEMO)

test: all
	$(CTEST) -LE long

test-long: all
	$(CTEST)

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
