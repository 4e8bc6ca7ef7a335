#!/usr/bin/env bash
# Runs the suites that hold for local and production components alike against real servers on 127.0.0.1, and ends the servers that it started.
# usage: tests/peers/run.sh [BUILD] [NAME...]     BUILD: a built folder (default build); NAME: s3 stac-api mlflow zenml registry kube (default: all
#   but kube, which is built for 10 to 25 minutes when it is first started)
# env: PEERS       the folder of the servers' scripts, each NAME.sh start|stop|url (default ../shared/peers beside the checkout)
#      FAIR_KILLS  how often promotions are killed under way (20)
#      FAIR_PEER_SECONDS  how long a server may take to be installed and started (900)
#      PEERS_HOME  where they keep what they install (default /tmp/peers)
# A server that cannot be started is said to be left out; everything else must pass.
set -uo pipefail
cd "$(dirname "$0")/../.."
peers=${PEERS:-../shared/peers}
build=${1:-build}; [ $# -gt 0 ] && shift
wanted=${*:-s3 stac-api mlflow zenml registry}
export PEERS_HOME=${PEERS_HOME:-/tmp/peers} no_proxy=127.0.0.1
[ -d "$peers" ] || { echo "peers: no $peers: nothing to test against (PEERS names the folder)"; exit 0; }

started=(); left_out=()
finish() { for name in "${started[@]:-}"; do [ -z "$name" ] || "$peers/$name.sh" stop; done; }
trap finish EXIT
is_up() { curl -sk -o /dev/null --max-time 2 "$1"; }
install() { # what the head of NAME's script names, and what our side of it needs, where we may
  local packages; packages=$(sed -n 's/^# needs: apt-get install -y \([^;(]*\).*/\1/p' "$peers/$1.sh")
  [ "$1" != registry ] || packages+=" buildah"
  # shellcheck disable=SC2086 # several words
  [ -z "$packages" ] || dpkg -s $packages >/dev/null 2>&1 || { [ "$(id -u)" = 0 ] && apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $packages >/dev/null 2>&1; }
}
start() { # NAME: true where it runs; one that ran before is left running
  local url; url=$("$peers/$1.sh" url)
  if ! is_up "$url"; then
    install "$1" || { left_out+=("$1 (its Debian packages cannot be installed)"); return 1; }
    timeout "${FAIR_PEER_SECONDS:-900}" "$peers/$1.sh" start >"$PEERS_HOME/$1.start.log" 2>&1 || { left_out+=("$1 (see $PEERS_HOME/$1.start.log)"); return 1; }
    started+=("$1")
  fi
}
mkdir -p "$PEERS_HOME"

tests=()
for name in $wanted; do
  start "$name" || continue
  case $name in
    s3)
      export FAIR_TEST_S3 AWS_ACCESS_KEY_ID=${S3_ACCESS_KEY:-minioadmin} AWS_SECRET_ACCESS_KEY=${S3_SECRET_KEY:-minioadmin} FAIR_TEST_BUCKET=fair-test
      FAIR_TEST_S3=$("$peers/s3.sh" url)
      curl -s -o /dev/null -X PUT --aws-sigv4 aws:amz:us-east-1:s3 --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" "$FAIR_TEST_S3/$FAIR_TEST_BUCKET"
      tests+=(test_native_object_store) ;;
    stac-api)
      export FAIR_TEST_STAC
      FAIR_TEST_STAC=$("$peers/stac-api.sh" url)
      # Base models of an earlier run lie in its bucket, which this one may not read.
      for id in $(curl -s "$FAIR_TEST_STAC/collections/base-models/items?limit=1000" | python3 -c 'import json,sys; print(*[i["id"] for i in json.load(sys.stdin).get("features", [])])'); do
        curl -s -o /dev/null -X DELETE "$FAIR_TEST_STAC/collections/base-models/items/$id"
      done
      tests+=(test_native_catalogues) ;;
    mlflow)
      export FAIR_TEST_MLFLOW
      FAIR_TEST_MLFLOW=$("$peers/mlflow.sh" url)
      tests+=(test_native_track) ;;
    zenml)
      export FAIR_TEST_ZENML FAIR_TEST_ZENML_PASSWORD=${ZENML_PASSWORD:-Fair-test-2024}
      FAIR_TEST_ZENML=$("$peers/zenml.sh" url)
      tests+=(test_native_versions) ;;
    registry)
      export FAIR_TEST_REGISTRY
      FAIR_TEST_REGISTRY=$("$peers/registry.sh" url); FAIR_TEST_REGISTRY=${FAIR_TEST_REGISTRY#http://} ;;
    kube)
      export FAIR_TEST_KUBECONFIG=$PEERS_HOME/kube/kubeconfig
      tests+=(test_native_cluster) ;;
    *) echo "peers: no tests for $name; there are tests for: s3 stac-api mlflow zenml registry kube" >&2; exit 2 ;;
  esac
done
[ ${#left_out[@]} -eq 0 ] || printf 'peers: left out, it does not start: %s\n' "${left_out[@]}"
status=0
# What waits for a server or a pod that is gone would never end: every part has its time, and is ended with all that it started.
within() { timeout -k 30 "$@" || status=1; }
if [ -n "${FAIR_TEST_S3:-}" ] && [ -n "${FAIR_TEST_STAC:-}" ]; then
  # What others use to read such a catalogue.
  venv=$PEERS_HOME/clients
  [ -x "$venv/bin/python" ] || { python3 -m venv "$venv" && "$venv/bin/pip" -q install pystac-client; } && export FAIR_TEST_PYTHON=$venv/bin/python
  within 900 tests/peers/loop.sh "$build/native/cli/fair"
  if [ -n "${FAIR_TEST_ZENML:-}" ]; then PEERS=$peers within $((600 + 30 * ${FAIR_KILLS:-20})) python3 tests/peers/kills.py "$build/native/cli/fair" "${FAIR_KILLS:-20}"; fi
fi
if [ -n "${FAIR_TEST_ZENML:-}" ]; then within 900 tests/peers/pipelines/run.sh "$build/native/cli/fair"; fi
if [ -n "${FAIR_TEST_REGISTRY:-}" ]; then within 1800 tests/peers/image.sh "$build/native/cli/fair"; fi
if [ -n "${FAIR_TEST_S3:-}" ] && [ -n "${FAIR_TEST_KUBECONFIG:-}" ]; then within 1200 tests/peers/cluster.sh "$build/native/cli/fair"; fi
[ ${#tests[@]} -gt 0 ] || exit $status
ctest --test-dir "$build" --timeout 600 --output-on-failure -R "^($(IFS='|'; echo "${tests[*]}"))\$" || status=1
exit $status
