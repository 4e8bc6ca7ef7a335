"""Detection from random weights, as many batches each: `fair finetune` with its item's own settings against ultralytics' own trainer with its own
settings, a seed at a time. Both keep the epoch that is best on the validation chips; both are then judged as ONNX files by the same code (ultralytics'
suppression and average precision) on the same held-out chips. Prints mAP50 and mAP50-95 of both, and fails where ours has the lower mean mAP50.

    tests/parity/detection_training.py FAIR BANEPA FOLDER

BANEPA is the folder of chips (oam) and their boxes (detection_labels.json, COCO); FOLDER a new one. Needs Python with torch, onnxruntime and
ultralytics, of which only the public interface is used; nothing is downloaded.

By default ultralytics adds gradients up over 64 samples before it steps, so that in a short training it steps seldom. It is therefore run with
nbs=BATCH, which steps after every batch as ours does; with --as-it-comes without that as well, and ours has to reach the better of the two."""
import argparse
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from _contest import contest
from _fair import fair_in
from _pack import chips_of
from PIL import Image
from ultralytics import YOLO
from ultralytics.models.yolo.detect import DetectionValidator
from ultralytics.utils.metrics import ap_per_class, box_iou
from ultralytics.utils.nms import non_max_suppression

# Fixed before the first result was seen: what two cores train in two or three minutes.
SEEDS = [1, 2, 3]
SIDE, BATCH, EPOCHS, HELD_OUT = 320, 8, 40, 'OAM-386694-*'
# What average precision is customarily taken over.
CONFIDENCE, IOU, BOXES = 0.001, 0.7, 300


def write_yolo(pack, folder):
    """The dataset as ultralytics reads it; the number of chips to train on."""
    for chip, pixels in chips_of(pack):
        for kind in ('images', 'labels'):
            (folder / kind / chip['part_name']).mkdir(parents=True, exist_ok=True)
        w, h = chip['width'], chip['height']
        rows = [f'0 {(x0 + x1) / 2 / w} {(y0 + y1) / 2 / h} {(x1 - x0) / w} {(y1 - y0) / h}' for x0, y0, x1, y1, _ in chip['labels']['boxes']]
        Image.fromarray(pixels).save(folder / 'images' / chip['part_name'] / (chip['name'] + '.png'))
        (folder / 'labels' / chip['part_name'] / (chip['name'] + '.txt')).write_text('\n'.join(rows))
    (folder / 'data.yaml').write_text(f'path: {folder}\ntrain: images/train\nval: images/val\nnames: {{0: building}}\n')
    return len(list((folder / 'images' / 'train').iterdir()))


def theirs(folder, seed, name, **settings):
    model = YOLO('yolo11n.yaml', task='detect')
    model.train(data=str(folder / 'yolo' / 'data.yaml'), epochs=EPOCHS, batch=BATCH, imgsz=SIDE, seed=seed, device='cpu', pretrained=False, workers=0,
                plots=False, verbose=False, project=str(folder / 'runs'), name=name, amp=False, exist_ok=True, **settings)
    return YOLO(str(folder / 'runs' / name / 'weights' / 'best.pt')).export(format='onnx', imgsz=SIDE, opset=17, simplify=False, dynamic=False)


def ours(run, folder, seed, chips, more):
    name, file = f'boxes-{seed}', folder / f'ours-{seed}.onnx'
    version = run('finetune', '--base', 'yolo11n-detection', '--dataset', 'boxes', '--name', name, '--seed', str(seed), '--set', f'epochs={EPOCHS}',
                  '--set', f'samples_per_epoch={chips}', '--set', f'batch_size={BATCH}', '--set', f'image_size={SIDE}', *more)['version']
    run('promote', name, str(version))
    run('export', '--model', name, '--out', str(file))
    return file


def judged(file, chips):
    """mAP50 and mAP50-95 over chips scaled to SIDE."""
    session = onnxruntime.InferenceSession(str(file), providers=['CPUExecutionProvider'])
    match = DetectionValidator().match_predictions
    hits, scores, called, wanted = [], [], [], []
    for chip, pixels in chips:
        assert chip['width'] == chip['height']
        image = np.asarray(Image.fromarray(pixels).resize((SIDE, SIDE), Image.BILINEAR), np.float32).transpose(2, 0, 1)[None] / 255
        raw = session.run(None, {session.get_inputs()[0].name: image})[0]
        boxes = non_max_suppression(torch.from_numpy(raw), CONFIDENCE, IOU, max_det=BOXES, max_time_img=10)[0]
        truth = torch.tensor([box[:4] for box in chip['labels']['boxes']]).reshape(-1, 4) * SIDE / chip['width']
        labels = torch.zeros(len(truth))
        hits.append(match(boxes[:, 5], labels, box_iou(truth, boxes[:, :4])).numpy())
        scores.append(boxes[:, 4].numpy()), called.append(boxes[:, 5].numpy()), wanted.append(labels.numpy())
    if not any(h.any() for h in hits):
        return 0.0, 0.0
    precision = ap_per_class(*(np.concatenate(rows) for rows in (hits, scores, called, wanted)))[5]
    return precision[:, 0].mean(), precision.mean()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('fair')
    parser.add_argument('banepa', type=Path)
    parser.add_argument('folder', type=Path)
    parser.add_argument('--part', default='holdout', choices=['holdout', 'val'], help='val: while settings are being looked for')
    parser.add_argument('--as-it-comes', action='store_true')
    parser.add_argument('--only', help='train one of them, such as "ours 1"')
    parser.add_argument('--ours', nargs=argparse.REMAINDER, default=[], help='more words for fair finetune')
    arguments = parser.parse_args()
    torch.set_num_threads(2)
    folder = arguments.folder.resolve()
    dataset = folder / 'dataset'
    run = fair_in(arguments.fair, folder / 'workspace')
    if not dataset.exists():
        run('init')
        run('dataset', 'make', '--task', 'detection', '--chips', arguments.banepa / 'oam', '--labels', arguments.banepa / 'detection_labels.json', '--id', 'boxes',
            '--holdout', HELD_OUT, '--out', dataset, '--register')
    pack = dataset / 'dataset.pack'
    training = write_yolo(pack, folder / 'yolo')
    chips = [(chip, pixels) for chip, pixels in chips_of(pack) if chip['part_name'] == arguments.part]
    ways = {'ours': lambda seed: judged(ours(run, folder, seed, training, arguments.ours), chips),
            'ultralytics-each': lambda seed: judged(theirs(folder, seed, f'each-{seed}', nbs=BATCH), chips)}
    if arguments.as_it_comes:
        ways['ultralytics'] = lambda seed: judged(theirs(folder, seed, f'default-{seed}'), chips)
    print(f'{EPOCHS} epochs of {-(-training // BATCH)} batches, {len(chips)} chips of the {arguments.part} part')
    return contest(folder / 'scores.json', ways, SEEDS, ['mAP50', 'mAP50-95'], arguments.only)


if __name__ == '__main__':
    sys.exit(main())
