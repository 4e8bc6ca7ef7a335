#!/usr/bin/env python3
"""What a WASM module exports, and whether another finds there all it imports.

usage: module_symbols.py publish CORE.wasm PLATFORM OUT.json    the runtime symbol set of a main module
       module_symbols.py keeps CORE.wasm PLATFORM SET.json      fails where a main module no longer gives all of a set that was published
       module_symbols.py check PLUGIN.wasm SET.json             fails, naming each symbol that the set lacks
"""
import json
import sys

# Given by the loader, not by the main module.
LOADER = {"memory", "__indirect_function_table", "__memory_base", "__table_base", "__stack_pointer", "__cpp_exception"}


class Reader:
    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def number(self):
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def text(self):
        size = self.number()
        self.at += size
        return self.data[self.at - size:self.at].decode()


def sections(path):
    with open(path, "rb") as file:
        data = file.read()
    if data[:8] != b"\0asm\1\0\0\0":
        sys.exit(f"{path}: expected a WASM module, found something else")
    reader = Reader(data, 8)
    while reader.at < len(data):
        kind, size = reader.byte(), reader.number()
        start = reader.at
        yield kind, Reader(data, start)
        reader.at = start + size


def skip_limits(reader):
    flags = reader.byte()
    reader.number()
    if flags & 1:
        reader.number()


def imports_and_exports(path):
    imports, exports = set(), set()
    for kind, reader in sections(path):
        if kind == 2:
            for _ in range(reader.number()):
                reader.text()
                imports.add(reader.text())
                what = reader.byte()
                if what == 0:
                    reader.number()
                elif what == 1:
                    reader.byte()
                    skip_limits(reader)
                elif what == 2:
                    skip_limits(reader)
                elif what == 3:
                    reader.at += 2
                else:
                    reader.byte()
                    reader.number()
        elif kind == 7:
            for _ in range(reader.number()):
                exports.add(reader.text())
                reader.byte()
                reader.number()
    return imports, exports


def given_to_plugins(imports, exports):
    """What JavaScript calls and what core alone defines is no plugin's business; what the main module gets from its JavaScript is there for plugins too."""
    return {s for s in exports | imports if not s.startswith(("fair_", "_ZN4fair")) and s not in LOADER}


def main():
    if len(sys.argv) == 5 and sys.argv[1] == "publish":
        imports, exports = imports_and_exports(sys.argv[2])
        symbols = sorted(given_to_plugins(imports, exports))
        with open(sys.argv[4], "w") as out:
            json.dump({"platform": sys.argv[3], "symbols": symbols}, out, indent=0)
            out.write("\n")
    elif len(sys.argv) == 5 and sys.argv[1] == "keeps":
        with open(sys.argv[4]) as file:
            promise = json.load(file)
        # Plugins carry their platform and are loaded by no other: its runtime library has other names.
        if promise["platform"] != sys.argv[3]:
            print(f"{sys.argv[2]}: built for {sys.argv[3]}; the published set is {promise['platform']}'s and promises it nothing")
            return
        lost = sorted(set(promise["symbols"]) - given_to_plugins(*imports_and_exports(sys.argv[2])))
        if lost:
            sys.exit(f"{sys.argv[2]}: expected all of the published set, found these missing:\n  " + "\n  ".join(lost) +
                     "\nplugins that people have built need them: bring them back (wasm/runtime/promised.cpp)")
    elif len(sys.argv) == 4 and sys.argv[1] == "check":
        with open(sys.argv[3]) as file:
            published = set(json.load(file)["symbols"])
        imports, exports = imports_and_exports(sys.argv[2])
        lacking = sorted(imports - exports - published - LOADER)
        if lacking:
            sys.exit(f"{sys.argv[2]}: expected only symbols of the published set, found beside them:\n  " + "\n  ".join(lacking) +
                     "\nbring the code that defines them into the plugin, or use another function")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
