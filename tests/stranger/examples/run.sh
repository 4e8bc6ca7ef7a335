#!/usr/bin/env bash
# Three plugins as outsiders would write them, built outside this project against the installed package in every form, checked, trained on made-up
# ground where its labels can be had, and drawn.
# usage: run.sh PREFIX [FOLDER [MINUTES]]     leaves roads.png and trees.png in FOLDER
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd); prefix=$(cd "$1" && pwd)
folder=${2:-$(mktemp -d)}; mkdir -p "$folder"; folder=$(cd "$folder" && pwd); minutes=${3:-1}
[ $# -gt 1 ] || trap 'rm -rf "$folder"' EXIT
fair=$prefix/bin/fair
export XDG_DATA_HOME=$folder/data
say() { echo "examples: $*" >&2; exit 1; }

build() { # NAME
  cp "$here/$1/$1.cpp" "$folder/$1/$1.cpp"
  rm -f "$folder/$1"/tests/*.cpp; sed -i 's/)$/)/; /TESTS/d; s/\(ITEMS .*\.json\)$/\1)/' "$folder/$1/CMakeLists.txt"
  (cd "$folder/$1" && cmake -B build -DCMAKE_PREFIX_PATH="$prefix" && cmake --build build && emcmake cmake -B build-wasm -DCMAKE_PREFIX_PATH="$prefix" &&
    cmake --build build-wasm) >"$folder/$1.log" 2>&1 || { tail -20 "$folder/$1.log"; say "$1 does not build"; }
  (cd "$folder/$1" && "$fair" plugins check . "${schemas[@]}") >"$folder/$1.check" 2>"$folder/$1.check.log" || { cat "$folder/$1.check"; say "$1 is at fault"; }
  cat "$folder/$1.check"
  ! grep -q '  skipped ' "$folder/$1.check" || say "parts of the check of $1 were skipped"
  "$fair" plugins install "$folder/$1/build/fair-plugins/$1"
}
learn() { # NAME TASK CLASS GEOMETRY
  /usr/bin/python3 "$here/made_up.py" "$1" "$folder/ground-$1"
  export FAIR_WORKSPACE=$folder/workspace-$1
  "$fair" init --empty && "$fair" register "$folder/$1/model/$1.json"
  "$fair" dataset make --task "$2" --chips "$folder/ground-$1/chips" --labels "$folder/ground-$1/labels.geojson" --id "ground-$1" --class "$3" --out "$folder/set-$1"
  sed -i "s/\"polygon\"/\"$4\"/" "$folder/set-$1/ground-$1.json"
  "$fair" register "$folder/set-$1/ground-$1.json"
  "$fair" finetune --base "$1" --dataset "ground-$1" --name "made-up-$1" --max-minutes "$minutes" --device cpu 2>"$folder/$1.train.log" || { tail -5 "$folder/$1.train.log"; say "$1 does not train"; }
  "$fair" promote "made-up-$1" 1
  "$fair" predict --model "made-up-$1" --images "$folder/ground-$1/chips" --out "$folder/$1.geojson" 2>/dev/null
  "$fair" evaluate --model "made-up-$1" --dataset "ground-$1" --split val --picture "$folder/$1.png" 2>/dev/null
  grep -q "\"$5\"" "$folder/$1.geojson" || say "$1 puts no $5 on the map"
}
schemas=(--offline); [ -d "$here/../../../../shared/schemas" ] && schemas=(--schemas "$here/../../../../shared/schemas")

cd "$folder"; rm -rf data roads trees land_cover workspace-* set-*
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
learn roads segmentation road line LineString
learn trees detection tree point Point
echo "examples: all three built, checked and installed; roads and trees learnt"
