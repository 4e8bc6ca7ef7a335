"""A generated folder's pipelines under ZenML's local orchestrator, on a made-up town: trained, then predicted with the artifact that training left.

    run.py FOLDER TOWN      FOLDER as `fair plugins pipeline` makes it, TOWN as `fair demo` does; ZenML's own settings from the environment"""
import importlib.util
import sys
from pathlib import Path

from fair.utils.model_validator import validate_model
from zenml import Model
from zenml.client import Client

folder, town = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
if faults := validate_model(folder):
    sys.exit(f'{folder.name}: expected a folder that fAIr takes, its validator found: {faults}')

spec = importlib.util.spec_from_file_location('pipeline', folder / 'pipeline.py')
made = importlib.util.module_from_spec(spec)
sys.modules['pipeline'] = made
spec.loader.exec_module(made)
tests = importlib.util.spec_from_file_location('test_steps', folder / 'tests' / 'test_steps.py')
short = importlib.util.module_from_spec(tests)
tests.loader.exec_module(short)


def last_run(name):
    run = Client().get_pipeline(name).last_run
    if run.status != 'completed':
        sys.exit(f'{name}: expected a completed run, found {run.status}')
    return run


training = made.training_pipeline.with_options(enable_cache=False, model=Model(name=folder.name),
                                               steps={'split_dataset': {'parameters': {'min_cover': short.MIN_COVER}}})
training(base_model_weights='', dataset_chips=str(town / 'chips'), dataset_labels=str(town / 'buildings.geojson'), hyperparameters=short.TRAINING)
run = last_run('training_pipeline')
steps = {'split_dataset', 'train_model', 'evaluate_model', 'export_onnx'}
if set(run.steps) != steps:
    sys.exit(f'training_pipeline: expected the steps {steps}, found {set(run.steps)}')
metadata = run.steps['train_model'].run_metadata
losses = metadata['fair/loss_history']['train_loss']
version = Client().get_model_version(folder.name, 'latest')
if 'fair/loss_history' not in version.run_metadata or version.get_data_artifact('onnx_model') is None:
    sys.exit(f'{folder.name}: expected a version with its losses and its onnx_model, found {list(version.run_metadata)}')
model = town / f'{folder.name}.onnx'
model.write_bytes(run.steps['export_onnx'].outputs['onnx_model'][0].load())

made.inference_pipeline.with_options(enable_cache=False)(model_uri=str(model), input_images=str(town / 'chips'),
                                                         inference_params={'confidence_threshold': 0.1})
found = last_run('inference_pipeline').steps['run_inference'].outputs['predictions'][0].load()
if found['type'] != 'FeatureCollection':
    sys.exit(f'inference_pipeline: expected a FeatureCollection, found {found["type"]}')
print(f'{folder.name}: trained ({len(losses)} losses kept), exported {model.stat().st_size} bytes, predicted {len(found["features"])} features')
