"""Boxes of YOLO exports on aerial imagery: our decoding and suppression against ultralytics' own, on the same raw outputs. yolo11n of one class and yolov8n of
two, with random weights spread so that there is plenty to suppress, exported by ultralytics, on 20 chips letterboxed to the models'
input. Fails where the number of boxes differs or a box is off by more than 1e-2 pixels.

    tests/parity/boxes.py build/tests/parity/models/parity_models CHIPS_FOLDER

Needs Python with torch, onnxruntime, Pillow and ultralytics, of which only the public interface is used; nothing is downloaded."""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from PIL import Image
from ultralytics import YOLO
from ultralytics.data.augment import LetterBox
from ultralytics.utils.nms import non_max_suppression

IMAGES, SIDE = 20, 320
CONFIDENCE, IOU, MOST = 0.25, 0.45, 3000
LIMIT = 1e-2


def letterboxed(chips):
    """f32 (n, 3, SIDE, SIDE), as ultralytics prepares them. Every second chip is cut to a strip first, so that there is a border to be laid."""
    out = []
    for i, path in enumerate(chips):
        pixels = np.asarray(Image.open(path).convert('RGB'))
        if i % 2:
            pixels = pixels[: pixels.shape[0] * 5 // 8]
        out.append(LetterBox((SIDE, SIDE), auto=False)(image=pixels).transpose(2, 0, 1).astype(np.float32) / 255)
    return np.stack(out)


def exported(name, classes, images, folder):
    """A model with random weights whose batch statistics are the chips', and whose sureness is spread around CONFIDENCE."""
    torch.manual_seed(5)
    model = YOLO(f'{name}.yaml', task='detect')
    network = type(model.model)(f'{name}.yaml', nc=classes, verbose=False)
    with torch.no_grad():
        network.train()
        for layer in network.modules():
            if isinstance(layer, torch.nn.BatchNorm2d):
                layer.momentum = None  # the mean of all batches: else features die away behind the statistics of a new model
        for first in range(0, IMAGES, 4):
            network(torch.from_numpy(images[first:first + 4]))
        network.eval()
        # Values of the head's last convolutions, of which random ones are all alike, are given a spread: distances, and sureness on both sides of CONFIDENCE.
        seen = {}
        last = [branch[-1] for branch in (*network.model[-1].cv2, *network.model[-1].cv3)]
        hooks = [layer.register_forward_hook(lambda layer, _, y: seen.__setitem__(layer, y)) for layer in last]
        network(torch.from_numpy(images[:4]))
        for i, layer in enumerate(last):
            hooks[i].remove()
            spread, middle = (2.0, 0.0) if i < len(last) // 2 else (1.5, -1.0)
            y = seen[layer]
            factor = spread / y.std()
            layer.weight.mul_(factor)
            layer.bias.sub_(y.mean()).mul_(factor).add_(middle)
    network.names = {i: str(i) for i in range(classes)}
    network.args, network.task = model.model.args, 'detect'
    network.pt_path = str(folder / f'{name}.pt')  # beside which the export is written
    model.model = network
    return model.export(format='onnx', imgsz=SIDE, opset=17, simplify=False, dynamic=False, device='cpu')


def compare(tool, name, classes, images, folder):
    session = onnxruntime.InferenceSession(exported(name, classes, images, folder), providers=['CPUExecutionProvider'])
    raw = np.concatenate([session.run(None, {session.get_inputs()[0].name: image[None]})[0] for image in images])
    # Scores equal to the last bit (a flat border has them) leave open which box is the surer one: noise decides it, for both the same.
    raw[:, 4:] += np.random.default_rng(3).random(raw[:, 4:].shape, np.float32) * 1e-4
    np.save(folder / 'raw.npy', raw)
    ours = json.loads(subprocess.run([tool, 'detection', 'boxes', folder / 'raw.npy', str(classes), str(CONFIDENCE), str(IOU)], check=True,
                                     stdout=subprocess.PIPE).stdout)
    theirs = non_max_suppression(torch.from_numpy(raw), CONFIDENCE, IOU, max_det=MOST, nc=classes, max_time_img=60)
    worst, counts, failed = 0.0, [], 0
    for i, wanted in enumerate(theirs):
        found = np.array([row[1:] for row in ours if row[0] == i]).reshape(-1, 6)
        counts.append(len(wanted))
        assert len(wanted) < MOST
        if len(found) != len(wanted):
            print(f'{name}, image {i}: {len(found)} boxes, ultralytics has {len(wanted)}')
            failed += 1
            continue
        for box in wanted.numpy():
            distance = np.abs(found[:, :4] - box[:4]).max(1) + 1e3 * (np.abs(found[:, 4] - box[4]) > 1e-5) + 1e3 * (found[:, 5] != box[5])
            nearest = int(distance.argmin())
            worst = max(worst, float(distance[nearest]))
            found = np.delete(found, nearest, 0)
    over = int((raw[:, 4:].max(1) > CONFIDENCE).sum())
    print(f'{name}: {IMAGES} images, {over} candidates, {sum(counts)} boxes ({min(counts)} to {max(counts)} an image), '
          f'{failed} images with another number, farthest box {worst:.1e} px off')
    return failed == 0 and worst <= LIMIT and min(counts) > 0


def main():
    tool, chips = sys.argv[1], sorted(p for p in Path(sys.argv[2]).iterdir() if p.suffix in ('.tif', '.png', '.jpg'))[:IMAGES]
    assert len(chips) == IMAGES, f'{len(chips)} chips'
    images = letterboxed(chips)
    with tempfile.TemporaryDirectory() as folder:
        held = [compare(tool, name, classes, images, Path(folder)) for name, classes in (('yolo11n', 1), ('yolov8n', 2))]
    return 0 if all(held) else 1


if __name__ == '__main__':
    sys.exit(main())
