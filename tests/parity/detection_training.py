"""Detection from random weights on one dataset, as many steps each: fair finetune and ultralytics' own recipe, a seed at a time. Prints mAP50 and
mAP50-95 on the validation chips, of both, and fails where ours has the lower mean mAP50.

    tests/parity/detection_training.py FAIR DATASET.pack FOLDER --seeds 1 2 3 --epochs 25 --image-size 320

FOLDER is a new one: the workspace and ultralytics' files go there. Needs Python with torch and ultralytics; nothing is downloaded."""
import argparse
import json
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image


def chips_of(pack):
    """Name, part, pixels and boxes of each chip: a preamble of 64 bytes, an index as JSON, then pixels."""
    data = Path(pack).read_bytes()
    _, _, _, _, index_size, start, _ = struct.unpack_from('<8sIIQQQQ', data)
    index = json.loads(data[64:64 + index_size])
    for chip in index['chips']:
        n = chip['width'] * chip['height'] * 3
        at = start + chip['pixels']
        yield chip, np.frombuffer(data[at:at + n], np.uint8).reshape(chip['height'], chip['width'], 3)


def write_yolo(pack, folder):
    """The dataset as ultralytics reads it."""
    for chip, pixels in chips_of(pack):
        part = chip['part_name']
        for kind in ('images', 'labels'):
            (folder / kind / part).mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / 'images' / part / (chip['name'] + '.png'))
        rows = []
        for x0, y0, x1, y1, _ in chip['labels']['boxes']:
            w, h = chip['width'], chip['height']
            rows.append(f'0 {(x0 + x1) / 2 / w} {(y0 + y1) / 2 / h} {(x1 - x0) / w} {(y1 - y0) / h}')
        (folder / 'labels' / part / (chip['name'] + '.txt')).write_text('\n'.join(rows))
    (folder / 'data.yaml').write_text(f'path: {folder}\ntrain: images/train\nval: images/val\nnames: {{0: building}}\n')
    return len(list((folder / 'images' / 'train').iterdir()))


def theirs(folder, arguments, seed):
    from ultralytics import YOLO
    model = YOLO('yolo11n.yaml', task='detect')
    model.train(data=str(folder / 'data.yaml'), epochs=arguments.epochs, batch=arguments.batch, imgsz=arguments.image_size, seed=seed, device='cpu',
                pretrained=False, workers=0, plots=False, verbose=False, project=str(folder / 'runs'), name=str(seed), amp=False)
    scores = YOLO(str(folder / 'runs' / str(seed) / 'weights' / 'best.pt')).val(data=str(folder / 'data.yaml'), imgsz=arguments.image_size, device='cpu',
                                                                                plots=False, verbose=False, workers=0)
    return scores.box.map50, scores.box.map


def ours(fair, folder, arguments, seed, chips):
    name = f'boxes-{seed}'

    def run(*words):
        done = subprocess.run([fair, '--workspace', folder / 'workspace', '--json', *words], check=True, stdout=subprocess.PIPE)
        return json.loads(done.stdout)

    run('finetune', '--base', 'yolo11n-detection', '--dataset', arguments.dataset, '--name', name, '--seed', str(seed), '--set', f'epochs={arguments.epochs}',
        '--set', f'samples_per_epoch={chips}', '--set', f'batch_size={arguments.batch}', '--set', f'image_size={arguments.image_size}')
    run('promote', name, '1')
    scores = run('evaluate', '--model', name, '--dataset', arguments.dataset, '--split', 'val')
    return scores['fair:map50'], scores['fair:map50_95']


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('fair')
    parser.add_argument('pack')
    parser.add_argument('folder', type=Path)
    parser.add_argument('--dataset', default='banepa-boxes', help='id of the pack\'s dataset in FOLDER/workspace')
    parser.add_argument('--seeds', type=int, nargs='+', default=[1, 2, 3])
    parser.add_argument('--epochs', type=int, default=25)
    parser.add_argument('--batch', type=int, default=8)
    parser.add_argument('--image-size', type=int, default=320)
    parser.add_argument('--only', choices=['ours', 'theirs'])
    arguments = parser.parse_args()
    chips = write_yolo(arguments.pack, arguments.folder.resolve() / 'yolo')
    table = []
    for seed in arguments.seeds:
        row = [seed]
        for who in ('ours', 'theirs'):
            if arguments.only not in (None, who):
                row += [float('nan')] * 3
                continue
            began = time.time()
            scores = ours(arguments.fair, arguments.folder, arguments, seed, chips) if who == 'ours' else theirs(arguments.folder.resolve() / 'yolo', arguments, seed)
            row += [*scores, time.time() - began]
        table.append(row)
        print('seed {}: ours mAP50 {:.3f}, mAP50-95 {:.3f} ({:.0f} s); ultralytics {:.3f}, {:.3f} ({:.0f} s)'.format(*row), flush=True)
    mean = np.array(table)[:, 1:].mean(axis=0)
    print(f'{len(table)} seeds, {arguments.epochs} epochs of {-(-chips // arguments.batch)} steps: mean mAP50 ours {mean[0]:.3f}, ultralytics {mean[3]:.3f}')
    return 1 if mean[0] < mean[3] else 0


if __name__ == '__main__':
    sys.exit(main())
