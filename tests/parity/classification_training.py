"""Classification from random weights on one dataset, as many steps each: fair finetune and torchvision's ResNet18 trained as fAIr trains it (AdamW, weighted
BCE, cosine, gradients clipped, flips), a seed at a time. Both keep the epoch with the best F1 on the validation chips. Prints accuracy and F1 on the
held-out chips, of both, and fails where ours has the lower mean F1.

    tests/parity/classification_training.py FAIR DATASET.pack FOLDER --dataset ID --seeds 1 2 3 --epochs 6

FOLDER/workspace is a workspace (fair init) with the pack's dataset in its catalogue. Needs Python with torch, torchvision and numpy; nothing is
downloaded."""
import argparse
import json
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torchvision.models import resnet18


def parts_of(pack, side):
    """Pixels f32 (n, 3, side, side) and classes of each part: a preamble of 64 bytes, an index as JSON, then pixels."""
    data = Path(pack).read_bytes()
    _, _, _, _, index_size, start, _ = struct.unpack_from('<8sIIQQQQ', data)
    parts = {'train': [], 'val': [], 'holdout': []}
    for chip in json.loads(data[64:64 + index_size])['chips']:
        at = start + chip['pixels']
        pixels = np.frombuffer(data[at:at + chip['width'] * chip['height'] * 3], np.uint8).reshape(1, chip['height'], chip['width'], 3)
        image = torch.from_numpy(pixels.copy()).permute(0, 3, 1, 2).float() / 255
        if image.shape[-2:] != (side, side):
            image = torch.nn.functional.interpolate(image, (side, side), mode='bilinear', antialias=True, align_corners=False)
        parts[chip['part_name']].append((image[0], chip['labels']['class']))
    return {name: (torch.stack([p for p, _ in chips]), torch.tensor([c for _, c in chips])) for name, chips in parts.items() if chips}


def scores(network, pixels, classes):
    network.eval()
    with torch.no_grad():
        called = torch.cat([network(pixels[i:i + 8]).squeeze(1) > 0 for i in range(0, len(pixels), 8)])
    network.train()
    found, truth = (called & (classes == 1)).sum().item(), (classes == 1).sum().item()
    return ((called == (classes == 1)).float().mean().item(), 2 * found / max(called.sum().item() + truth, 1))


def theirs(parts, arguments, seed):
    torch.manual_seed(seed)
    network = resnet18(weights=None, num_classes=1)
    pixels, classes = parts['train']
    measure = torch.nn.BCEWithLogitsLoss(pos_weight=torch.tensor([(classes == 0).sum().item() / (classes == 1).sum().item()]))
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, arguments.epochs)
    best = None
    for _ in range(arguments.epochs):
        order = torch.randperm(len(pixels))
        for first in range(0, len(order), arguments.batch):
            some = order[first:first + arguments.batch]
            images = torch.stack([torch.flip(pixels[i], [d for d in (1, 2) if torch.rand(()) < 0.5]) for i in some])
            optimizer.zero_grad()
            measure(network(images).squeeze(1), classes[some].float()).backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
        schedule.step()
        accuracy, f1 = scores(network, *parts['val'])
        if best is None or f1 + 1e-3 * accuracy > best[0]:
            best = (f1 + 1e-3 * accuracy, scores(network, *parts['holdout']))
    return best[1]


def ours(arguments, seed, chips):
    name = f'classes-{seed}'

    def run(*words):
        done = subprocess.run([arguments.fair, '--workspace', arguments.folder / 'workspace', '--json', *words], check=True, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL)
        return json.loads(done.stdout)

    run('finetune', '--base', 'resnet18-classification', '--dataset', arguments.dataset, '--name', name, '--seed', str(seed), '--set',
        f'epochs={arguments.epochs}', '--set', f'samples_per_epoch={chips}', '--set', f'batch_size={arguments.batch}')
    run('promote', name, '1')
    found = run('evaluate', '--model', name, '--dataset', arguments.dataset, '--split', 'holdout')
    return found['fair:accuracy'], found['fair:f1']


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('fair')
    parser.add_argument('pack')
    parser.add_argument('folder', type=Path)
    parser.add_argument('--dataset', required=True)
    parser.add_argument('--seeds', type=int, nargs='+', default=[1, 2, 3])
    parser.add_argument('--epochs', type=int, default=6)
    parser.add_argument('--batch', type=int, default=8)
    arguments = parser.parse_args()
    torch.set_num_threads(2)
    parts = parts_of(arguments.pack, 256)
    chips = len(parts['train'][0])
    table = []
    for seed in arguments.seeds:
        row = [seed]
        for who in (lambda: ours(arguments, seed, chips), lambda: theirs(parts, arguments, seed)):
            began = time.time()
            row += [*who(), time.time() - began]
        table.append(row)
        print('seed {}: ours accuracy {:.3f}, F1 {:.3f} ({:.0f} s); torchvision {:.3f}, {:.3f} ({:.0f} s)'.format(*row), flush=True)
    mean = np.array(table)[:, 1:].mean(axis=0)
    print(f'{len(table)} seeds, {arguments.epochs} epochs of {-(-chips // arguments.batch)} steps, {len(parts["holdout"][0])} chips held out: '
          f'mean F1 ours {mean[1]:.3f}, torchvision {mean[4]:.3f}')
    return 1 if mean[1] < mean[4] else 0


if __name__ == '__main__':
    sys.exit(main())
