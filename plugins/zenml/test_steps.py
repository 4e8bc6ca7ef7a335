"""The steps of @MODEL@'s pipeline on a made-up town: python -m pytest tests (needs zenml, pytest and fair)."""
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import pipeline

TRAINING = @TRAINING@
MIN_COVER = 0.25  # of the town's chips about half


@pytest.fixture(scope="module", autouse=True)
def no_run():
    """Outside of a run there is nothing to attach metadata to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "log_metadata", lambda metadata: None)
        yield


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("town")
    subprocess.run([os.environ.get("FAIR", "fair"), "demo", "--size", "4", "--minutes", "0.01", "--out", str(folder)], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def dataset(town):
    return pipeline.split_dataset.entrypoint(str(town / "chips"), str(town / "buildings.geojson"), {"val_ratio": 0.25}, MIN_COVER)


@pytest.fixture(scope="module")
def trained(dataset):
    return pipeline.train_model.entrypoint(dataset, "", len(pipeline.CLASSES), TRAINING)


def test_split_dataset(dataset):
    assert dataset[:2] == b"PK"


def test_train_model(trained):
    weights, run = trained
    assert weights[:2] == b"PK" and run[:2] == b"PK"


def test_evaluate_model(trained, dataset):
    metrics = pipeline.evaluate_model.entrypoint(trained[1], dataset)
    assert 0 <= metrics["@METRIC@"] <= 1


def test_export_onnx(trained, town, tmp_path):
    model = tmp_path / "model.onnx"
    model.write_bytes(pipeline.export_onnx.entrypoint(trained[1]))
    found = pipeline.predict(str(model), str(town / "chips"), {"confidence_threshold": 0.1})
    assert found["type"] == "FeatureCollection"
    json.dumps(found)


def test_train_model_wants_the_models_classes(dataset):
    with pytest.raises(ValueError, match="num_classes: expected"):
        pipeline.train_model.entrypoint(dataset, "", 7, TRAINING)
