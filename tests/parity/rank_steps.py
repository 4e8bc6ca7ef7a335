"""Twenty training steps of a small segmentation network by four ranks, against PyTorch's DistributedDataParallel with four Gloo processes: the same weights and batches, each
rank its own samples. Batch statistics of each rank's own, shared (SyncBatchNorm), and frozen; frozen also against one rank. In float64 losses are within
1e-9 of each other, in float32 within 1e-4 for four steps and 2e-3 to the end.

    tests/parity/rank_steps.py build/tests/parity/models/parity_models

Needs Python with torch (with Gloo) and numpy; nothing is downloaded."""
import json
import os
import socket
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import torch

STEPS, RANKS, BATCH, SIDE, CLASSES, RATE = 20, 4, 8, 32, 3, 0.02
WIDE_LIMIT, EARLY_LIMIT, LATE_LIMIT, EARLY = 1e-9, 1e-4, 2e-3, 4


class Network(torch.nn.Module):
    """Down, up, a skip: every layer that a U-Net has, with batch statistics over many pixels."""

    def __init__(self):
        super().__init__()

        def block(inputs, outputs, stride=1):
            return torch.nn.Sequential(torch.nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), torch.nn.BatchNorm2d(outputs), torch.nn.ReLU())
        self.first, self.down, self.deep = block(3, 16), block(16, 32, 2), block(32, 32)
        self.up, self.join, self.head = torch.nn.Upsample(scale_factor=2), block(48, 16), torch.nn.Conv2d(16, CLASSES, 1)

    def forward(self, x):
        skip = self.first(x)
        return self.head(self.join(torch.cat([skip, self.up(self.deep(self.down(skip)))], 1)))


def normalisations(network):
    return [name for name, module in network.named_modules() if isinstance(module, torch.nn.BatchNorm2d)]


def free_port():
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        return listener.getsockname()[1]


def peer(folder, wide, statistics):
    """One rank of PyTorch's; rank 0 prints the losses of the whole batches."""
    import torch.distributed as dist
    torch.set_num_threads(1)
    real = torch.float64 if wide else torch.float32
    rank, ranks = int(os.environ['RANK']), int(os.environ['WORLD_SIZE'])
    dist.init_process_group('gloo')
    network = Network()
    network.load_state_dict(torch.load(folder / 'start.pt'))
    network = network.to(real).train()
    held = dict(network.named_modules())
    if statistics == 'frozen':
        for name in normalisations(network):
            held[name].requires_grad_(False)
    if statistics == 'shared':
        # PyTorch's own SyncBatchNorm wants GPUs: on processors every rank does what it would, from statistics added up by autograd's all-reduce.
        import torch.distributed.nn.functional as summed
        for name in normalisations(network):
            held[name].forward = lambda x, norm=held[name]: shared_normalise(x, norm, ranks, summed)
    parallel = torch.nn.parallel.DistributedDataParallel(network, broadcast_buffers=True)
    optimizer = torch.optim.SGD([p for p in network.parameters() if p.requires_grad], lr=RATE, momentum=0.9)
    pixels, labels = np.load(folder / 'pixels.npy'), np.load(folder / 'labels.npy')
    losses = []
    share = BATCH // ranks
    for step in range(STEPS):
        network.train()
        if statistics == 'frozen':
            for name in normalisations(network):
                held[name].eval()
        mine = slice(rank * share, (rank + 1) * share)
        x = torch.from_numpy(pixels[step][mine]).to(real)
        y = torch.from_numpy(labels[step][mine]).long()
        loss = torch.nn.functional.cross_entropy(parallel(x), y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        whole = loss.detach().double().clone()
        dist.all_reduce(whole)
        losses.append(whole.item() / ranks)
    if rank == 0:
        print(json.dumps(losses))
    dist.destroy_process_group()


def shared_normalise(x, norm, ranks, summed):
    count = x.numel() / x.shape[1] * ranks
    mean = summed.all_reduce(x.sum((0, 2, 3))) / count
    off = x - mean[:, None, None]
    variance = summed.all_reduce((off * off).sum((0, 2, 3))) / count
    with torch.no_grad():
        norm.running_mean.lerp_(mean, norm.momentum)
        norm.running_var.lerp_(variance * count / (count - 1), norm.momentum)
    return off * ((variance + norm.eps).rsqrt() * norm.weight)[:, None, None] + norm.bias[:, None, None]


def together(command, ranks):
    """Runs the command as every rank; gives what rank 0 printed."""
    port = str(free_port())
    running = []
    for rank in range(ranks):
        variables = dict(os.environ, RANK=str(rank), WORLD_SIZE=str(ranks), LOCAL_RANK=str(rank), MASTER_ADDR='127.0.0.1', MASTER_PORT=port)
        running.append(subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, text=True))
    answers = [process.communicate(timeout=300)[0] for process in running]
    assert all(process.returncode == 0 for process in running), command
    return json.loads(answers[0])


def worst(found, wanted, wide):
    off = np.abs(np.array(found) - np.array(wanted))
    if wide:
        off = off / np.abs(wanted)
    return float(off[:EARLY].max()), float(off[EARLY:].max())


def main():
    tool, good = sys.argv[1], True
    warnings.filterwarnings('ignore')  # the exporter's, of what it does not need to know
    torch.manual_seed(7)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        network = Network()
        generator = torch.Generator().manual_seed(11)
        # No two tensors alike: the exporter lays those that are into one, which then would learn as one.
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.02)
            for name, buffer in network.named_buffers():
                if name.endswith('running_mean'):
                    buffer.copy_(torch.randn(buffer.shape, generator=generator) * 0.1)
                elif name.endswith('running_var'):
                    buffer.copy_(torch.rand(buffer.shape, generator=generator) + 0.5)
        torch.save(network.state_dict(), folder / 'start.pt')
        # PRESERVE of a network in eval(): inference-mode normalisations that are not folded into the convolutions.
        torch.onnx.export(network.eval(), torch.zeros(1, 3, SIDE, SIDE), folder / 'start.onnx', opset_version=16, do_constant_folding=False,
                          training=torch.onnx.TrainingMode.PRESERVE, input_names=['input'], output_names=['logits'],
                          dynamic_axes={'input': {0: 'batch'}, 'logits': {0: 'batch'}})
        pixels = torch.rand(STEPS, BATCH, 3, SIDE, SIDE, generator=generator)
        np.save(folder / 'pixels.npy', pixels.numpy())
        np.save(folder / 'labels.npy', pixels.argmax(2).float().numpy())  # which colour is strongest
        frozen = ','.join(name + '.' for name in normalisations(network))
        for statistics in ('own', 'shared', 'frozen'):
            for wide in (True, False):
                number = 'float64' if wide else 'float32'
                ours = [tool, 'ranks', 'steps', folder / 'start.onnx', folder / 'pixels.npy', folder / 'labels.npy', number, statistics, frozen, str(RATE)]
                found = together(ours, RANKS)
                others = {'DDP': together([sys.executable, __file__, '--peer', folder, number, statistics], RANKS)}
                if statistics == 'frozen':
                    others['one rank'] = together(ours, 1)
                for name, wanted in others.items():
                    assert len(found) == len(wanted) == STEPS
                    early, late = worst(found, wanted, wide)
                    fits = max(early, late) <= WIDE_LIMIT if wide else early <= EARLY_LIMIT and late <= LATE_LIMIT
                    good = good and fits
                    print(f'{statistics:6} statistics, {number}, against {name:8}: losses off by {early:.1e} in {EARLY} steps, {late:.1e} to the end'
                          f' ({found[0]:.6f} to {found[-1]:.6f}){"" if fits else "  TOO MUCH"}', flush=True)
    return 0 if good else 1


if __name__ == '__main__':
    if sys.argv[1] == '--peer':
        peer(Path(sys.argv[2]), sys.argv[3] == 'float64', sys.argv[4])
    else:
        sys.exit(main())
