#!/usr/bin/env bash
# Indexed Jobs of a real API server, whose pods run as processes here (pods.py): what holds for processes too (launcher.sh); three ranks, one of them
# evicted; jobs whose submitter was killed; a prediction in shards; a job whose pods fail.
# usage: tests/peers/cluster.sh FAIR     env: FAIR_TEST_KUBECONFIG, FAIR_TEST_S3, FAIR_TEST_BUCKET, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY
set -euo pipefail
here=$(dirname "$(realpath "$0")"); fair=$(realpath "$1")
work=$(mktemp -d)
server=$(grep -o 'https://[^",]*' "$FAIR_TEST_KUBECONFIG" | sed -n 1p)
token=$(grep -o 'token: [^},]*' "$FAIR_TEST_KUBECONFIG" | cut -d' ' -f2)
namespace=fair-test-$$
api() { curl -sfk -H "Authorization: Bearer $token" -H 'Content-Type: application/json' "$@"; }
kubelet= tiles=
s3() { curl -s --aws-sigv4 aws:amz:us-east-1:s3 --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" "$@"; }
empty_bucket() { # of what this run put there
  for key in $(s3 "$FAIR_TEST_S3/$FAIR_TEST_BUCKET?list-type=2&prefix=$namespace/" | grep -o '<Key>[^<]*' | cut -c6-); do s3 -X DELETE "$FAIR_TEST_S3/$FAIR_TEST_BUCKET/$key"; done
}
finish() { empty_bucket; for p in $kubelet $tiles; do kill "$p" 2>/dev/null || true; done; api -o /dev/null -X DELETE "$server/api/v1/namespaces/$namespace" || true; rm -rf "$work"; }
trap finish EXIT
cd "$work"
export XDG_CONFIG_HOME=$work FAIR_STACK=cluster
api -o /dev/null -X POST "$server/api/v1/namespaces" -d "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"$namespace\"}}"
for _ in $(seq 50); do api -o /dev/null "$server/api/v1/namespaces/$namespace/serviceaccounts/default" && break; sleep 0.2; done
for stack in cluster processes; do
  cat >>fair.toml <<TOML
[stack.$stack.artifacts]
kind = "s3"
bucket = "$FAIR_TEST_BUCKET"
prefix = "$namespace"
endpoint = "$FAIR_TEST_S3"
TOML
done
cat >>fair.toml <<TOML
[stack.cluster.launcher]
kind = "kubernetes"
image = "registry.example.org/fair-edge/train:test"
kubeconfig = "$FAIR_TEST_KUBECONFIG"
namespace = "$namespace"
ranks = 3
retries = 2
TOML
say() { echo "-- $*"; "$@"; }
expect() { grep -q -- "$1" <<<"$2" || { echo "expected $1 in: $2" >&2; exit 1; }; }
run_pods() { mkdir -p "pods$1"; python3 "$here/pods.py" "$FAIR_TEST_KUBECONFIG" "$namespace" "$fair" "$work/pods$1" "$1" & kubelet=$!; }
end_pods() { kill "$kubelet"; wait "$kubelet" 2>/dev/null || true; kubelet=; }

env -u FAIR_STACK "$fair" demo --out town --size 5 --minutes 0.02 >/dev/null 2>&1
chips=$(dirname "$(find town -name 'town-*.tif' | sed -n 1p)")
footprints=$(find town -name buildings.geojson | sed -n 1p)
say "$fair" -w one init >/dev/null
say "$fair" -w one stack check
say "$fair" -w one dataset make --task segmentation --chips "$chips" --labels "$footprints" --id town --register >/dev/null

echo "-- one suite for both launchers, and what they arrive at"
here_metrics=$(FAIR_STACK=processes "$here/launcher.sh" "$fair" one launched-here)
run_pods plain
there_metrics=$("$here/launcher.sh" "$fair" one launched-there)
end_pods
echo "$here_metrics"
[ "$here_metrics" = "$there_metrics" ] || { echo "processes arrive at $here_metrics, pods at $there_metrics" >&2; exit 1; }

train=("$fair" -w one --json finetune --base unet-segmentation-small --dataset town --set samples_per_epoch=8 --set batch_size=8 --threads 1 --device cpu)

echo "-- three ranks, of which one is evicted after the first epoch"
run_pods evict
told=$("${train[@]}" --name cluster-buildings --set epochs=4 2>said) || { cat said >&2; exit 1; }
cat said
end_pods
expect '"version": *1' "$told"
expect '"steps": *4' "$told"
expect 'epoch 4/4' "$(cat said)"
expect 'failures so far' "$(cat said)"
expect 'goes on from the checkpoint' "$(cat podsevict/*/said)"
[ -z "$(api "$server/apis/batch/v1/namespaces/$namespace/jobs" | python3 -c 'import json,sys; print(*[j["metadata"]["name"] for j in json.load(sys.stdin)["items"]])')" ] || { echo "the job is still there" >&2; exit 1; }
for kind in services configmaps; do
  for _ in $(seq 100); do left=$(api "$server/api/v1/namespaces/$namespace/$kind" | grep -c '"name": *"fair-' || true); [ "$left" = 0 ] && break; sleep 0.2; done
  [ "$left" = 0 ] || { echo "$kind of the job are still there" >&2; exit 1; }
done

leave_behind() { # NAME: kills the program that began and watches a training, after its second epoch; prints the run
  "${train[@]}" --name "$1" --set epochs=6 >told 2>said & local submitter=$!
  for _ in $(seq 1200); do grep -q 'epoch 2/6' said && break; kill -0 "$submitter" || break; sleep 0.05; done
  kill -KILL "$submitter"; wait "$submitter" 2>/dev/null || true
  grep -o 'job fair-[0-9a-f-]*' said | sed -n 's/^job fair-//p' | sed -n 1p
}
go_on() { # RUN
  told=$("$fair" -w one --json finetune --resume "$1" 2>said) || { cat said >&2; exit 1; }
  expect '"epochs": *6' "$told"
  expect '"version": *1' "$told"
  [ -z "$(s3 "$FAIR_TEST_S3/$FAIR_TEST_BUCKET?list-type=2&prefix=$namespace/jobs/" | grep -o '<Key>')" ] || { echo "files of jobs are left in the bucket" >&2; exit 1; }
}
echo "-- a training whose submitter is killed goes on, and is found again"
run_pods left
run=$(leave_behind left-buildings)
expect "fair-$run" "$("$fair" -w one jobs list)"
go_on "$run"
expect "job fair-$run was left behind" "$(cat said)"
echo "-- and where its job was taken away meanwhile, it is begun again from its checkpoint"
run=$(leave_behind lost-buildings)
say "$fair" -w one jobs cancel "fair-$run"
for _ in $(seq 600); do [ -z "$(api "$server/api/v1/namespaces/$namespace/pods" | grep -o "fair-$run" | sed -n 1p)" ] && break; sleep 0.1; done
"$fair" -w one finetune --resume "$run" >told 2>said & submitter=$!  # and that one is killed as well
for _ in $(seq 600); do grep -q '^job fair-.* at ' said && break; kill -0 "$submitter" || break; sleep 0.02; done
kill -KILL "$submitter"; wait "$submitter" 2>/dev/null || true
again=$(sed -n 's/^job \(fair-[0-9a-f-]*\) at .*/\1/p' said)
go_on "$run"
expect "job $again was left behind" "$(cat said)"
expect 'goes on from the checkpoint' "$(cat podsleft/*/said)"
end_pods
if "$fair" -w one finetune --resume "$run" >told 2>said; then echo "what is done was gone on with" >&2; exit 1; fi
expect 'a checkpoint to go on from' "$(cat said)"

echo "-- a prediction in four shards, against one on this machine"
python3 "$here/tiles.py" >tiles.port & tiles=$!
for _ in $(seq 50); do [ -s tiles.port ] && break; sleep 0.1; done
# So many steps, not so many seconds: what finds houses on a quiet machine finds them on a busy one.
trained=$(FAIR_STACK=processes "$fair" -w one --json finetune --base unet-segmentation-small --dataset town --name sharded-buildings --set epochs=2 --set samples_per_epoch=96 --seed 1 2>said) || { cat said >&2; exit 1; }
model=one/artifacts/runs/$(python3 -c 'import json,sys; print(json.loads(sys.argv[1])["run"])' "$trained")/model.onnx
predict=(--model "$model" --images "http://127.0.0.1:$(cat tiles.port)/{z}/{x}/{y}.png" --bbox 85.5200,27.6300,85.5240,27.6340 --zoom 19 --set confidence_threshold=0.3)
"$fair" -w one --stack local predict "${predict[@]}" --out here.geojson
run_pods shards
say "$fair" -w one predict "${predict[@]}" --shards 4 --out there.geojson
echo "-- and one whose program is killed; then one whose job is taken away as well"
for lost in program job; do
  "$fair" -w one predict "${predict[@]}" --shards 4 --out lost.geojson 2>said & submitter=$!
  for _ in $(seq 600); do grep -q '4 pods' said && break; sleep 0.02; done
  kill -KILL "$submitter"; wait "$submitter" 2>/dev/null || true
  run=$(sed -n 's/.*job fair-\([0-9a-f-]*\) at.*/\1/p' said)
  [ "$lost" = program ] || say "$fair" -w one jobs cancel "fair-$run"
  say "$fair" -w one predict --resume "$run" --out "found-$lost.geojson"
  cmp here.geojson "found-$lost.geojson"
  [ ! -e lost.geojson ] || { echo "half a file was written" >&2; exit 1; }
done
if "$fair" -w one predict --resume "$run" --out again.geojson 2>said; then echo "what is done was gone on with" >&2; exit 1; fi
expect 'a prediction whose shards lie in' "$(cat said)"
end_pods
kill "$tiles"
cmp here.geojson there.geojson
features=$(grep -o '"type": *"Feature"' here.geojson | wc -l)
[ "$features" -gt 10 ] || { echo "only $features features to compare" >&2; exit 1; }

echo "-- a job whose pods fail: tried again, then told"
run_pods fail
if "${train[@]}" --name failing-buildings --set epochs=1 >told 2>said; then echo "a job that failed is called done" >&2; exit 1; fi
end_pods
cat said
expect 'the disk of this machine is full' "$(cat said)"
job=$("$fair" -w one --json jobs list | python3 -c 'import json,sys; print(json.load(sys.stdin)["jobs"][0]["job"])')
"$fair" -w one jobs status "$job" && { echo "a failed job's status is good" >&2; exit 1; }
expect '"failures": *[3-9]' "$("$fair" -w one --json jobs status "$job" || true)"
say "$fair" -w one jobs cancel "$job"
expect 'no jobs' "$("$fair" -w one jobs list)"
echo "cluster: all as it should be"
