"""A workspace's whole catalogue in the eyes of pystac, fAIr's schemas and fair-py-ops' validators; the configs of its runs and a prediction too.
usage: catalog.py WORKSPACE SHARED [--predictions F.geojson --model ITEM_ID]
SHARED/schemas holds the JSON Schemas. Needs pystac[validation]; fair-py-ops is used where it is installed. Exits 1 where anything is wrong."""
import argparse, json, pathlib, sqlite3, sys, warnings

import pystac

import _schemas

try:
    from fair.stac import validators as fair
except ImportError as error:
    fair = None
    print(f"fair-py-ops is not installed ({error}): its validators are left out")


def checked(what, errors):
    for error in errors:
        print(f"{what}: {error}")
    return len(errors)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=pathlib.Path)
    parser.add_argument("shared", type=pathlib.Path)
    parser.add_argument("--predictions", type=pathlib.Path)
    parser.add_argument("--model")
    args = parser.parse_args()
    warnings.simplefilter("ignore", pystac.errors.DeprecatedWarning)
    _schemas.use(args.shared / "schemas")
    wrong = 0
    catalog = pystac.Catalog.from_file(str(args.workspace / "catalog" / "catalog.json"))
    try:
        validated = catalog.validate_all()
    except pystac.errors.STACValidationError as error:
        validated = 0
        wrong += checked("pystac validate_all", [str(error)])
    items = {item.id: item for item in catalog.get_items(recursive=True)}
    assert items, "the catalogue holds no item"
    links = 0
    for item in items.values():
        for link in item.links:
            if link.rel in ("predecessor-version", "successor-version", "latest-version", "derived_from", "collection", "root", "parent", "self"):
                links += 1
                if link.resolve_stac_object(root=catalog).target is None:
                    wrong += checked(item.id, [f"link {link.rel} leads nowhere"])
    base = json.loads((args.workspace / "workspace.json").read_text())["asset_base"] + "/"
    hrefs = [(item.id, key, asset.href) for item in items.values() for key, asset in item.assets.items() if asset.href.startswith(base)]
    for item_id, key, href in hrefs:
        if not (args.workspace / "artifacts" / href.removeprefix(base)).exists():
            wrong += checked(item_id, [f"asset {key}: {href} is no file of the workspace"])
    kinds = {item.id: item.collection_id for item in items.values()}
    if fair:
        for item in items.values():
            wrong += checked(item.id, fair.validate_item(item))
        for base in (i for i in items.values() if kinds[i.id] == "base-models"):
            for dataset in (i for i in items.values() if kinds[i.id] == "datasets"):
                wrong += checked(f"{base.id} with {dataset.id}", fair.validate_compatibility(base, dataset))
    with sqlite3.connect(f"file:{args.workspace / 'runs.sqlite'}?mode=ro", uri=True) as runs:
        configs = [json.loads(text) for (text,) in runs.execute("SELECT config FROM run")]
    if fair:
        for number, config in enumerate(configs):
            training = "base_model_weights" in config["parameters"]
            wrong += checked(f"config of run {number}", fair.validate_pipeline_config(config, is_training=training))
    features = 0
    if args.predictions:
        geojson = json.loads(args.predictions.read_text())
        features = len(geojson["features"])
        if fair:
            wrong += checked(str(args.predictions.name), fair.validate_predictions_geojson(geojson, items[args.model]))
    print(f"{len(items)} items ({validated} validated by pystac with the catalogue), {links} links, {len(hrefs)} files, {len(configs)} run configs, {features} features: {wrong} findings")
    sys.exit(1 if wrong else 0)


main()
