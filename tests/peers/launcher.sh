#!/usr/bin/env bash
# What holds for each launcher, this machine's processes and a cluster's pods: two ranks train to the end; they stop where they are told to, with a
# checkpoint, and go on from it to what an undisturbed run arrives at. Runs on the stack of FAIR_STACK.
# usage: tests/peers/launcher.sh FAIR WORKSPACE NAME     the dataset town is registered there; prints the metrics that each launcher must arrive at
set -euo pipefail
fair=$1; workspace=$2; name=$3
work=$(mktemp -d); child=
finish() { [ -z "$child" ] || kill "$child" 2>/dev/null || true; rm -rf "$work"; }
trap finish EXIT
fail() { echo "launcher: $*" >&2; cat "$work"/*.said >&2; exit 1; }
train=("$fair" -w "$workspace" --json finetune)
begin=(--base unet-segmentation-small --dataset town --set samples_per_epoch=8 --set batch_size=8 --set epochs=6 --set precision=float32 --threads 1 --device cpu --seed 7)
value() { python3 -c 'import json,sys; d=json.load(open(sys.argv[1])); print(*[d[k] for k in sys.argv[2:]])' "$@"; }
metrics() { python3 -c 'import json,sys; print(json.dumps({k: round(v, 4) for k, v in sorted(json.load(open(sys.argv[1]))["metrics"].items()) if isinstance(v, float)}))' "$1"; }

"${train[@]}" "${begin[@]}" --nproc 2 --name "$name-whole" >"$work/whole" 2>"$work/whole.said" || fail "two ranks do not train"
[ "$(value "$work/whole" version steps epochs stopped)" = "1 6 6 False" ] || fail "expected version 1 after 6 steps, one an epoch: $(cat "$work/whole")"
[ "$("$fair" -w "$workspace" --json runs show "$(value "$work/whole" run)" | python3 -c 'import json,sys; print(json.load(sys.stdin)["status"])')" = completed ] || fail "the run is not told as completed"

"${train[@]}" "${begin[@]}" --nproc 2 --name "$name-stopped" >"$work/stopped" 2>"$work/stopped.said" & child=$!
for _ in $(seq 1200); do grep -q 'epoch 2/6' "$work/stopped.said" && break; kill -0 "$child" || break; sleep 0.05; done
kill -INT "$child"
if wait "$child"; then fail "a stopped training ends as a done one: $(cat "$work/stopped")"; fi
child=
[ "$(value "$work/stopped" version stopped)" = "None True" ] || fail "expected a stopped run: $(cat "$work/stopped")"
run=$(value "$work/stopped" run)
"${train[@]}" --nproc 2 --resume "$run" >"$work/resumed" 2>"$work/resumed.said" || fail "it does not go on"
[ "$(value "$work/resumed" version epochs stopped)" = "1 6 False" ] || fail "expected version 1 after 6 epochs: $(cat "$work/resumed")"
grep -q 'epoch 1/6' "$work/resumed.said" && fail "it began anew"
[ "$(metrics "$work/resumed")" = "$(metrics "$work/whole")" ] || fail "stopped and resumed: $(metrics "$work/resumed"), undisturbed: $(metrics "$work/whole")"
metrics "$work/whole"
