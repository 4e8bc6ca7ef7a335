#!/usr/bin/env python3
"""Promotes, archives and rolls back on a stack of real servers, and kills the program at any moment: nothing may be lost or half published.

Every server but the tracker stands behind a proxy that lets 5 % of its answers fail (faulty_proxy.py); every 40 kills one of them is stopped while a
promotion is under way, and started again. After each kill the next command (a listing, of this machine's or of another's workspace) must leave the
catalogue, the stages and the bucket agreeing, seen past the proxies. Twice in the run two promotions are begun at once.

usage: kills.py FAIR [COUNT=100] [SEED=1]      standard library and curl only; 127.0.0.1 only
env: FAIR_TEST_STAC, FAIR_TEST_S3, FAIR_TEST_BUCKET, FAIR_TEST_ZENML, FAIR_TEST_ZENML_PASSWORD, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, PEERS (run.sh)
"""
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

fair = os.path.realpath(sys.argv[1])
count = int(sys.argv[2]) if len(sys.argv) > 2 else 100
chance = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
here = pathlib.Path(__file__).resolve().parent
peers = pathlib.Path(os.environ.get("PEERS", here / "../../../shared/peers")).resolve()
stac, s3, zenml = (os.environ["FAIR_TEST_" + name].rstrip("/") for name in ("STAC", "S3", "ZENML"))
bucket = os.environ["FAIR_TEST_BUCKET"]
work = pathlib.Path(tempfile.mkdtemp())
model, town = f"kills-buildings-{os.getpid()}", f"kills-town-{os.getpid()}"
proxies = []


def proxied(url, seed):
    process = subprocess.Popen([sys.executable, here / "faulty_proxy.py", url, "0.05", str(seed)], stdout=subprocess.PIPE, text=True)
    proxies.append(process)
    return process.stdout.readline().strip()


def configure(name, stac_url, s3_url, zenml_url):
    return f"""
[stack.{name}.catalog]
kind = "stac-api"
url = "{stac_url}"
[stack.{name}.artifacts]
kind = "s3"
bucket = "{bucket}"
prefix = "kills"
endpoint = "{s3_url}"
base = "{s3}/{bucket}/kills"
[stack.{name}.versions]
kind = "zenml"
url = "{zenml_url}"
user = "admin"
password_env = "FAIR_TEST_ZENML_PASSWORD"
"""


def run(workspace, *words, stack="faulty", within=30):
    """The exit status and what was said; no command may take longer."""
    begin = time.monotonic()
    done = subprocess.run([fair, "-w", workspace, "--stack", stack, *words], cwd=work, capture_output=True, text=True, timeout=within * 4)
    seconds = time.monotonic() - begin
    if seconds > within:
        sys.exit(f"{' '.join(words)} took {seconds:.0f} s")
    return done.returncode, done.stdout + done.stderr


def must(workspace, *words, stack="direct", within=120):
    status, said = run(workspace, *words, stack=stack, within=within)
    if status != 0:
        sys.exit(f"{' '.join(words)} failed: {said}")
    return said


def ask(url, body=None, form=None, token=None, method=None):
    data = json.dumps(body).encode() if body is not None else urllib.parse.urlencode(form).encode() if form else None
    head = {"Authorization": "Bearer " + token} if token else {}
    if body is not None:
        head["Content-Type"] = "application/json"
    with urllib.request.urlopen(urllib.request.Request(url, data, head, method=method), timeout=30) as answer:
        return json.load(answer)


def objects():
    """The keys below kills/ in the bucket."""
    keys = os.environ["AWS_ACCESS_KEY_ID"] + ":" + os.environ["AWS_SECRET_ACCESS_KEY"]
    listed = subprocess.run(["curl", "-fsS", "--aws-sigv4", "aws:amz:us-east-1:s3", "--user", keys, f"{s3}/{bucket}?list-type=2&prefix=kills%2F"],
                            capture_output=True, text=True, check=True).stdout
    return {part.split("</Key>")[0] for part in listed.split("<Key>")[1:]}


def look(when):
    """What a stranger sees who reads the servers themselves."""
    items = ask(f"{stac}/search", {"collections": ["local-models"], "limit": 1000})["features"]
    items = {i["id"]: i for i in items if i["properties"].get("mlm:name") == model}
    active = [i["properties"]["version"] for i in items.values() if not i["properties"].get("deprecated")]
    token = ask(f"{zenml}/api/v1/login", form={"username": "admin", "password": os.environ["FAIR_TEST_ZENML_PASSWORD"]})["access_token"]
    found = ask(f"{zenml}/api/v1/model_versions?size=1000&hydrate=true", token=token)["items"]
    stages = {str(v["body"]["number"]): v["body"]["stage"] for v in found if v["body"]["model"]["name"] == model}
    keys = objects()
    faults = []
    if len(active) > 1:
        faults.append(f"versions {active} are active")
    if sorted(stages) != ["1", "2", "3"]:
        faults.append(f"the versions are {stages}")
    if [n for n, s in stages.items() if s == "production"] != active:
        faults.append(f"{active} active, but stages {stages}")
    for item in items.values():
        for asset in ("model", "checkpoint", "training-metrics"):
            key = item["assets"][asset]["href"].split(f"/{bucket}/", 1)[-1]
            if key not in keys:
                faults.append(f"{item['id']} names {key}, which is not there")
        for link in item["links"]:
            if link["rel"] in ("successor-version", "predecessor-version") and link["href"].rsplit("/", 1)[-1] not in items:
                faults.append(f"{item['id']} points at {link['href']}")
    if left := [k for k in keys if k.startswith("kills/intents/")]:
        faults.append(f"notes are left: {left}")
    if faults:
        sys.exit(f"{when}: " + "; ".join(faults))
    return active


def prepare():
    (work / "fair.toml").write_text(configure("faulty", proxied(stac, 1), proxied(s3, 2), proxied(zenml, 3)) + configure("direct", stac, s3, zenml))
    subprocess.run([fair, "demo", "--out", "town", "--size", "4", "--minutes", "0.01"], cwd=work, check=True, capture_output=True)
    chips = next((work / "town").rglob("town-*.tif")).parent
    footprints = next((work / "town").rglob("buildings.geojson"))
    must("one", "init"), must("two", "init", "--empty")
    must("one", "dataset", "make", "--task", "segmentation", "--chips", str(chips), "--labels", str(footprints), "--id", town, "--register")
    for workspace in ("one", "one", "two"):
        must(workspace, "finetune", "--base", "unet-segmentation-small", "--dataset", town, "--name", model, "--max-minutes", "0.01")
    must("one", "promote", model, "1")
    look("at the beginning")


def kill_one(number):
    words = chance.choice([["promote", model, str(chance.randint(1, 3))]] * 4 + [["archive", model, str(chance.randint(1, 3))]])
    workspace, other = chance.choice([("one", "two"), ("two", "one"), ("one", "one")])
    child = subprocess.Popen([fair, "-w", workspace, "--stack", "faulty", *words], cwd=work, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        child.wait(chance.uniform(0, longest))
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGKILL)
    said = child.communicate()[0]
    if child.returncode not in (0, -signal.SIGKILL):
        sys.exit(f"kill {number}: {' '.join(words)} failed by itself: {said}")
    status, said = run(other, "list", "versions", "--json")
    if status != 0:
        sys.exit(f"kill {number}: the next command failed: {said}")
    look(f"kill {number}, {' '.join(words)}")
    return child.returncode != 0, "settled" in said


def server_stops(number):
    """A server goes while a promotion is under way: refused in words, and finished when it is back."""
    name = ("zenml", "s3", "stac-api")[number // 40 % 3]
    child = subprocess.Popen([fair, "-w", "one", "--stack", "faulty", "promote", model, str(chance.randint(1, 3))], cwd=work, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True)
    time.sleep(chance.uniform(0, longest / 2))
    subprocess.run([peers / f"{name}.sh", "stop"], check=True, capture_output=True)
    said = child.communicate(timeout=120)[0]
    subprocess.run([peers / f"{name}.sh", "start"], check=True, capture_output=True, timeout=300)
    if child.returncode not in (0, 1) or (child.returncode == 1 and "http" not in said and "s3:" not in said):
        sys.exit(f"{name} stopped: status {child.returncode}: {said}")
    run("two", "list", "versions")
    look(f"after {name} was stopped")
    return name, child.returncode


def two_at_once():
    both = [subprocess.Popen([fair, "-w", w, "--stack", "direct", "promote", model, n], cwd=work, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            for w, n in (("one", "1"), ("two", "3"))]
    said = [child.communicate(timeout=120)[0] for child in both]
    won = [child.returncode == 0 for child in both]
    if sum(won) != 1 or not any("try again when it is done" in s for s in said):
        sys.exit(f"two at once: {[c.returncode for c in both]} {said}")
    active = look("after two at once")
    if active != [("1", "3")[won.index(True)]]:
        sys.exit(f"two at once: the winner is not active: {active}")
    return said[won.index(False)].strip().splitlines()[-1]


longest = 3.0
try:
    prepare()
    begin = time.monotonic()
    run("one", "promote", model, "2")
    longest = max(0.5, 1.2 * (time.monotonic() - begin))
    print(f"a promotion takes {longest / 1.2:.1f} s; refused: {two_at_once()}", flush=True)
    killed = settled = 0
    for number in range(1, count + 1):
        was_killed, was_settled = kill_one(number)
        killed += was_killed
        settled += was_settled
        if number % 40 == 0:
            print(f"{number}: {killed} killed, {settled} settled by the next command; stopped {server_stops(number)}", flush=True)
    two_at_once()
    must("one", "delete", model)
    if killed < count / 3 or (count >= 50 and settled == 0):
        sys.exit(f"only {killed} of {count} were killed and {settled} settled: this proves too little")
    if left := [k for k in objects() if f"/{model}" in k or "/intents/" in k]:
        sys.exit(f"left in the bucket: {left}")
    print(f"kills: all well; {count} times, {killed} killed under way, {settled} of them settled by the next command")
finally:
    for process in proxies:
        process.terminate()
        process.wait()
    shutil.rmtree(work, ignore_errors=True)
