#!/usr/bin/env bash
# The stranger's afternoon on an empty machine: a Debian 12 root made by debootstrap gets our two packages, a compiler and Emscripten, and the guide is
# typed there (run.sh). Prints the minutes of installing and of the afternoon. Needs root and debootstrap.
# usage: clean_root.sh ROOT FAIR-EDGE.deb FAIR-EDGE-WEB.deb      ROOT is made where it is missing, and kept
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd); source=$(cd "$here/../.." && pwd)
root=$1; shift
say() { echo "clean root: $*" >&2; exit 1; }
[ "$(id -u)" = 0 ] && command -v debootstrap >/dev/null || say "needs root and debootstrap"
[ -d "$source/wasm/package/node_modules/playwright-core" ] || say "needs the package's test tools to drive Chromium: npm ci in wasm/package"
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -1)
if [ ! -f "$root/.made" ]; then
  debootstrap --variant=minbase --include=ca-certificates bookworm "$root" "$mirror" >"$root.debootstrap.log" 2>&1 || say "debootstrap failed: $root.debootstrap.log"
  cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"; cp /etc/resolv.conf "$root/etc/"
  cp -r /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/"
  echo "deb $mirror bookworm main" >"$root/etc/apt/sources.list"
  echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/container"  # as container images have it
  touch "$root/.made"
fi
# Of this project only what types the guide and drives the browser.
rm -rf "$root/src" && mkdir -p "$root/src/project/plugins" "$root/src/project/wasm/package" "$root/src/project/tests"
cp "$@" "$root/src/"
cp "$source/plugins/README.md" "$root/src/project/plugins/"
mkdir -p "$root/src/project/plugins/unet_segmentation" && cp -r "$source/plugins/unet_segmentation/items" "$root/src/project/plugins/unet_segmentation/"
cp -r "$here" "$root/src/project/tests/"
cp -r "$source/wasm/package/tests" "$source/wasm/package/package.json" "$root/src/project/wasm/package/"
mkdir "$root/src/project/wasm/package/node_modules"
cp -r "$source/wasm/package/node_modules/playwright-core" "$root/src/project/wasm/package/node_modules/"
cp "$(readlink -f "$("$source/toolchains/setup.sh" --node)/node")" "$root/src/node"
for m in proc sys dev; do mountpoint -q "$root/$m" || mount --rbind "/$m" "$root/$m"; done
trap 'for m in proc sys dev; do umount -lR "$root/$m" 2>/dev/null || true; done' EXIT
inside() { chroot "$root" /usr/bin/env -i HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  CURL_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt bash -euo pipefail -c "$*"; }
begin=$SECONDS
inside 'apt-get update && apt-get install -y --no-install-recommends /src/*.deb g++ cmake make emscripten nodejs chromium' >"$root.install.log" 2>&1 ||
  { tail -5 "$root.install.log"; say "the packages cannot be installed"; }
echo "clean root: packages, compilers, Emscripten and Chromium are installed after $((SECONDS - begin)) s"
inside 'FAIR_TEST_NODE=/src/node /src/project/tests/stranger/run.sh /usr'
echo "clean root: all of it took $((SECONDS - begin)) s"
