#!/usr/bin/env bash
# schemathesis against `fair serve`: requests made up from its own OpenAPI document, right and wrong ones. None may be answered with 5xx, and every answer
# must be as the document says.
# usage: tests/peers/openapi.sh FAIR [EXAMPLES]     FAIR: the program; EXAMPLES: for each operation (30)
# env: PEERS_HOME  where schemathesis is installed (default /tmp/peers)
set -euo pipefail
fair=$(realpath "$1") examples=${2:-30}
home=${PEERS_HOME:-/tmp/peers}
venv=$home/schemathesis
[ -x "$venv/bin/schemathesis" ] || { mkdir -p "$home" && python3 -m venv "$venv" && "$venv/bin/pip" -q install 'schemathesis>=4,<5'; }

scratch=$(mktemp -d); server=
finish() { [ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true; rm -rf "$scratch"; }
trap finish EXIT
cd "$scratch"
"$fair" init --empty >/dev/null
"$fair" register plugin:unet-segmentation-small >/dev/null
FAIR_SERVE_TOKEN=schemathesis "$fair" serve --port 0 --json >said.json 2>requests.log &
server=$!
for _ in $(seq 100); do [ -s said.json ] && break; sleep 0.1; done
url=$(sed -n 's/.*"url": *"\([^"]*\)".*/\1/p' said.json)
status=0
"$venv/bin/schemathesis" run "$url/openapi.json" --header 'Authorization: Bearer schemathesis' --max-examples "$examples" --mode all --seed 1 --no-color \
  --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance >report.txt 2>&1 || status=$?
tail -n 60 report.txt
# Counted by the server itself, too.
fives=$(grep -c '"status":5' requests.log || true)
curl -s -o /dev/null --fail --max-time 5 "$url/health" || { echo "openapi: the server is dead" >&2; status=1; }
echo "openapi: $(wc -l <requests.log) requests, $fives answered with 5xx"
[ "$fives" = 0 ] && exit $status
exit 1
