"""Seconds per training step in eager PyTorch, as bench_train's: random data, AdamW, clipping. ResNet18 is torchvision's; the U-Net
segmentation-models-pytorch's; YOLO11n ultralytics' with its own loss: all called as libraries. Prints the medians of both memory layouts; the better one is what bench_train is compared with.

    tests/bench/train/peer.py resnet18-classification|unet-segmentation|yolo11n-detection [BATCH=4] [SIZE=256] [STEPS=8] [THREADS=2]"""
import statistics
import sys
import time

import torch

BOXES = 40  # a sample, as bench_train has them


def classifier(batch, size):
    from torchvision.models import resnet18
    target = torch.randint(0, 2, (batch, 1)).float()
    measure = torch.nn.BCEWithLogitsLoss()
    return resnet18(weights=None, num_classes=1), lambda network, x: measure(network(x), target)


def segmenter(batch, size):
    from segmentation_models_pytorch import Unet
    target = torch.randint(0, 2, (batch, size, size))
    measure = torch.nn.CrossEntropyLoss()
    return Unet('resnet34', encoder_weights=None, classes=2), lambda network, x: measure(network(x), target)


def detector(batch, size):
    from ultralytics.cfg import get_cfg
    from ultralytics.nn.tasks import DetectionModel
    network = DetectionModel('yolo11n.yaml', nc=1, verbose=False)
    network.args = get_cfg()
    corner, sides = torch.rand(batch * BOXES, 2) * 0.75, torch.rand(batch * BOXES, 2) * 0.2 + 0.05
    labels = {'batch_idx': torch.arange(batch).repeat_interleave(BOXES).float(), 'cls': torch.zeros(batch * BOXES, 1),
              'bboxes': torch.cat([corner + sides / 2, sides], 1)}

    def loss(network, x):
        return network.loss({'img': x, **labels})[0].sum() / batch
    return network, loss


def main():
    name = sys.argv[1]
    batch, size, steps, threads = (int(sys.argv[i]) if len(sys.argv) > i else d for i, d in ((2, 4), (3, 256), (4, 8), (5, 2)))
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    makers = {'resnet18-classification': classifier, 'unet-segmentation': segmenter, 'yolo11n-detection': detector}
    network, loss_of = makers[name](batch, size)
    for layout in (torch.contiguous_format, torch.channels_last):
        network = network.train().to(memory_format=layout)
        x = torch.rand(batch, 3, size, size).to(memory_format=layout)
        # As bench_train and ultralytics have it: what does not learn is not handed over.
        weights = [p for p in network.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(weights, 1e-4, weight_decay=1e-2)
        seconds = []
        for _ in range(steps + 2):
            began = time.perf_counter()
            loss = loss_of(network, x)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(weights, 1.0)
            optimizer.step()
            loss.item()
            seconds.append(time.perf_counter() - began)
        print(f'torch {torch.__version__} {name} {batch}x3x{size}x{size}, {threads} threads, {str(layout).split(".")[-1]}: '
              f'median {statistics.median(seconds[2:]) * 1e3:.1f} ms/step  min {min(seconds[2:]) * 1e3:.1f}  loss {loss.item():.4f}', flush=True)


if __name__ == '__main__':
    main()
