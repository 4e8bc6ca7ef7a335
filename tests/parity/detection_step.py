"""One training step of YOLO11n against ultralytics: same random weights, same batch. Prints the loss's parts and the gradients of five tensors, and
fails where any differs by more than 1e-3 of it.

    tests/parity/detection_step.py build/tests/parity/models/parity_models

Needs Python with torch, onnx and ultralytics (only its public interface is used; nothing is downloaded)."""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from ultralytics import YOLO
from ultralytics.cfg import get_cfg

LIMIT = 1e-3
SIDE, BATCH = 256, 4
NAMES = ['model.0.conv.weight', 'model.6.m.0.m.1.cv2.bn.weight', 'model.10.m.0.attn.qkv.conv.weight', 'model.23.cv2.0.2.weight',
         'model.23.cv3.0.2.bias']


def batch(generator):
    """Noise with bright rectangles, and the rectangles."""
    pixels = torch.rand(BATCH, 3, SIDE, SIDE, generator=generator) * 0.3
    rows = []
    for b in range(BATCH):
        for _ in range(int(torch.randint(3, 12, (), generator=generator))):
            w, h = (torch.rand(2, generator=generator) * 150 + 18).tolist()
            x, y = (torch.rand(2, generator=generator) * (SIDE - 170)).tolist()
            pixels[b, :, int(y):int(y + h), int(x):int(x + w)] += 0.6
            rows.append([b, 0, x, y, x + w, y + h])
    return pixels.clamp(0, 1), torch.tensor(rows)


def lay_in(path, state):
    model = onnx.load(path)
    laid = set()
    for tensor in model.graph.initializer:
        if tensor.name in state:
            value = state[tensor.name].detach().float().numpy()
            assert list(value.shape) == list(tensor.dims), tensor.name
            tensor.CopyFrom(numpy_helper.from_array(value, tensor.name))
            laid.add(tensor.name)
    missing = [k for k in state if k not in laid and not k.endswith('num_batches_tracked')]
    assert not missing, missing
    onnx.save(model, path)


def main():
    tool = sys.argv[1]
    torch.manual_seed(7)
    torch.set_num_threads(2)
    theirs = YOLO('yolo11n.yaml', task='detect')
    network = theirs.model if theirs.model.model[-1].nc == 1 else type(theirs.model)('yolo11n.yaml', nc=1, verbose=False)
    network.args = get_cfg()
    network.train()
    generator = torch.Generator().manual_seed(11)
    for p in network.parameters():  # away from zeros and ones, so that nothing is equal by accident
        with torch.no_grad():
            p.add_(torch.randn(p.shape, generator=generator) * 0.02)
    pixels, rows = batch(generator)

    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        model = folder / 'model.onnx'
        subprocess.run([tool, 'detection', 'graph', model], check=True)
        lay_in(model, network.state_dict())
        np.save(folder / 'pixels.npy', pixels.numpy())
        np.save(folder / 'targets.npy', rows.numpy())
        ours = json.loads(subprocess.run([tool, 'detection', 'step', model, folder / 'pixels.npy', folder / 'targets.npy', folder, *NAMES],
                                         check=True, stdout=subprocess.PIPE).stdout)
        gradients = {name: np.fromfile(folder / (name + '.f64'), np.float64) for name in NAMES}

    # In float64 on both sides, from the same float32 weights: what differs is not the rounding.
    network.double()
    torch.set_default_dtype(torch.float64)
    pixels, rows = pixels.double(), rows.double()
    centre_and_extent = torch.stack([(rows[:, 2] + rows[:, 4]) / 2, (rows[:, 3] + rows[:, 5]) / 2, rows[:, 4] - rows[:, 2], rows[:, 5] - rows[:, 3]], 1)
    loss, parts = network({'img': pixels, 'batch_idx': rows[:, 0], 'cls': rows[:, 1:2], 'bboxes': centre_and_extent / SIDE})
    (loss.sum() / BATCH).backward()  # theirs is multiplied by the batch's size
    worst = 0.0
    for name, value, wanted in zip(('box', 'classes', 'distribution'), (ours['box'], ours['classes'], ours['distribution']), [float(v) for v in (parts.values() if isinstance(parts, dict) else parts)]):
        difference = abs(value - wanted) / abs(wanted)
        worst = max(worst, difference)
        print(f'{name:40} {value:12.6f} {wanted:12.6f}  {difference:.1e}')
    by_name = dict(network.named_parameters())
    for name, value in gradients.items():
        wanted = by_name[name].grad.detach().numpy().ravel()
        difference = float(np.linalg.norm(value - wanted) / np.linalg.norm(wanted))
        assert np.linalg.norm(wanted) > 0, name
        worst = max(worst, difference)
        print(f'{name:40} {np.linalg.norm(value):12.6f} {np.linalg.norm(wanted):12.6f}  {difference:.1e}')
    print(f'largest relative difference {worst:.1e}, at most {LIMIT:.0e} allowed')
    return 0 if worst <= LIMIT else 1


if __name__ == '__main__':
    sys.exit(main())
