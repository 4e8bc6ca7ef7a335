"""ResNet18 against torchvision's: the same random weights give the same outputs, and one training step the same loss and gradients, with one logit and
weighted binary cross-entropy, and with four and weighted cross-entropy. Fails where outputs differ by more than 1e-4, or a loss or one of five tensors'
gradients by more than 1e-3 of it.

    tests/parity/classification_step.py build/tests/parity/models/parity_models

Needs Python with torch, torchvision, onnx and onnxruntime; nothing is downloaded."""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import numpy_helper
from torchvision.models import resnet18

LIMIT, OUTPUT_LIMIT = 1e-3, 1e-4
NAMES = ['conv1.weight', 'layer1.0.bn2.weight', 'layer2.0.downsample.0.weight', 'layer4.1.conv2.weight', 'fc.bias']
SIDE, BATCH = 128, 8


def lay_in(path, state):
    """Puts every tensor of the state into the graph's initializer of that name; their names and shapes must be the same."""
    model = onnx.load(path)
    held = {t.name for t in model.graph.initializer}
    wanted = {k for k in state if not k.endswith('num_batches_tracked')}
    assert held == wanted, f'other names: {sorted(held ^ wanted)}'
    for tensor in model.graph.initializer:
        value = state[tensor.name].detach().float().numpy()
        assert list(value.shape) == list(tensor.dims), tensor.name
        tensor.CopyFrom(numpy_helper.from_array(value, tensor.name))
    onnx.save(model, path)


def compare(tool, folder, logits, counts):
    network = resnet18(weights=None, num_classes=logits)
    generator = torch.Generator().manual_seed(11)
    with torch.no_grad():  # away from zeros and ones, so that nothing is equal by accident
        for p in network.parameters():
            p.add_(torch.randn(p.shape, generator=generator) * 0.02)
        for name, b in network.named_buffers():
            if name.endswith('running_mean'):
                b.copy_(torch.randn(b.shape, generator=generator) * 0.1)
            elif name.endswith('running_var'):
                b.copy_(torch.rand(b.shape, generator=generator) + 0.5)
    model = folder / f'model{logits}.onnx'
    subprocess.run([tool, 'classification', 'graph', model, str(logits)], check=True)
    lay_in(model, network.state_dict())

    worst_output = 0.0
    network.eval()
    session = onnxruntime.InferenceSession(model, providers=['CPUExecutionProvider'])
    for side in (224, 256):
        pixels = torch.rand(2, 3, side, side, generator=generator)
        with torch.no_grad():
            wanted = network(pixels).numpy()
        difference = float(np.abs(session.run(None, {session.get_inputs()[0].name: pixels.numpy()})[0] - wanted).max())
        worst_output = max(worst_output, difference)
        print(f'{logits} logits, {side} pixels: outputs differ by at most {difference:.1e} of {np.abs(wanted).max():.2f}')

    pixels = torch.rand(BATCH, 3, SIDE, SIDE, generator=generator)
    labels = torch.tensor([sum(([c] * n for c, n in enumerate(counts)), [])]).ravel()
    np.save(folder / 'pixels.npy', pixels.numpy())
    np.save(folder / 'labels.npy', labels.float().numpy())
    ours = json.loads(subprocess.run([tool, 'classification', 'step', model, folder / 'pixels.npy', folder / 'labels.npy', folder,
                                      ','.join(map(str, counts)), *NAMES], check=True, stdout=subprocess.PIPE).stdout)

    # In float64 on both sides, from the same float32 weights.
    network = network.double().train()
    if logits == 1:
        measure = torch.nn.BCEWithLogitsLoss(pos_weight=torch.tensor([counts[0] / sum(counts[1:])], dtype=torch.float64))
        loss = measure(network(pixels.double()).squeeze(1), labels.double())
    else:
        weights = torch.tensor([sum(counts) / (len(counts) * n) for n in counts], dtype=torch.float64)
        loss = torch.nn.CrossEntropyLoss(weight=weights)(network(pixels.double()), labels)
    loss.backward()
    worst = abs(ours['loss'] - loss.item()) / abs(loss.item())
    print(f'{"loss":32} {ours["loss"]:12.6f} {loss.item():12.6f}  {worst:.1e}')
    assert ours['parameters'] == len(list(network.parameters()))
    by_name = dict(network.named_parameters())
    for name in NAMES:
        value, wanted = np.fromfile(folder / (name + '.f64'), np.float64), by_name[name].grad.numpy().ravel()
        assert np.linalg.norm(wanted) > 0, name
        difference = float(np.linalg.norm(value - wanted) / np.linalg.norm(wanted))
        worst = max(worst, difference)
        print(f'{name:32} {np.linalg.norm(value):12.6f} {np.linalg.norm(wanted):12.6f}  {difference:.1e}')
    return worst, worst_output


def main():
    torch.manual_seed(7)
    torch.set_num_threads(2)
    results = []
    with tempfile.TemporaryDirectory() as folder:
        results.append(compare(sys.argv[1], Path(folder), 1, [6, 2]))
        results.append(compare(sys.argv[1], Path(folder), 4, [3, 1, 2, 2]))
    worst, output = max(r[0] for r in results), max(r[1] for r in results)
    print(f'largest relative difference of a step {worst:.1e}, at most {LIMIT:.0e} allowed; of outputs {output:.1e}, at most {OUTPUT_LIMIT:.0e}')
    return 0 if worst <= LIMIT and output <= OUTPUT_LIMIT else 1


if __name__ == '__main__':
    sys.exit(main())
