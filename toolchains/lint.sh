#!/usr/bin/env bash
# clang-tidy over core and plugins, or over what is named; as many files as fit into the time given.
# usage: toolchains/lint.sh BUILD [SECONDS=720] [PATTERN...]     BUILD: a configured build folder (for its compile_commands.json);
#        PATTERN: as git ls-files takes them, e.g. 'native/*.cpp' ':!native/train' (half an hour on 2 cores; LibTorch's headers
#        are not C++ that clang reads)
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1 limit=${2:-720}
patterns=("${@:3}"); [ ${#patterns[@]} -gt 0 ] || patterns=('core/*.cpp' 'plugins/*.cpp')
[ -f "$build/compile_commands.json" ] || { echo "lint: $build holds no compile_commands.json; run make configure first" >&2; exit 2; }
# What this build does not compile has no flags to be read with.
mapfile -t files < <(git ls-files "${patterns[@]}" | while read -r file; do ! grep -qF "\"file\": \"$PWD/$file\"" "$build/compile_commands.json" || echo "$file"; done)
out=$(mktemp -d); trap 'rm -rf "$out"' EXIT
# GCC's precompiled headers and its own options are not clang's: each file is read with what it includes itself.
sed 's/ -Winvalid-pch//; s/ -include [^ ]*cmake_pch\.hxx//; s/ --param ggc-[^ ]*//' "$build/compile_commands.json" >"$out/compile_commands.json"
# Each file has its own log, so that several at a time do not mix theirs; timeout's 124 says that the time was up.
check() { # FILE
  local log=$out/${1//\//_} left=$(( deadline - $(date +%s) )) status=0
  if [ "$left" -gt 0 ]; then timeout "$left" clang-tidy-16 --quiet -p "$out" "$1" >"$log" 2>/dev/null || status=$?; else status=124; fi
  case $status in
    0) ;;
    124) touch "$log.late" ;;
    *) cat "$log"; touch "$log.bad" ;;
  esac
}
deadline=$(( $(date +%s) + limit ))
export -f check; export out deadline
printf '%s\0' "${files[@]}" | xargs -0 -n1 -P"$(nproc)" bash -c 'check "$1"' _
bad=$(find "$out" -name '*.bad' | wc -l) late=$(find "$out" -name '*.late' | wc -l)
echo "lint: ${#files[@]} files, $bad with findings, $late not reached in $limit s"
[ "$bad" = 0 ]
