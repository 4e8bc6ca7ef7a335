"""A trained .pt opens in Python's torch with weights_only=True and holds what the ONNX file beside it holds.
usage: train_weights.py CHECKPOINT.pt [MODEL.onnx]     the second part needs the Python packages onnx and numpy"""
import sys

import torch

state = torch.load(sys.argv[1], weights_only=True)
assert len(state) > 0 and all(isinstance(v, torch.Tensor) and v.dtype == torch.float32 for v in state.values())
print(f"torch {torch.__version__}: {len(state)} tensors, {sum(v.numel() for v in state.values())} values")
if len(sys.argv) > 2:
    import onnx
    from onnx import numpy_helper

    held = {t.name: numpy_helper.to_array(t) for t in onnx.load(sys.argv[2]).graph.initializer}
    for name, value in state.items():
        assert name in held and (held[name] == value.numpy()).all(), f"{name} differs"
    print("the same values as in", sys.argv[2])
