"""Graphs that nobody here made, exported on the spot with random weights, through `fair graph check`: forward equal to ONNX Runtime, a loss that falls,
a result that opens again; with a second argument also gradients of five initializers against differences in float64.
usage: graphs.py FAIR [TEST_NATIVE_TRAIN_FOREIGN]
Needs the Python packages torch, torchvision, onnx; segmentation-models-pytorch and ultralytics where they are installed"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy
import torch


def resnet50():
    import torchvision

    return torchvision.models.resnet50(weights=None, num_classes=3), (1, 3, 64, 64)


def fpn():
    import segmentation_models_pytorch as smp

    return smp.FPN("resnet18", encoder_weights=None, classes=2), (1, 3, 64, 64)


def deeplab():
    import segmentation_models_pytorch as smp

    return smp.DeepLabV3Plus("mobilenet_v2", encoder_weights=None, classes=2), (1, 3, 64, 64)


def segformer():
    import segmentation_models_pytorch as smp

    return smp.Segformer("mit_b0", encoder_weights=None, classes=2), (1, 3, 64, 64)


def vit():
    import torchvision

    return torchvision.models.VisionTransformer(32, 8, 2, 2, 32, 64, num_classes=3), (1, 3, 32, 32)


def convnext():
    import torchvision

    return torchvision.models.convnext_tiny(weights=None, num_classes=3), (1, 3, 64, 64)


def swin():
    import torchvision

    return torchvision.models.swin_t(weights=None, num_classes=3), (1, 3, 64, 64)


def yolo11n_seg():
    from ultralytics.nn.tasks import SegmentationModel

    model = SegmentationModel("yolo11n-seg.yaml", nc=1, verbose=False)
    head = model.model[-1]
    head.export = True
    head.format = "onnx"
    return model, (1, 3, 64, 64)


def yolov8n():
    from ultralytics.nn.tasks import DetectionModel

    model = DetectionModel("yolov8n.yaml", nc=3, verbose=False)
    head = model.model[-1]
    head.export = True
    head.format = "onnx"
    return model, (1, 3, 64, 64)


def export(name, make, opset, dynamo, folder):
    torch.manual_seed(7)
    model, shape = make()
    # Statistics that are not 0 and 1, but those of what comes by: with any others a deep network's signal dies out, and differences drown in rounding.
    for module in model.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            module.momentum = None  # the plain mean of what it has seen
    with torch.no_grad():
        model.train()(torch.rand(4, *shape[1:]))
    for weight in model.parameters():  # some heads start at zero: nothing before them would have a gradient
        if weight.dim() > 1 and not weight.any():
            torch.nn.init.normal_(weight, std=0.05)
    model.eval()
    path = folder / f"{name}_op{opset}_{'dynamo' if dynamo else 'legacy'}.onnx"
    options = {"dynamo": dynamo} if "dynamo" in torch.onnx.export.__code__.co_varnames else {}
    example = torch.rand(shape)
    numpy.save(path.with_suffix(".input.npy"), example.numpy())
    torch.onnx.export(model, (example,), str(path), opset_version=opset, input_names=["image"], **options)
    return path


fair = sys.argv[1]
failed = ran = 0
with tempfile.TemporaryDirectory() as folder:
    for make, opset, dynamo in [(resnet50, 13, False), (resnet50, 18, True), (fpn, 17, False), (fpn, 18, True), (deeplab, 17, False), (segformer, 17, False),
                                (vit, 17, False), (vit, 18, True), (convnext, 17, False), (swin, 17, False), (yolo11n_seg, 17, False), (yolo11n_seg, 12, False),
                                (yolov8n, 13, False)]:
        name = f"{make.__name__} opset {opset} {'dynamo' if dynamo else 'legacy'}"
        try:
            path = export(make.__name__, make, opset, dynamo, pathlib.Path(folder))
        except ImportError as missing:
            print(f"{name}: skipped, {missing}")
            continue
        except Exception as unexportable:  # the exporter's own limits are not ours
            print(f"{name}: skipped, its exporter failed: {str(unexportable).splitlines()[0][:120]}")
            continue
        done = subprocess.run([fair, "graph", "check", str(path), "--json"], capture_output=True, text=True)
        ran += 1
        report = json.loads(done.stdout) if done.stdout else {}
        if "forward" not in report:
            print(f"{name}: FAILED, {done.stderr.strip()}")
            failed += 1
            continue
        off = max(o["largest_difference"] if o["largest_difference"] is not None else float("inf") for o in report["forward"])
        loss = report["training"]
        print(f"{name}: off by {off:.2g}, loss {loss['first_loss']:.4g} to {loss['last_loss']:.4g}, {loss['seconds']:.1f} s, "
              f"{'held' if report['held'] else 'NOT HELD'}")
        failed += done.returncode != 0
    if len(sys.argv) > 2:
        done = subprocess.run([sys.argv[2], "--gtest_filter=ForeignFolder.*"], env={**os.environ, "FAIR_GRAPHS": folder})
        failed += done.returncode != 0
print(f"{ran} graphs, {failed} failed")
sys.exit(1 if failed or ran == 0 else 0)
