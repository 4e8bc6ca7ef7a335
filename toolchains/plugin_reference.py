#!/usr/bin/env python3
"""Writes the generated parts of plugins/README.md: the contract from core/plugin/abi.h, refusals from tests/unit/native_plugins/refusals.json.

usage: plugin_reference.py           writes them
       plugin_reference.py --check   fails where they are not up to date
"""
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
README = ROOT / "plugins/README.md"


def cell(text):
    return " ".join(re.sub(r"\n \* ?", " ", text).split()).replace("|", "\\|")


def contract():
    text = (ROOT / "core/plugin/abi.h").read_text()
    text = text[text.index("#define FAIR_ABI_MAJOR"):text.index("#ifdef __cplusplus\n}")]
    version = ".".join(re.findall(r"#define FAIR_ABI_M\w+ (\d+)", text))
    out = [f"Version {version}."]
    for match in re.finditer(r"(?:/\*(?P<lead>(?:(?!\*/).)*)\*/\n)?typedef struct (?P<name>\w+) \{\n(?P<body>.*?)\n\} (?P=name);", text, re.S):
        out.append(f"\n**`{match['name']}`**" + (f": {cell(match['lead'])}" if match["lead"] else "") + "\n\n| member | meaning |\n|---|---|")
        body, pending = re.sub(r"\n\s{10,}", " ", match["body"]), ""
        for line in body.splitlines():
            line = line.strip()
            note = re.search(r"/\*(.*?)\*/", line)
            code = re.sub(r"\s*/\*.*?\*/\s*", "", line).strip()
            if not code:
                pending = note[1] if note else ""
                continue
            meaning = note[1] if note else pending
            out.append(f"| `{cell(code.rstrip(';'))}` | {cell(meaning)} |")
    entry = re.search(r"/\*((?:(?!\*/).)*)\*/\ntypedef int32_t \(\*fair_plugin_entry\)", text, re.S)
    out.append(f"\n**`fair_plugin_entry`**, exported as `fair_plugin_<name>`: {cell(entry[1])}")
    kinds = re.search(r"/\*((?:(?!\*/).)*)\*/\nenum \{ FAIR_RESULT_SCORES", text, re.S)
    out.append(f"\n**Kinds of results**: {cell(kinds[1])}")
    return "\n".join(out)


def refusals():
    cases = json.loads((ROOT / "tests/unit/native_plugins/refusals.json").read_text())
    out = ["| what is wrong | what is said | what to do |", "|---|---|---|"]
    for what, forms in cases.items():
        sentence = forms.get("shared") or next(iter(forms.values()))
        said, _, todo = sentence.partition("; ")
        out.append(f"| {cell(what)} | {cell(said)} | {cell(todo)} |")
    return "\n".join(out)


def main():
    old = text = README.read_text()
    for name, made in (("refusals", refusals()), ("contract", contract())):
        text = re.sub(rf"<!-- generated: {name} -->\n.*?<!-- end of generated -->",
                      lambda _: f"<!-- generated: {name} -->\n{made}\n<!-- end of generated -->", text, count=1, flags=re.S)
    if sys.argv[1:] == ["--check"]:
        sys.exit(0 if text == old else "plugins/README.md: expected the contract and the refusals as they now are, found others; run toolchains/plugin_reference.py")
    if len(sys.argv) > 1:
        sys.exit(__doc__)
    README.write_text(text)


if __name__ == "__main__":
    main()
