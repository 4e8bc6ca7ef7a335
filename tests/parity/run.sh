#!/usr/bin/env bash
# Ours against Python's libraries on the same input. Runs every comparison it is told to, tells everything, fails if one failed.
# usage: tests/parity/run.sh [BUILD] [NAME...]   BUILD: a built folder (default build); NAME: polygons weights graphs steps boxes ranks catalogue (default:
#   these), or, for longer: gradients (graphs again, their gradients against differences in float64), contests (whole trainings of three seeds against
#   the libraries' own recipes, an hour and a half on two cores)
# What needs ../shared, where that is absent, is said to be left out; everything else must pass.
# env: PARITY_HOME  where Python's libraries and what is made lie (default BUILD/parity)
set -uo pipefail
cd "$(dirname "$0")/../.."
build=${1:-build}; [ $# -gt 0 ] && shift
wanted=${*:-polygons weights graphs steps boxes ranks catalogue}
home=${PARITY_HOME:-$build/parity} shared=../shared
python=$(tests/parity/setup.sh "$home/python") || exit 1
export YOLO_CONFIG_DIR=$home YOLO_OFFLINE=true  # ultralytics' settings; nothing is fetched
fair=$build/native/cli/fair models=$build/tests/parity/models/parity_models bench=$build/tests/bench banepa=$shared/data/banepa/train

cmake -S . -B "$build" -DFAIR_BUILD_BENCH=ON >/dev/null || exit 1
cmake --build "$build" -j "$(nproc)" --target bench_polygonize bench_validate fair fair_train parity_models || exit 1

failed=() left_out=()
compare() { echo "-- $*"; "$python" "tests/parity/$@" || failed+=("$1"); }
is_there() { [ -e "$1" ] || { left_out+=("$2 (no $1)"); return 1; }; }
demo() { # a trained town, for what looks into a workspace
  [ -f "$home/demo/predicted.geojson" ] || "$fair" demo --out "$home/demo" --minutes 0.5 --size 5 || failed+=("fair demo")
}

for name in $wanted; do
  case $name in
    polygons) compare polygonize.py "$bench/polygonize/bench_polygonize" ;;
    weights)
      demo
      compare train_weights.py "$(find "$home/demo/workspace/artifacts/runs" -name '*.pt' | sed -n 1p)"
      compare import_weights.py "$fair" ;;
    graphs) compare graphs.py "$fair" ;;
    gradients)
      cmake --build "$build" -j "$(nproc)" --target test_native_train_foreign || exit 1
      compare graphs.py "$fair" "$build/tests/unit/native_train/test_native_train_foreign" ;;
    steps)
      compare classification_step.py "$models"
      compare detection_step.py "$models" ;;
    boxes) is_there "$banepa/oam" boxes.py && compare boxes.py "$models" "$banepa/oam" ;;
    ranks) compare rank_steps.py "$models" ;;
    catalogue)
      is_there "$shared/schemas" catalogue || continue
      demo
      compare validate_mutations.py "$bench/validate/bench_validate" "$shared"
      compare catalog.py "$home/demo/workspace" "$shared" --predictions "$home/demo/predicted.geojson" --model town-buildings-v1 ;;
    contests)
      is_there "$banepa" contests || continue
      compare detection_training.py "$fair" "$banepa" "$home/detection"
      compare classification_training.py "$fair" "$banepa" "$home/classification" ;;
    *) echo "parity: no comparison is called $name" >&2; exit 2 ;;
  esac
done
[ ${#left_out[@]} -eq 0 ] || printf 'parity: left out: %s\n' "${left_out[@]}"
[ ${#failed[@]} -eq 0 ] || { printf 'parity: FAILED: %s\n' "${failed[@]}"; exit 1; }
echo "parity: all as it should be"
