#!/usr/bin/env bash
# Builds core, plugins and package with the next Debian's Emscripten (3.1.69, clang 19) beside Debian 12's, and runs the package's tests on them:
# what a current emsdk says of our sources. Fetches 340 MB once (2 GB unpacked); about 15 minutes on two cores. Needs toolchains/setup.sh web.
# usage: toolchains/emsdk_next.sh [FOLDER]     a folder of this checkout to build in; default: build-emsdk
# env: FAIR_DEPS  as for setup.sh
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
deps=$("$here/setup.sh" --where)
build=${1:-build-emsdk}
next=$deps/emsdk-next
. "$here/next_release.sh"

if [ ! -f "$next/.done" ]; then
  echo "emsdk: fetching the next Debian's Emscripten" >&2
  # Besides, the libraries that its programs were linked with: the next release's C library is newer than ours.
  from_next_release "$next" emscripten binaryen clang-19 lld-19 llvm-19 libllvm19 libclang-cpp19 libclang-common-19-dev node-acorn \
    libc6 libstdc++6 libgcc-s1 libz3-4 libedit2 libffi8 libxml2 libicu76 libzstd1 zlib1g liblzma5 libbsd0 libmd0 libtinfo6
  touch "$next/.done"
fi

# Its programs run with their own C library. They are told their names and where their headers are: from their loader's place they would not find them.
libraries=$next/usr/lib/x86_64-linux-gnu:$next/usr/lib/llvm-19/lib
mkdir -p "$next/bin"
ln -sfn . "$next/bin/bin" # binaryen's are looked for in a folder "bin"
wrap() { # NAME FILE [ARGUMENT...]
  local name=$1 file=$2; shift 2
  printf '#!/bin/sh\nexec %s --library-path %s --argv0 %s %s %s "$@"\n' "$next/usr/lib64/ld-linux-x86-64.so.2" "$libraries" "$name" "$next/usr/$file" "$*" >"$next/bin/$name"
  chmod +x "$next/bin/$name"
}
resources="-resource-dir $next/usr/lib/llvm-19/lib/clang/19"
wrap clang-19 lib/llvm-19/bin/clang "$resources"
wrap clang++-19 lib/llvm-19/bin/clang --driver-mode=g++ "$resources"
wrap wasm-ld-19 lib/llvm-19/bin/lld
for tool in llvm-ar llvm-nm llvm-objcopy llvm-ranlib llvm-strip llvm-dwarfdump; do wrap $tool-19 lib/llvm-19/bin/$tool; done
for tool in wasm-opt wasm-emscripten-finalize wasm-metadce wasm-ctor-eval; do wrap $tool bin/$tool; done
# Its JavaScript imports packages from where Debian's node looks.
ln -sfn ../nodejs "$next/usr/share/emscripten/node_modules"
PATH=$("$here/setup.sh" --node):$PATH
cat >"$next/config.py" <<CONFIG
LLVM_ROOT = BINARYEN_ROOT = '$next/bin'
NODE_JS = '$(command -v node)'
CACHE = '$next/usr/share/emscripten/cache'
FROZEN_CACHE = True
LLVM_ADD_VERSION = CLANG_ADD_VERSION = '19'
CONFIG
export EM_CONFIG=$next/config.py PATH

cd "$root"
"$next/usr/share/emscripten/emcmake" cmake --preset wasm -B "$build" -DFAIR_BUILD_TESTS=ON >/dev/null
cmake --build "$build" -j "$(nproc)" --target fair_web fair_web_fixtures
# A copy of the package, as deep in the tree as the package is, so that what the other build made stays.
package=$build/package
rm -rf "$package"; mkdir -p "$package"
(cd wasm/package && cp -r package*.json tsconfig.json build.mjs README.md src tests "$root/$package")
cd "$package"
npm ci --no-audit --no-fund --loglevel=error
FAIR_CORE_DIR=$root/$build/wasm/dist npm run -s build
npm run -s test
FAIR_FIXTURES=$root/$build/fair-fixtures node --test --test-concurrency=1 tests/browser/{predict,plugins,stream}.test.mjs
