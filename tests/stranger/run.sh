#!/usr/bin/env bash
# A stranger's afternoon: the guide of plugins/README.md typed line by line against an installed package and nothing else of this project, then the
# plugin it made used natively and in Chromium with equal features. Prints its wall time.
# usage: run.sh PREFIX [FOLDER]     PREFIX: where the package is installed (both builds: cmake --install build, cmake --install build-wasm)
# Needs Emscripten and node in the path; Chromium and the package's test tools (npm ci in wasm/package) for the last part.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd); root=$(cd "$here/../.." && pwd)
prefix=$(cd "$1" && pwd); folder=${2:-$(mktemp -d)}; mkdir -p "$folder"; folder=$(cd "$folder" && pwd)
[ $# -gt 1 ] || trap 'rm -rf "$folder"' EXIT
begin=$SECONDS
say() { echo "stranger: $*" >&2; exit 1; }
command -v emcmake >/dev/null || say "no Emscripten in the path (apt: emscripten)"
node=$(command -v node || command -v nodejs) || say "no node in the path"
# Nothing of this checkout is in the stranger's surroundings.
clean() { env -i HOME="$HOME" PATH="$prefix/bin:$(dirname "$node"):/usr/bin:/bin" XDG_DATA_HOME="$folder/data" XDG_CACHE_HOME="$folder/cache" \
  EM_CACHE="${EM_CACHE:-}" FAIR_PREFIX="$prefix" LANG=C.UTF-8 "$@"; }
[ -n "${EM_CACHE:-}" ] || clean() { env -i HOME="$HOME" PATH="$prefix/bin:$(dirname "$node"):/usr/bin:/bin" XDG_DATA_HOME="$folder/data" \
  XDG_CACHE_HOME="$folder/cache" FAIR_PREFIX="$prefix" LANG=C.UTF-8 "$@"; }

# Every block of shell commands in the guide, up to the last numbered section.
awk '/^ *```sh$/ { inside = 1; next } /^ *```$/ { inside = 0; next } inside { sub(/^ +/, ""); print }' "$root/plugins/README.md" >"$folder/guide.sh"
[ "$(wc -l <"$folder/guide.sh")" -ge 20 ] || say "the guide has hardly any commands: $(cat "$folder/guide.sh")"
echo "stranger: $(wc -l <"$folder/guide.sh") lines of the guide"
(cd "$folder" && clean bash -euo pipefail -x guide.sh >guide.log 2>&1) || { tail -40 "$folder/guide.log"; say "the guide stopped at $((SECONDS - begin)) s"; }
grep -E '^ +(ok|skipped|fault) ' "$folder/guide.log"
! grep -E '^ +skipped ' "$folder/guide.log" || say "parts of plugins check were skipped"
[ -s "$folder/my_buildings/found.geojson" ] || say "no features were predicted"
echo "stranger: the guide took $((SECONDS - begin)) s"
# What drives Chromium wants a newer node than Debian 12's, which is enough for all the rest.
"${FAIR_TEST_NODE:-$node}" "$here/browser.mjs" "$folder" "$prefix"
echo "stranger: all of it took $((SECONDS - begin)) s"
