#!/usr/bin/env bash
# The pipelines that `fair plugins pipeline` makes, as fAIr would run them: its own validator (fair-py-ops), pytest on their steps, and both pipelines
# under ZenML's local orchestrator. Nothing is served; ZenML keeps its records in a folder that goes with the test.
# usage: tests/peers/pipelines/run.sh FAIR [MODEL...]      MODEL: built-in models (default: the small one of each plugin)
# env: PEERS_HOME  where Python packages are kept (default /tmp/peers)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
fair=$(readlink -f "$1"); shift
models=${*:-unet-segmentation-small resnet18-classification yolo11n-detection}
venv=${PEERS_HOME:-/tmp/peers}/pipelines
if [ ! -f "$venv/.done" ]; then
  python3 -m venv "$venv"
  "$venv/bin/pip" -q install 'zenml[local]==0.93.3' 'pytest==8.4.2'
  "$venv/bin/pip" -q install --no-deps fair-py-ops==0.3.19   # of which only the validator is read
  touch "$venv/.done"
fi
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
export FAIR=$fair ZENML_CONFIG_PATH=$work/config ZENML_LOCAL_STORES_PATH=$work/stores ZENML_ANALYTICS_OPT_IN=false ZENML_LOGGING_VERBOSITY=WARN \
  ZENML_ENABLE_RICH_TRACEBACK=false PYTHONDONTWRITEBYTECODE=1
cd "$work"
# shellcheck disable=SC2086 # several words
"$fair" plugins pipeline $models --out models
"$fair" demo --size 4 --minutes 0.01 --out town >demo.log 2>&1 || { tail -5 demo.log; exit 1; }
for folder in models/*/; do
  "$venv/bin/python" -m pytest -q -p no:cacheprovider "$folder/tests"
  "$venv/bin/python" "$here/run.py" "$folder" town
done
