"""Our schema verdicts against pystac's and jsonschema's on seeded mutations of real items; exits 1 where one differs.
usage: validate_mutations.py BENCH_VALIDATE SHARED [--count 400] [--seed 1]
SHARED holds schemas/, stac/base-models/ and data/. Needs pystac[validation]. fAIr's own rules are counted apart: they are ours."""
import argparse, copy, json, pathlib, random, subprocess, sys, tempfile, time

import jsonschema, pystac
from pystac.validation import validate_dict
from referencing import Registry, Resource

import _schemas

CORE = "https://schemas.stacspec.org/v1.1.0/item-spec/json-schema/item.json"


def local_model(base):
    """A promoted item as fAIr's contract describes it, from a base model's."""
    item = copy.deepcopy(base)
    item["id"] = base["id"] + "-finetuned-banepa-v1"
    item["stac_extensions"][-1] = item["stac_extensions"][-1].replace("base-model", "local-model")
    properties = item["properties"]
    for key in ("fair:split_spec", "license"):
        properties.pop(key)
    properties |= {"fair:user_id": "anonymous", "fair:base_model_id": base["id"], "fair:dataset_id": "buildings-banepa-segmentation",
                   "fair:split": {"strategy": "spatial", "ratio": 0.2, "seed": 42}, "fair:training_started_at": "2026-01-01T00:00:00Z",
                   "fair:training_duration_seconds": 12.5, "fair:labeled_chip_count": 9, "fair:accuracy": 0.9, "fair:mean_iou": 0.8, "fair:per_class_iou": {"building": 0.7}}
    item["assets"]["training-metrics"] = {"href": "https://example.org/metrics.json", "type": "application/json", "roles": ["metadata"]}
    return item


def places(value, path=()):
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], (*path, key))
    elif isinstance(value, list):
        for i in range(len(value)):
            yield from places(value[i], (*path, i))


def mutate(item, rnd):
    """One to three changes at random places; what is done to each is chosen at random too."""
    item = copy.deepcopy(item)
    for _ in range(rnd.choice((1, 1, 1, 2, 3))):
        paths = [p for p in places(item) if p]
        if rnd.random() < 0.7:  # most of an item is specification tables; the rest deserves its share
            paths = [p for p in paths if not any("spec" in str(step) for step in p)] or paths
        if not paths:
            break
        path = rnd.choice(paths)
        parent = item
        for step in path[:-1]:
            parent = parent[step]
        key, old = path[-1], parent[path[-1]]
        kind = rnd.randrange(9)
        if kind == 0:
            del parent[key]
        elif kind == 1:
            parent[key] = rnd.choice([None, True, "", "text", 0, -1, 3, 1.0, 0.5, 1e300, [], {}, [1, 1], ["a", "a"], {"a": 1}, "https://example.org/x", "../../x"])
        elif kind == 2 and isinstance(old, list) and old:
            old.append(copy.deepcopy(rnd.choice(old)))
        elif kind == 3 and isinstance(parent, dict):
            parent[rnd.choice([key.upper(), key + "x", "mlm:" + key, "label:" + key, "file:" + key])] = parent.pop(key)
        elif kind == 4 and isinstance(old, str):
            parent[key] = rnd.choice([old.upper(), old[:-1], old + " ", " " + old, old.replace("-", "_"), old.replace(":", "")])
        elif kind == 5 and isinstance(old, (int, float)) and not isinstance(old, bool):
            parent[key] = rnd.choice([-old, float(old), old + 0.5, old * 1000, str(old)])
        elif kind == 6 and isinstance(old, dict):
            old[rnd.choice(["mlm:extra", "file:size", "raster:bands", "name", "deprecated", "version", "label:type"])] = rnd.choice([1, "a", [], {}, [{}], None])
        elif kind == 7 and isinstance(old, list):
            rnd.shuffle(old)
            parent[key] = old[: rnd.randrange(len(old) + 1)]
        else:
            parent[key] = [copy.deepcopy(old)]
    return item


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bench", type=pathlib.Path)
    parser.add_argument("shared", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    schemas = args.shared / "schemas"

    def load(uri):
        return _schemas.load(schemas, uri)

    _schemas.use(schemas)
    registry = Registry(retrieve=lambda uri: Resource.from_contents(load(uri)))
    compiled = {}

    def faults(uri, document):
        if uri not in compiled:
            compiled[uri] = jsonschema.Draft7Validator(load(uri), registry=registry)
        return not compiled[uri].is_valid(document)

    bases = [json.loads(p.read_text()) for p in sorted((args.shared / "stac/base-models").glob("*.json"))]
    datasets = [json.loads(p.read_text()) for p in sorted((args.shared / "data/banepa").glob("*/stac-item.json"))]
    originals = bases + datasets + [local_model(base) for base in bases]
    rnd = random.Random(args.seed)
    documents = list(originals)
    while len(documents) < args.count + len(originals):
        document = mutate(rnd.choice(originals), rnd)
        extensions = document.get("stac_extensions")
        known = isinstance(extensions, list) and all(isinstance(e, str) and e.startswith("http") and "://" in e and (schemas / e.split("://", 1)[1]).is_file() for e in extensions)
        if known and document.get("stac_version") == "1.1.0" and document.get("type") == "Feature" and extensions:
            documents.append(document)

    with tempfile.TemporaryDirectory() as folder:
        lines = pathlib.Path(folder) / "documents.jsonl"
        lines.write_text("".join(json.dumps(d) + "\n" for d in documents))
        start = time.perf_counter()
        answers = subprocess.run([str(args.bench.resolve()), "--verdicts", str(schemas), str(lines)], check=True, capture_output=True, text=True).stdout.splitlines()
        ours_s = time.perf_counter() - start
    assert len(answers) == len(documents), (len(answers), len(documents))
    differ = invalid = ruled = 0
    start = time.perf_counter()
    for number, (document, line) in enumerate(zip(documents, answers)):
        ours = json.loads(line)
        errors = {f["rule"].removeprefix("schema:") for f in ours["schemas"] if f["severity"] == "error"}
        theirs = {uri for uri in [CORE, *document["stac_extensions"]] if faults(uri, document)}
        try:
            validate_dict(document, pystac.STACObjectType.ITEM, "1.1.0", document["stac_extensions"])
            pystac_valid = True
        except Exception:
            pystac_valid = False
        invalid += not pystac_valid
        ruled += pystac_valid and any(f["severity"] == "error" for f in ours["rules"])
        if errors != theirs or pystac_valid != (not errors) or ours["valid"] != pystac_valid:
            differ += 1
            print(f"document {number} ({document.get('id')}): ours {sorted(errors)}, jsonschema {sorted(theirs)}, pystac {'valid' if pystac_valid else 'invalid'}, fast path {ours['valid']}")
            for uri in sorted(errors ^ theirs):
                print("  ours:", [f for f in ours["schemas"] if f["rule"] == "schema:" + uri][:2])
                print("  jsonschema:", [(list(e.absolute_path), e.message[:200]) for e in compiled[uri].iter_errors(document)][:2])
    print(f"{len(documents)} documents ({len(originals)} real, {args.count} mutated): {invalid} invalid to pystac, {differ} judged differently; "
          f"{ruled} more refused by fAIr's own rules; ours {ours_s:.1f} s, jsonschema and pystac {time.perf_counter() - start:.1f} s")
    sys.exit(1 if differ else 0)


main()
