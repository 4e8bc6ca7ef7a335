#!/usr/bin/env bash
# Samples a second of two ranks of one thread each against one rank of one thread: alternately, each in rounds, and the medians' ratio.
# usage: tests/bench/train/ranks.sh BENCH_TRAIN [MODEL=unet-segmentation] [BATCH=4] [SIZE=256] [STEPS=5] [ROUNDS=3] [PRECISION=float32]
# BATCH is a rank's: two ranks train on twice as many samples a step.
set -euo pipefail
bench=$1; model=${2:-unet-segmentation}; batch=${3:-4}; size=${4:-256}; steps=${5:-5}; rounds=${6:-3}; precision=${7:-float32}
rate() { sed -n 's/.*  \([0-9.]*\) samples\/s.*/\1/p'; }
median() { printf '%s\n' "$@" | sort -n | sed -n "$(( ($# + 1) / 2 ))p"; }
port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
one=(); two=()
for _ in $(seq "$rounds"); do
  one+=("$("$bench" "$model" "$batch" "$size" "$steps" 1 "$precision" | tee >(cat >&2) | rate)")
  export WORLD_SIZE=2 LOCAL_WORLD_SIZE=2 MASTER_ADDR=127.0.0.1 MASTER_PORT; MASTER_PORT=$(port)
  RANK=1 LOCAL_RANK=1 "$bench" "$model" $((2 * batch)) "$size" "$steps" 1 "$precision" & other=$!
  two+=("$(RANK=0 LOCAL_RANK=0 "$bench" "$model" $((2 * batch)) "$size" "$steps" 1 "$precision" | tee >(cat >&2) | rate)")
  wait "$other"
  unset WORLD_SIZE LOCAL_WORLD_SIZE MASTER_ADDR MASTER_PORT
done
awk -v one="$(median "${one[@]}")" -v two="$(median "${two[@]}")" 'BEGIN { printf "two ranks against one: %.2f x samples/s (%.3f, %.3f)\n", two / one, two, one }'
