#!/usr/bin/env bash
# Three plugins as outsiders would write them, built outside this project against the installed package in every form, checked, trained on made-up
# ground, evaluated, and shown on the demo map.
# usage: run.sh PREFIX [FOLDER [EPOCHS]]     leaves NAME.png and NAME_map.png in FOLDER; EPOCHS (6): of 200 samples each
# Needs what ../run.sh needs.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd); prefix=$(cd "$1" && pwd)
folder=${2:-$(mktemp -d)}; mkdir -p "$folder"; folder=$(cd "$folder" && pwd); epochs=${3:-6}
[ $# -gt 1 ] || trap 'rm -rf "$folder"' EXIT
begin=$SECONDS
fair=$prefix/bin/fair
export XDG_DATA_HOME=$folder/data
say() { echo "examples: $*" >&2; exit 1; }
command -v emcmake >/dev/null || say "no Emscripten in the path (apt: emscripten)"
node=$(command -v node || command -v nodejs) || say "no node in the path"

build() { # NAME
  cp "$here/$1/$1.cpp" "$folder/$1/$1.cpp"
  (cd "$folder/$1" && cmake -B build -DCMAKE_PREFIX_PATH="$prefix" && cmake --build build && ctest --test-dir build --output-on-failure &&
    emcmake cmake -B build-wasm -DCMAKE_PREFIX_PATH="$prefix" && cmake --build build-wasm && ctest --test-dir build-wasm --output-on-failure) \
    >"$folder/$1.log" 2>&1 || { tail -20 "$folder/$1.log"; say "$1 does not build"; }
  (cd "$folder/$1" && "$fair" plugins check . "${schemas[@]}") >"$folder/$1.check" 2>"$folder/$1.check.log" || { cat "$folder/$1.check"; say "$1 is at fault"; }
  cat "$folder/$1.check"
  ! grep -q '  skipped ' "$folder/$1.check" || say "parts of the check of $1 were skipped"
  "$fair" plugins install "$folder/$1/build/fair-plugins/$1"
}
learn() { # NAME MODEL TASK GEOMETRY METRIC LEAST DATASET-OPTIONS…
  local name=$1 model=$2 task=$3 geometry=$4 metric=$5 least=$6; shift 6
  /usr/bin/python3 "$here/made_up.py" "$name" "$folder/ground-$name"
  export FAIR_WORKSPACE=$folder/workspace-$name
  "$fair" init --empty --asset-base "http://127.0.0.1:$port/artifacts" && "$fair" register "$folder/$name/model/$model.json"
  "$fair" dataset make --task "$task" --chips "$folder/ground-$name/chips" --labels "$folder/ground-$name/labels.geojson" --id "ground-$model" \
    --out "$folder/set-$name" --register "$@"
  "$fair" compat "$model" "ground-$model"
  # One thread: where processors are shared, such small networks wait for their second one longer than it helps.
  "$fair" finetune --base "$model" --dataset "ground-$model" --name "made-up-$model" --set epochs="$epochs" --max-minutes 5 --device cpu --threads 1 2>"$folder/$name.train.log" ||
    { tail -5 "$folder/$name.train.log"; say "$name does not train"; }
  "$fair" promote "made-up-$model" 1
  "$fair" predict --model "made-up-$model" --images "$folder/ground-$name/chips" --out "$folder/$name.geojson" 2>/dev/null
  "$fair" evaluate --model "made-up-$model" --dataset "ground-$model" --split val --picture "$folder/$name.png" --json 2>/dev/null >"$folder/$name.judged.json"
  /usr/bin/python3 - "$folder/$name.judged.json" "$metric" "$least" <<'PY' || say "$name has learnt too little"
import json, sys
judged = json.load(open(sys.argv[1]))
print("examples:", sys.argv[1].split("/")[-1].split(".")[0], "learnt:", {k: v for k, v in judged.items() if k in ("fair:mean_iou", "fair:per_class_iou", "fair:map50")})
sys.exit(judged[sys.argv[2]] < float(sys.argv[3]))
PY
  grep -q "\"$geometry\"" "$folder/$name.geojson" || say "$name puts no $geometry on the map"
  "$node" "$here/map.mjs" "$prefix" "$folder" "$name" "$geometry" "$port"
}
# Items name their files by the address they are served at.
port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
schemas=(--offline); [ -d "$here/../../../../shared/schemas" ] && schemas=(--schemas "$here/../../../../shared/schemas")

cd "$folder"; rm -rf data roads trees land_cover workspace-* set-* ground-*
"$fair" plugins new roads --task segmentation --classes background,road --feature road --geometry line >/dev/null
"$fair" plugins new trees --task detection --classes tree --feature tree --geometry point >/dev/null
"$fair" plugins new land_cover --task segmentation --classes other,water,tree,road,building,landuse --feature landuse >/dev/null
/usr/bin/python3 - land_cover/model/land-cover.json <<'PY'
import json, sys
item = json.load(open(sys.argv[1]))
colours = ["BBBBBB", "2A6FDB", "2E7D32", "757575", "E8743B", "E3C565"]
for one, colour in zip(item["properties"]["mlm:output"][0]["classification:classes"], colours):
    one["color_hint"] = colour
json.dump(item, open(sys.argv[1], "w"), indent=2)
PY
for name in roads trees land_cover; do build $name; done
echo "examples: built in three forms, checked and installed at $((SECONDS - begin)) s"
learn roads roads segmentation LineString fair:mean_iou 0.7 --class road --geometry line
learn trees trees detection Point fair:map50 0.5 --class tree --geometry point
learn land_cover land-cover segmentation Polygon fair:mean_iou 0.4 --class landuse --classes other,water,tree,road,building,landuse --class-from kind
echo "examples: all three learnt, and shown on the map; $((SECONDS - begin)) s"
