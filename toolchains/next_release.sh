# What Debian 12 lacks, from the next release's packages, unpacked beside the system and not into it. To be sourced.

# from_next_release FOLDER PACKAGE...
from_next_release() {
  local folder=$1 work uri deb; shift
  work=$(mktemp -d); chmod 755 "$work"
  mkdir -p "$work"/{lists/partial,cache/archives/partial,out} "$folder"
  uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | grep -vE 'security|nodesource|cloud' | sed -n 1p)
  [ -n "$uri" ] || { echo "setup: apt names no Debian mirror; expected one in /etc/apt/sources.list*; run apt-get update" >&2; return 1; }
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri trixie main" >"$work/next.list"
  local opts=(-o "Dir::Etc::sourcelist=$work/next.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work/cache"
              -o Dir::State::status=/dev/null -o APT::Sandbox::User=root)
  apt-get "${opts[@]}" -qq update
  (cd "$work/out" && apt-get "${opts[@]}" -qq download "$@")
  for deb in "$work"/out/*.deb; do dpkg -x "$deb" "$folder"; done
  rm -rf "$work"
}
