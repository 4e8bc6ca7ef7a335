"""@MODEL@ as ZenML pipelines: the steps of fAIr's contract, each a call of `fair`.

Made by `fair plugins pipeline @ARGUMENT@`; make it anew rather than change it. Needs Python with zenml, and `fair` on PATH (or FAIR names it).
Every step works in a folder of its own: what the next one needs is an artifact, so that each may run on another machine."""
import io
import json
import os
import shutil
import subprocess
import tempfile
import urllib.request
import zipfile
from pathlib import Path
from typing import Annotated, Any

from zenml import get_step_context, log_metadata, pipeline, step
from zenml.exceptions import StepContextError
from zenml.io import fileio

BASE_MODEL = "@MODEL@"
REGISTERED_FROM = @SOURCE@
TASK = "@TASK@"
FEATURE, GEOMETRY = "@FEATURE@", "@GEOMETRY@"
CLASSES = @CLASSES@


def fair(workspace: Path, *words: str) -> dict[str, Any]:
    """Runs one command and gives its JSON. What it says while it works is printed; its last words are the error's."""
    program = os.environ.get("FAIR") or shutil.which("fair")
    if not program:
        raise FileNotFoundError("fair: expected the program on PATH or named by FAIR, found neither; install the package fair-edge")
    command = [program, "--workspace", str(workspace), "--json", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        said = []
        for line in running.stderr:
            print(line, end="")
            said = [*said[-9:], line]
        answer = running.stdout.read()
    if running.returncode:
        raise RuntimeError(f"fair {words[0]} ended with {running.returncode}: {''.join(said) or answer}".strip())
    return json.loads(answer)


def fetched(uri: str, folder: Path) -> Path:
    """A file or folder of any place that ZenML or a browser can read, on this machine."""
    folder.mkdir(parents=True, exist_ok=True)
    if uri.startswith(("http://", "https://")):
        path = folder / Path(uri.split("?")[0]).name
        with urllib.request.urlopen(uri, timeout=60) as source, open(path, "wb") as out:
            shutil.copyfileobj(source, out)
        return path
    if "://" not in uri:
        return Path(uri)
    if not fileio.isdir(uri):
        fileio.copy(uri, str(folder / Path(uri).name))
        return folder / Path(uri).name
    for root, _, names in fileio.walk(uri):
        inside = folder / os.path.relpath(str(root), uri)
        inside.mkdir(parents=True, exist_ok=True)
        for name in names:
            fileio.copy(os.path.join(str(root), name), str(inside / name))
    return folder


def packed(folder: Path, names: list[str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in names:
            archive.write(folder / name, name)
    return out.getvalue()


def unpacked(archive: bytes, folder: Path) -> Path:
    zipfile.ZipFile(io.BytesIO(archive)).extractall(folder)
    return folder


def settings(group: dict[str, Any] | None) -> list[str]:
    return [word for key, value in (group or {}).items()
            for word in ("--set", f"{key}={json.dumps(value) if isinstance(value, bool) else value}")]


def note(metadata: dict[str, Any]) -> None:
    """At the step, and at the model's version where the run is of one: fAIr reads it there."""
    log_metadata(metadata)
    try:
        get_step_context().model
    except (RuntimeError, StepContextError):
        return
    log_metadata(metadata, infer_model=True)


def track(metrics: dict[str, float]) -> None:
    """Beside ZenML's own metadata to MLflow, where the step has that tracker."""
    try:
        import mlflow
    except ImportError:
        return
    if mlflow.active_run():
        mlflow.log_metrics({key.replace("fair:", ""): value for key, value in metrics.items()})


@step
def split_dataset(dataset_chips: str, dataset_labels: str, hyperparameters: dict[str, Any], min_cover: float = 0.02) -> Annotated[bytes, "dataset"]:
    """Chips and labels as one dataset, each chip in the part to train on or in the one to validate with. `min_cover`: which share of a chip footprints
    cover where it shows the class, for classification (steps.split_dataset.parameters of a run's YAML)."""
    with tempfile.TemporaryDirectory() as name:
        here = Path(name)
        words = ["dataset", "make", "--task", TASK, "--chips", str(fetched(dataset_chips, here / "chips")), "--labels",
                 str(fetched(dataset_labels, here / "labels")), "--id", "dataset", "--class", FEATURE, "--geometry", GEOMETRY, "--out",
                 str(here / "dataset"), "--val-ratio", str(hyperparameters.get("val_ratio", 0.2)), "--seed", str(hyperparameters.get("split_seed", 42))]
        if TASK == "segmentation" and len(CLASSES) > 2:
            words += ["--classes", ",".join(CLASSES)]
        if TASK == "classification" and Path(dataset_labels).suffix != ".csv":
            words += ["--min-cover", str(min_cover)]
        made = fair(here / "workspace", *words)
        note({"fair/split": {key: value for key, value in made.items() if isinstance(value, int | float | str)}})
        return packed(here / "dataset", ["dataset.json", "dataset.pack"])


@step
def train_model(dataset: bytes, base_model_weights: str, num_classes: int, hyperparameters: dict[str, Any], model_name: str = BASE_MODEL + "-finetuned",
                base_model_id: str = BASE_MODEL, dataset_id: str = "dataset") -> tuple[Annotated[bytes, "trained_model"], Annotated[bytes, "training_run"]]:
    """The weights as a state dict (.pt), and beside them what the other steps need: the graph and the losses of every epoch."""
    if num_classes not in (len(CLASSES), 1):
        raise ValueError(f"num_classes: expected {len(CLASSES)}, those of {BASE_MODEL} ({', '.join(CLASSES)}), found {num_classes}")
    with tempfile.TemporaryDirectory() as name:
        here, workspace = Path(name), Path(name) / "workspace"
        fair(workspace, "init", "--empty")
        fair(workspace, "register", REGISTERED_FROM)
        base = BASE_MODEL
        if base_model_weights:
            weights = fetched(base_model_weights, here / "weights")
            base = base_model_id if base_model_id != BASE_MODEL else BASE_MODEL + "-given"
            if weights.suffix == ".onnx":
                fair(workspace, "import", "model", str(weights), "--item", str(Path(__file__).parent / "stac-item.json"), "--id", base)
            else:
                fair(workspace, "import", "weights", str(weights), "--base", BASE_MODEL, "--register-as", base)
        unpacked(dataset, here / "dataset")
        fair(workspace, "register", str(here / "dataset" / "dataset.json"))
        made = fair(workspace, "finetune", "--base", base, "--dataset", "dataset", "--name", model_name, *settings(hyperparameters))
        artifacts = {key: workspace / "artifacts" / path for key, path in made["artifacts"].items()}
        losses = json.loads(artifacts["training_metrics"].read_text())
        note({"fair/loss_history": {"train_loss": losses["train_loss"], "val_loss": losses["val_loss"]},
              "fair/training_wall_seconds": made["seconds"], "fair/dataset_id": dataset_id})
        track({"train_loss": losses["train_loss"][-1], "val_loss": losses["val_loss"][-1]})
        shutil.copy(artifacts["onnx_model"], here / "model.onnx")
        shutil.copy(artifacts["training_metrics"], here / "training-metrics.json")
        return artifacts["trained_model"].read_bytes(), packed(here, ["model.onnx", "training-metrics.json"])


@step
def evaluate_model(training_run: bytes, dataset: bytes, class_names: list[str] | None = None) -> Annotated[dict[str, Any], "metrics"]:
    """On the part that training did not see."""
    if class_names and len(class_names) != len(CLASSES):
        raise ValueError(f"class_names: expected {len(CLASSES)}, as {', '.join(CLASSES)}, found {', '.join(class_names)}")
    with tempfile.TemporaryDirectory() as name:
        here = Path(name)
        unpacked(training_run, here)
        unpacked(dataset, here)
        found = fair(here / "workspace", "evaluate", "--model", str(here / "model.onnx"), "--dataset", str(here / "dataset.pack"), "--split", "val")
        metrics = {key: value for key, value in found.items() if key.startswith("fair:")}
        numbers = {key: value for key, value in metrics.items() if isinstance(value, int | float)}
        note({key.replace("fair:", "fair/"): value for key, value in numbers.items()})
        track(numbers)
        return metrics


@step
def export_onnx(training_run: bytes) -> Annotated[bytes, "onnx_model"]:
    """The file itself, not its path: artifacts outlive the machine they were made on. It carries its item's fields, so that it predicts alone."""
    with tempfile.TemporaryDirectory() as name:
        model = unpacked(training_run, Path(name)) / "model.onnx"
        fair(Path(name) / "workspace", "graph", "info", str(model))
        return model.read_bytes()


def predict(session: str, input_images: str, params: dict[str, Any]) -> dict[str, Any]:
    """`session`: the model's file. A FeatureCollection in degrees."""
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "features.geojson"
        fair(Path(name) / "workspace", "predict", "--model", session, "--images", input_images, "--out", str(out), *settings(params))
        return json.loads(out.read_text())


@step
def run_inference(model_uri: str, input_images: str, inference_params: dict[str, Any]) -> Annotated[dict[str, Any], "predictions"]:
    with tempfile.TemporaryDirectory() as name:
        here = Path(name)
        return predict(str(fetched(model_uri, here / "model")), str(fetched(input_images, here / "images")), inference_params)


@pipeline
def training_pipeline(base_model_weights: str, dataset_chips: str, dataset_labels: str, num_classes: int = len(CLASSES),
                      hyperparameters: dict[str, Any] | None = None) -> None:
    dataset = split_dataset(dataset_chips=dataset_chips, dataset_labels=dataset_labels, hyperparameters=hyperparameters or {})
    _, training_run = train_model(dataset=dataset, base_model_weights=base_model_weights, num_classes=num_classes, hyperparameters=hyperparameters or {})
    evaluate_model(training_run=training_run, dataset=dataset)
    export_onnx(training_run=training_run)


@pipeline
def inference_pipeline(model_uri: str, input_images: str, inference_params: dict[str, Any] | None = None) -> None:
    run_inference(model_uri=model_uri, input_images=input_images, inference_params=inference_params or {})
