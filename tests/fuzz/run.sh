#!/usr/bin/env bash
# Builds the fuzz targets with clang, ASan and UBSan and runs each for a while from seeds; fails on the first finding of any.
# usage: tests/fuzz/run.sh [SECONDS=60] [TARGET...]      Env: FAIR_FUZZ_BUILD (build-fuzz), CLANGXX (clang++-16)
# A finding stays in FAIR_FUZZ_BUILD/findings; run it again with FAIR_FUZZ_BUILD/tests/fuzz/fuzz_TARGET FILE.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-60} build=${FAIR_FUZZ_BUILD:-build-fuzz}
export FAIR_DEPS=${FAIR_DEPS:-$(toolchains/setup.sh --where)}
flags='-O1 -g1 -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all -fno-omit-frame-pointer'
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_COMPILER="${CLANGXX:-clang++-16}" -DCMAKE_CXX_FLAGS="$flags" -DFAIR_BUILD_FUZZ=ON -DFAIR_BUILD_TESTS=OFF \
  -DFAIR_WITH_ONNXRUNTIME=OFF -DFAIR_WITH_TORCH=OFF -DFAIR_WITH_CURL=OFF >/dev/null
programs=$(ninja -C "$build" -t targets all | sed -n 's/^\(fuzz_[a-z_]*\): phony$/\1/p' | sort -u)
ninja -C "$build" -j "${JOBS:-$(nproc)}" $programs
targets=("${@:2}"); [ ${#targets[@]} -gt 0 ] || targets=($(sed -n 's/^fuzz_//p' <<<"$programs" | grep -v seeds))
"$build/tests/fuzz/fuzz_seeds" "$build/seeds" ../shared
mkdir -p "$build/findings"
# What a reader may take is bounded by what it is given: 2 GiB and a minute are far beyond it.
fuzz() { # TARGET
  local target=$1 log=$build/$1.log status=0 runs
  mkdir -p "$build/corpus/$target"
  "$build/tests/fuzz/fuzz_$target" -max_total_time="$seconds" -max_len=65536 -len_control=0 -timeout=60 -rss_limit_mb=2048 -artifact_prefix="$build/findings/$target-" -print_final_stats=1 \
    "$build/corpus/$target" "$build/seeds/$target" >"$log" 2>&1 || status=$?
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  if [ $status = 0 ]; then echo "fuzz $target: $runs inputs in $seconds s, nothing found"
  else echo "fuzz $target: FOUND after ${runs:-?} inputs"; tail -40 "$log"; return 1; fi
}
export -f fuzz; export build seconds
printf '%s\0' "${targets[@]}" | xargs -0 -n1 -P"$(nproc)" bash -c 'fuzz "$1"' _
