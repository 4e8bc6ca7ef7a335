#!/usr/bin/env bash
# An installed tree is whole: fair runs from where it lies, finds its libraries beside itself, and no private header came along.
# usage: check.sh PREFIX
set -euo pipefail
prefix=$(cd "$1" && pwd)
moved=$(mktemp -d); trap 'rm -rf "$moved"' EXIT
cp -r "$prefix/." "$moved/"
say() { echo "package: $*" >&2; exit 1; }
"$moved/bin/fair" --version >/dev/null || say "fair does not run after the tree was moved"
libraries=$(ldd "$moved/bin/fair")
[[ $libraries == *"libonnxruntime.so.1 => $moved"* ]] || say "fair does not find ONNX Runtime beside itself: $libraries"
[[ $libraries != *libtorch* ]] || say "fair opens LibTorch at start"
[ -n "$(find "$moved" -name libfair_train.so)" ] || say "libfair_train.so is missing"
private=$(find "$moved/include" -path '*/detail/*' -o -name gdal_session.h -o -path '*/cli/*')
[ -z "$private" ] || say "private headers were installed: $private"
[ -f "$(find "$moved" -name FairEdgeConfig.cmake)" ] || say "the config package is missing"
{ "$moved/bin/fair" --workspace "$moved/w" init && "$moved/bin/fair" --workspace "$moved/w" list; } >/dev/null || say "fair init or list fails in the installed tree"
"$moved/bin/fair" plugins new package_trial --in "$moved" >/dev/null || say "fair plugins new fails in the installed tree"
for file in sdk/runtime_symbols.json sdk/module_symbols.py template/template_plugin.cpp; do [ -f "$moved/share/fair-edge/$file" ] || say "share/fair-edge/$file is missing"; done
"$moved/bin/fair" demo --out "$moved/demo" --minutes 0.02 --size 4 >/dev/null 2>&1 || say "fair demo fails in the installed tree"
echo "package: whole"
