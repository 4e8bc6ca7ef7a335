"""pystac reading its JSON Schemas from a folder instead of a network: <folder>/<host>/<path>, draft-07 itself as draft-07.json."""
import json
import pathlib

from pystac.validation import RegisteredValidator


def load(folder: pathlib.Path, uri: str):
    path = folder / uri.split("://", 1)[1].split("#")[0]
    if "json-schema.org" in uri:
        path = folder / "draft-07.json"
    path = path if path.is_file() else path.with_name(path.name + ".json")
    return json.loads(path.read_text())


def use(folder: pathlib.Path):
    validator = RegisteredValidator.get_validator()

    def from_folder(uri):
        if uri not in validator.schema_cache:
            validator.schema_cache[uri] = load(folder, uri)
        return validator.schema_cache[uri]

    validator._get_schema = from_folder
