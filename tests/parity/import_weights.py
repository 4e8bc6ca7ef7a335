"""Weights that Python's libraries saved, imported by fair, give PyTorch's outputs in ONNX Runtime.
usage: import_weights.py FAIR [--bound 1e-4]     FAIR: the program
Needs torch, numpy and onnxruntime; torchvision for ResNet18, segmentation_models_pytorch for UNet-ResNet34: what is not installed is left out, saying so,
and nothing compared at all is a failure. Random weights, nothing is downloaded."""
import argparse, json, pathlib, struct, subprocess, sys, tempfile

import numpy as np
import onnxruntime
import torch


def unsettled(model, size):
    """Random weights whose batch statistics and affine parameters are not the ones a new model has."""
    torch.manual_seed(7)
    with torch.no_grad():
        for m in model.modules():
            if isinstance(m, torch.nn.BatchNorm2d):
                m.weight.uniform_(0.6, 1.4)
                m.bias.uniform_(-0.3, 0.3)
        model.train()
        for _ in range(4):
            model(torch.rand(4, 3, size, size))
    return model.eval()


def resnet18():
    import torchvision
    return "resnet18-classification", unsettled(torchvision.models.resnet18(weights=None, num_classes=1), 128)


def unet_resnet34():
    import segmentation_models_pytorch as smp
    return "unet-segmentation", unsettled(smp.Unet("resnet34", encoder_weights=None, classes=2), 64)


def safetensors(state, path):
    """The format written from its description, so that no library of ours or theirs is on both sides."""
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, tensor in state.items():
        raw = tensor.contiguous().numpy().tobytes()
        header[name] = {"dtype": {torch.float32: "F32", torch.int64: "I64"}[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def saved(model, folder):
    """The same weights in every way people save them."""
    state = model.state_dict()
    files = {
        "zip.pth": lambda p: torch.save(state, p),
        "legacy.pth": lambda p: torch.save(state, p, _use_new_zipfile_serialization=False),
        "protocol4.pt": lambda p: torch.save(state, p, pickle_protocol=4),
        "nested.ckpt.pt": lambda p: torch.save({"epoch": 3, "state_dict": {f"module.{k}": v for k, v in state.items()}, "optimizer": {"lr": 0.1}}, p),
        "views.pt": lambda p: torch.save({k: v.t().contiguous().t() if v.dim() == 2 else v.to(memory_format=torch.channels_last) if v.dim() == 4 else v for k, v in state.items()}, p),
        "whole.pt": lambda p: torch.save(model, p),
        "weights.safetensors": lambda p: safetensors(state, p),
    }
    for name, write in files.items():
        write(folder / name)
        yield folder / name


def fair(program, *arguments):
    run = subprocess.run([program, *map(str, arguments), "--json"], capture_output=True, text=True)
    return run.returncode, json.loads(run.stdout) if run.stdout.strip() else {}, run.stderr


def compare(program, workspace, folder, base, model, bound):
    size = 256
    pixels = torch.from_numpy(np.random.default_rng(3).random((2, 3, size, size), dtype=np.float32))
    with torch.no_grad():
        expected = model(pixels).numpy()
    wrong = 0
    for path in saved(model, folder):
        out = folder / "out.onnx"
        status, answer, complaint = fair(program, "-w", workspace, "import", "weights", path, "--base", base, "--out", out)
        if status != 0:
            print(f"{base} from {path.name}: exit {status}: {complaint.strip()} missing {answer.get('missing', [])[:3]} misshaped {answer.get('misshaped', [])[:3]}")
            wrong += 1
            continue
        session = onnxruntime.InferenceSession(str(out), providers=["CPUExecutionProvider"])
        found = session.run(None, {session.get_inputs()[0].name: pixels.numpy()})[0]
        difference = float(np.abs(found - expected).max())
        print(f"{base} from {path.name} ({answer['format']}): {len(answer['matched'])} weights, largest output {np.abs(expected).max():.3g}, largest difference {difference:.2e}")
        wrong += difference > bound or answer["unexpected"] != [] or found.shape != expected.shape
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("fair")
    parser.add_argument("--bound", type=float, default=1e-4)
    args = parser.parse_args()
    program = str(pathlib.Path(args.fair).resolve())
    compared = wrong = 0
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        workspace = scratch / "w"
        status, made, complaint = fair(program, "-w", workspace, "init")
        assert status == 0, complaint
        known = {m["id"] for m in made["base_models"]}
        for make in (resnet18, unet_resnet34):
            try:
                base, model = make()
            except ImportError as error:
                print(f"{make.__name__}: left out, {error}")
                continue
            if base not in known:
                print(f"{base}: left out, this fair has no such base model")
                continue
            wrong += compare(program, workspace, scratch, base, model, args.bound)
            compared += 1
        # Registered: the next version of its base, whose files hold the same.
        if compared:
            path = next(saved(model, scratch))
            status, answer, complaint = fair(program, "-w", workspace, "import", "weights", path, "--base", base, "--register-as", "imported-weights", "--license", "MIT")
            item = json.loads((workspace / "catalog" / "base-models" / "imported-weights" / "imported-weights.json").read_text()) if status == 0 else None
            assert status == 0 and item["properties"]["mlm:pretrained"] is True and path.name in item["properties"]["mlm:pretrained_source"], complaint
            files = sorted((workspace / "artifacts" / "base-models" / "imported-weights").rglob("*.pt"))
            state = torch.load(files[0], weights_only=True)
            theirs = model.state_dict()
            assert all((state[k] == theirs[k]).all() for k in theirs if not k.endswith("num_batches_tracked")), "the checkpoint differs"
            print(f"registered {answer['registered']}, its checkpoint opens with weights_only=True and is the same")
    print(f"{compared} models compared, {wrong} wrong")
    sys.exit(1 if wrong or not compared else 0)


main()
