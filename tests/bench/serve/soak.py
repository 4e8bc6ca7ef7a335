#!/usr/bin/env python3
"""fair serve for a long time: predictions, streams, graphs, jobs, wrong requests and clients that leave, all at once.

usage: tests/bench/serve/soak.py FAIR [--minutes N] [--clients N]
Passes where every answer is as it must be, the process lives to the end, and neither its memory nor its open files grow: the median of the last third of
the time at most 5 % and 8 MB above that of the second third.
"""
import argparse
import http.client
import http.server
import json
import os
import random
import re
import signal
import socketserver
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib

MODEL = "unet-segmentation-small"
TOKEN = "soak"


def picture(seed):
    """A PNG of 256 x 256 pixels: dark ground and some bright houses."""
    dice = random.Random(seed)
    rows = [bytearray((60 + dice.randrange(20), 80, 50) * 256) for _ in range(256)]
    for _ in range(14):
        x, y, w, h = dice.randrange(220), dice.randrange(220), dice.randrange(8, 36), dice.randrange(8, 36)
        for row in rows[y:y + h]:
            row[3 * x:3 * (x + w)] = bytes((200, 190, 180)) * w
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 256, 256, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(b"".join(b"\0" + bytes(row)[:768] for row in rows))) + chunk(b"IEND", b""))


PICTURES = [picture(seed) for seed in range(16)]


class Tiles(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        status, body = 200, b""
        try:
            _, z, x, y = self.path.split("/")
            body = PICTURES[(int(x) + 5 * int(y)) % len(PICTURES)]
            if (int(x) * 7 + int(y)) % 23 == 0:
                status, body = 404, b""
        except ValueError:
            status = 404
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class TileServer(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 128


class Soak:
    def __init__(self, port, tiles, seconds):
        self.port, self.tiles, self.end = port, tiles, time.monotonic() + seconds
        self.wrong, self.counts, self.lock = [], {}, threading.Lock()

    def prediction(self, dice):
        west, south = 85.5 + dice.random() / 50, 27.6 + dice.random() / 50
        size = dice.choice((0.0004, 0.001, 0.002))
        return {"model_uri": MODEL, "image_uri": f"http://127.0.0.1:{self.tiles}/{{z}}/{{x}}/{{y}}", "bbox": [west, south, west + size, south + size],
                "zoom": 19, "params": {"confidence_threshold": 0.5}}

    def ask(self, connection, method, path, body=None, headers=None):
        connection.request(method, path, body, {"Content-Type": "application/json", **(headers or {})})
        answer = connection.getresponse()
        return answer.status, answer.read()

    def one(self, dice, connection):
        kind = dice.choices(("predict", "stream", "wrong", "leave", "graph", "look", "job"), (40, 10, 20, 8, 4, 15, 3))[0]
        if kind == "predict":
            status, body = self.ask(connection, "POST", "/predict", json.dumps(self.prediction(dice)))
            good = status == 429 or (status == 200 and json.loads(body)["type"] == "FeatureCollection")
        elif kind == "stream":
            status, body = self.ask(connection, "POST", "/predict?stream=1", json.dumps(self.prediction(dice)))
            good = status == 429 or (status == 200 and all(json.loads(f) for f in body.split(b"\x1e")[1:]))
        elif kind == "wrong":
            text = json.dumps(self.prediction(dice))
            path, text = dice.choice((("/predict", text[:dice.randrange(len(text))]), ("/predict", text.replace('"zoom": 19', '"zoom": 99')),
                                      ("/nothing/predict", text), ("/predict", text.replace("127.0.0.1", "10.0.0.1")),
                                      ("/predict", text.replace(MODEL, "no-such")), ("/v2/models/no-such/infer", "{}")))
            status, body = self.ask(connection, "POST", path, text)
            good = 400 <= status < 500 and "error" in json.loads(body)
        elif kind == "leave":
            hasty = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            hasty.request("POST", "/predict", json.dumps(self.prediction(dice)), {"Content-Type": "application/json"})
            time.sleep(dice.random() / 10)
            hasty.close()
            good = True
        elif kind == "graph":
            tensor = {"name": "input", "shape": [1, 3, 256, 256], "datatype": "FP32", "data": [0.5] * (3 * 256 * 256)}
            status, body = self.ask(connection, "GET", f"/v2/models/{MODEL}")
            if status == 200:
                tensor["name"] = json.loads(body)["inputs"][0]["name"]
                status, body = self.ask(connection, "POST", f"/v2/models/{MODEL}/infer", json.dumps({"inputs": [tensor]}))
            good = status in (200, 429)
        elif kind == "look":
            status, body = self.ask(connection, "GET", dice.choice(("/health", "/ready", "/models", "/metrics", "/openapi.json")))
            good = status == 200
        else:
            headers = {"Authorization": "Bearer " + TOKEN}
            job = {"kind": "compat", "model_id": MODEL, "dataset_id": "none"} if dice.random() < 0.5 else {
                **{k: v for k, v in self.prediction(dice).items() if k != "model_uri"}, "model_stac_id": MODEL}
            status, body = self.ask(connection, "POST", "/jobs", json.dumps(job), headers)
            good = status in (202, 429)
            if status == 202 and dice.random() < 0.5:
                status, body = self.ask(connection, "DELETE", "/jobs/" + json.loads(body)["id"], None, headers)
                good = status in (202, 204)
        with self.lock:
            self.counts[kind] = self.counts.get(kind, 0) + 1
            if not good:
                self.wrong.append(f"{kind}: {status} {body[:300]!r}")

    def client(self, seed):
        dice, connection = random.Random(seed), None
        while time.monotonic() < self.end:
            try:
                if connection is None or dice.random() < 0.05:
                    connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
                self.one(dice, connection)
            except Exception as problem:  # noqa: BLE001 whatever it is, it is not an answer
                with self.lock:
                    self.wrong.append(f"{type(problem).__name__}: {problem}")
                connection = None
                time.sleep(0.2)


def held(pid):
    """Megabytes in memory, open files."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        rss = int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) / 1024
    return rss, len(os.listdir(f"/proc/{pid}/fd"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("fair")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--clients", type=int, default=6)
    options = parser.parse_args()
    fair = os.path.abspath(options.fair)
    tiles = TileServer(("127.0.0.1", 0), Tiles)
    threading.Thread(target=tiles.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        for line in (["init", "--empty"], ["register", "plugin:" + MODEL]):
            subprocess.run([fair, *line], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        said = open(os.path.join(folder, "said"), "w+", encoding="utf-8")
        log = open(os.path.join(folder, "log"), "w+", encoding="utf-8")
        server = subprocess.Popen([fair, "serve", "--port", "0", "--json", "--quiet", "--allow-private", "127.0.0.1"], cwd=folder, stdout=said, stderr=log,
                                  env={**os.environ, "FAIR_SERVE_TOKEN": TOKEN})
        try:
            port = None
            for _ in range(200):
                time.sleep(0.05)
                said.seek(0)
                try:
                    port = json.load(said)["port"]
                    break
                except ValueError:
                    pass
            soak = Soak(port, tiles.server_address[1], options.minutes * 60)
            clients = [threading.Thread(target=soak.client, args=(seed,)) for seed in range(options.clients)]
            for client in clients:
                client.start()
            samples = []
            while any(client.is_alive() for client in clients) and server.poll() is None:
                samples.append(held(server.pid))
                time.sleep(2)
                if len(samples) % 30 == 0:
                    print(f"{len(samples) * 2} s: {samples[-1][0]:.0f} MB, {samples[-1][1]} files, {sum(soak.counts.values())} requests", flush=True)
            alive = server.poll() is None
            server.send_signal(signal.SIGTERM)
            ended = server.wait(60)
        finally:
            if server.poll() is None:
                server.kill()
    third = len(samples) // 3
    middle, last = samples[third:2 * third], samples[2 * third:]
    figures = [(statistics.median(s[i] for s in middle), statistics.median(s[i] for s in last)) for i in (0, 1)]
    (memory_before, memory_after), (files_before, files_after) = figures
    flat = memory_after <= memory_before * 1.05 + 8 and files_after <= files_before + 8
    print(f"requests: {soak.counts}; wrong answers: {len(soak.wrong)}; alive {alive}, ended with {ended}")
    print(f"memory: {memory_before:.0f} MB in the second third, {memory_after:.0f} MB in the last; open files: {files_before:.0f}, {files_after:.0f}")
    for line in soak.wrong[:10]:
        print("  " + line)
    good = alive and ended == 0 and flat and not soak.wrong and sum(soak.counts.values()) > 0
    print("soak: " + ("passed" if good else "FAILED"))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
