#!/usr/bin/env bash
# Makes the Python environment of these comparisons in FOLDER and prints its python: Debian's torch and torchvision (toolchains/setup.sh check), and what
# they are compared with besides. What is there is left alone; a part that cannot be installed is named, and what needs it says so when it is run.
# usage: tests/parity/setup.sh FOLDER
set -euo pipefail
[ $# -eq 1 ] || { sed -n 's/^# usage: /usage: /p' "$0" >&2; exit 2; }
venv=$1
[ -x "$venv/bin/pip" ] || /usr/bin/python3 -m venv --system-site-packages "$venv"

install() { # NAME WORDS_FOR_PIP...
  local name=$1; shift
  [ ! -f "$venv/.$name" ] || return 0
  if "$venv/bin/pip" -q install --disable-pip-version-check "$@" >&2; then touch "$venv/.$name"; else echo "parity: $name cannot be installed; what needs it is left out" >&2; fi
}
# Debian's torch 1.13 wants a numpy before 2, and is what the others find: a newer one would bring gigabytes of CUDA.
install graphs 'numpy<2' 'onnx<1.18' onnxruntime
install catalogue 'pystac[validation]'
install validators --no-deps fair-py-ops==0.3.19  # only its validators are used: what the rest of it depends on is left out
install needs 'numpy<2' 'matplotlib<3.9' 'huggingface_hub<1.0' opencv-python-headless==4.10.0.84 psutil polars safetensors tqdm
install models --no-deps segmentation-models-pytorch==0.5.0 timm==1.0.19 ultralytics==8.4.190 ultralytics-thop
echo "$venv/bin/python"
