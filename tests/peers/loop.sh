#!/usr/bin/env bash
# The whole job on a stack of servers: init, dataset, finetune, promote, predict from another machine's workspace, archive, delete.
# usage: tests/peers/loop.sh FAIR     env: FAIR_TEST_STAC, FAIR_TEST_S3, FAIR_TEST_BUCKET, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY (tests/peers/run.sh)
set -euo pipefail
fair=$(realpath "$1")
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
export XDG_CONFIG_HOME=$work FAIR_STACK=production
cat >fair.toml <<TOML
[stack.production.catalog]
kind = "stac-api"
url = "$FAIR_TEST_STAC"
[stack.production.artifacts]
kind = "s3"
bucket = "$FAIR_TEST_BUCKET"
prefix = "loop"
endpoint = "$FAIR_TEST_S3"
part_megabytes = 5
TOML
if [ -n "${FAIR_TEST_MLFLOW:-}" ]; then printf '[stack.production.tracker]\nkind = "mlflow"\nurl = "%s"\n' "$FAIR_TEST_MLFLOW" >>fair.toml; fi
if [ -n "${FAIR_TEST_ZENML:-}" ]; then
  printf '[stack.production.versions]\nkind = "zenml"\nurl = "%s"\nuser = "admin"\npassword_env = "FAIR_TEST_ZENML_PASSWORD"\n' "$FAIR_TEST_ZENML" >>fair.toml
fi
say() { echo "-- $*"; "$@"; }
expect() { grep -q "$1" <<<"$2" || { echo "expected $1 in: $2" >&2; exit 1; }; }
model=loop-buildings-$$ town=loop-town-$$

# A town to map, made by fair itself.
echo "-- a town"
env -u FAIR_STACK "$fair" demo --out town --size 8 --minutes 0.02 >/dev/null 2>&1
chips=$(dirname "$(find town -name 'town-*.tif' | sed -n 1p)")
footprints=$(find town -name buildings.geojson | sed -n 1p)
say "$fair" -w one init
say "$fair" -w one stack check
say "$fair" -w one dataset make --task segmentation --chips "$chips" --labels "$footprints" --id "$town" --register
say "$fair" -w one finetune --base unet-segmentation-small --dataset "$town" --name "$model" --max-minutes 0.2
say "$fair" -w one promote "$model" 1
say "$fair" -w one finetune --base unet-segmentation-small --dataset "$town" --name "$model" --max-minutes 0.1
say "$fair" -w one promote "$model" 2

# Another machine, with nothing but the address.
say "$fair" -w two init --empty
expect "$model-v2" "$("$fair" -w two list)"
say "$fair" -w two predict --model "$model" --images "$chips" --out two.geojson
say "$fair" -w one predict --model "$model" --images "$chips" --out one.geojson
cmp one.geojson two.geojson
say "$fair" -w two finetune --base unet-segmentation-small --dataset "$town" --name "$model-two" --max-minutes 0.05
say "$fair" -w one promote "$model" 1   # a rollback
if [ -n "${FAIR_TEST_ZENML:-}" ]; then
  # Another machine sees the same versions, and publishes one that it has not trained itself.
  say "$fair" -w two promote "$model" 2
  say "$fair" -w two promote "$model" 1
fi
say "$fair" -w one archive "$model" 2
if [ -n "${FAIR_TEST_PYTHON:-}" ]; then
  "$FAIR_TEST_PYTHON" - "$FAIR_TEST_STAC" "$model" <<'PY'
import sys
from pystac_client import Client
client = Client.open(sys.argv[1])
items = {i.id: i for i in client.search(collections=["local-models"], max_items=1000).items() if i.properties.get("mlm:name") == sys.argv[2]}
assert len(items) == 2, items
state = {i: items[i].properties.get("deprecated", False) for i in sorted(items)}
assert list(state.values()) == [False, True], state
assert all(i.assets[a].href.startswith("http") for i in items.values() for a in ("model", "checkpoint", "training-metrics"))
print("pystac-client reads", state)
PY
fi
if [ -n "${FAIR_TEST_MLFLOW:-}" ]; then
  "$PEERS_HOME/mlflow/venv/bin/python" - "$FAIR_TEST_MLFLOW" "$model" <<'PY'
import sys
import mlflow
mlflow.set_tracking_uri(sys.argv[1])
client = mlflow.MlflowClient()
experiment = client.get_experiment_by_name(sys.argv[2])
runs = client.search_runs([experiment.experiment_id])
assert len(runs) == 2 and all(r.info.status == "FINISHED" for r in runs), [(r.info.run_id, r.info.status) for r in runs]
for run in runs:
    steps = client.get_metric_history(run.info.run_id, "loss")
    epochs = client.get_metric_history(run.info.run_id, "val_loss")
    names = sorted(a.path for a in client.list_artifacts(run.info.run_id))
    assert steps and epochs and names == ["config.yaml", "model.onnx", "training-metrics.json", "training_curve.svg"], (len(steps), len(epochs), names)
print("mlflow's client reads", [(len(client.get_metric_history(r.info.run_id, "loss")), r.data.params["optimizer"]) for r in runs])
PY
fi
if [ -n "${FAIR_TEST_ZENML:-}" ]; then
  read_zenml() {
    env ZENML_STORE_URL="$FAIR_TEST_ZENML" ZENML_STORE_USERNAME=admin ZENML_STORE_PASSWORD="$FAIR_TEST_ZENML_PASSWORD" ZENML_STORE_TYPE=rest \
      ZENML_ACTIVE_PROJECT_ID= ZENML_CONFIG_PATH="$work/zenml" ZENML_ANALYTICS_OPT_IN=false ZENML_LOGGING_VERBOSITY=ERROR \
      "$PEERS_HOME/zenml/venv/bin/python" - "$@"
  }
  read_zenml "$model" <<'PY'
import sys
from zenml.client import Client
client = Client()
client.set_active_project("default")
versions = client.list_model_versions(model=sys.argv[1], hydrate=True)
stages = {v.number: str(v.stage) for v in versions}
assert stages == {1: "production", 2: "archived"}, stages
best = client.get_model_version(sys.argv[1], "production")
assert best.number == 1 and best.run_metadata["fair/mean_iou"] >= 0, best.run_metadata
uris = {name: best.get_artifact(name).uri for name in ("trained_model", "onnx_model", "config")}
assert all(uri.startswith("s3://") for uri in uris.values()), uris
print("zenml's client reads", stages, sorted(best.run_metadata), uris["onnx_model"])
PY
fi
say "$fair" -w one delete "$model"
if [ -n "${FAIR_TEST_ZENML:-}" ]; then
  read_zenml "$model" <<'PY'
import sys
from zenml.client import Client
client = Client()
client.set_active_project("default")
assert not client.list_models(name=f"equals:{sys.argv[1]}").items, "the model is still there"
PY
fi
if "$fair" -w two list | grep -q "$model-v"; then echo "still there after it was deleted" >&2; exit 1; fi
# A base model whose item and files lie in a bucket, as somebody else put them there.
s3() { curl -sf --aws-sigv4 aws:amz:us-east-1:s3 --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" "$@"; }
"$fair" -w one show unet-segmentation-small --json >item.json
python3 - "$FAIR_TEST_BUCKET" "given-$$" >files <<'PY'
import json, sys
item = json.load(open("item.json"))
item["id"] = item["properties"]["mlm:name"] = sys.argv[2]
for name in ("model.onnx", "checkpoint.pt"):
    asset = next(a for a in item["assets"].values() if a["href"].endswith("/" + name))
    print(name, asset["href"])
    asset["href"] = f"s3://{sys.argv[1]}/{sys.argv[2]}/{name}"
    asset.pop("file:checksum", None), asset.pop("file:size", None)
json.dump(item, open("item.json", "w"))
PY
while read -r name href; do s3 -o "$name" "$href"; done <files
for file in item.json model.onnx checkpoint.pt; do s3 -o /dev/null -T "$file" "$FAIR_TEST_S3/$FAIR_TEST_BUCKET/given-$$/$file"; done
say "$fair" -w two register "s3://$FAIR_TEST_BUCKET/given-$$/item.json"
for file in item.json model.onnx checkpoint.pt; do s3 -o /dev/null -X DELETE "$FAIR_TEST_S3/$FAIR_TEST_BUCKET/given-$$/$file"; done
shown=$("$fair" -w one show "given-$$" --json)
for file in model.onnx checkpoint.pt; do
  expect "\"$FAIR_TEST_S3/$FAIR_TEST_BUCKET/loop/base-models/given-$$/1/$file\"" "$shown"
  expect "1220$(sha256sum <"$file" | cut -d' ' -f1)" "$shown"
done
say "$fair" -w one predict --model "given-$$" --images "$chips" --out given.geojson
echo "loop: all well"
