#!/usr/bin/env bash
# Makes the Python environment of these comparisons in FOLDER and prints its python: Debian's torch and torchvision (toolchains/setup.sh check), and what
# they are compared with besides. What is there is left alone.
# usage: tests/parity/setup.sh FOLDER
set -euo pipefail
[ $# -eq 1 ] || { sed -n 's/^# usage: /usage: /p' "$0" >&2; exit 2; }
venv=$1
[ -x "$venv/bin/pip" ] || /usr/bin/python3 -m venv --system-site-packages "$venv"

install() { # NAME WORDS_FOR_PIP...
  local name=$1; shift
  [ -f "$venv/.$name" ] || { "$venv/bin/pip" -q install --disable-pip-version-check "$@" >&2 && touch "$venv/.$name"; }
}
# Debian's torch 1.13 wants a numpy before 2, and is what the others find: a newer one would bring gigabytes of CUDA.
install graphs numpy==1.26.4 onnx==1.17.0 onnxruntime==1.32.0
install catalogue 'pystac[validation]==1.15.2'
install needs numpy==1.26.4 matplotlib==3.8.4 huggingface_hub==0.36.2 opencv-python-headless==4.10.0.84 polars==2.1.0 psutil==5.9.4 safetensors==0.8.0 tqdm==4.70.1
install models --no-deps segmentation-models-pytorch==0.5.0 timm==1.0.19 ultralytics==8.4.190 ultralytics-thop==2.2.3
# Only its validators are used: what the rest of it depends on is left out.
install validators --no-deps fair-py-ops==0.3.19 || echo "parity: fair-py-ops cannot be installed; its validators are left out" >&2
echo "$venv/bin/python"
