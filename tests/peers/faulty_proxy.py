#!/usr/bin/env python3
"""Stands before a server and lets a share of the answers fail: a third are refused with 503 before the server hears of them, a third are lost after it
has done its work, a third break off half-way.  Standard library only; 127.0.0.1 only.

usage: faulty_proxy.py TARGET [SHARE=0.05] [SEED=1]     prints its own address, then serves until it is ended
"""
import http.client
import random
import signal
import socket
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

target = urllib.parse.urlsplit(sys.argv[1])
share = float(sys.argv[2]) if len(sys.argv) > 2 else 0.05
chance = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
lock = threading.Lock()
counts = {"answers": 0, "refused": 0, "lost": 0, "broken off": 0}
hop_by_hop = {"connection", "transfer-encoding", "keep-alive", "content-length"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def draw(self):
        with lock:
            counts["answers"] += 1
            fault = chance.choice(["refused", "lost", "broken off"]) if chance.random() < share else None
            if fault:
                counts[fault] += 1
            return fault

    def hang_up(self):
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def relay(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        fault = self.draw()
        if fault == "refused":
            self.send_response(503)
            self.send_header("content-length", "0")
            self.end_headers()
            return
        server = http.client.HTTPConnection(target.hostname, target.port, timeout=60)
        # As it came, its host too: signatures cover it.
        server.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() != "connection":
                server.putheader(name, value)
        server.endheaders(body or None)
        answer = server.getresponse()
        content = answer.read()
        server.close()
        if fault == "lost":
            self.hang_up()
            return
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in hop_by_hop:
                self.send_header(name, value)
        length = answer.getheader("content-length") if self.command == "HEAD" else str(len(content))
        if length is not None and answer.status != 204:
            self.send_header("content-length", length)
        self.end_headers()
        if fault == "broken off":
            self.wfile.write(content[: len(content) // 2])
            self.wfile.flush()
            self.hang_up()
            return
        self.wfile.write(content)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_PATCH = do_OPTIONS = relay

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):  # clients that are killed hang up
        pass


signal.signal(signal.SIGTERM, signal.default_int_handler)
server = Server(("127.0.0.1", 0), Handler)
print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
try:
    server.serve_forever()
except KeyboardInterrupt:
    pass
finally:
    print(counts, file=sys.stderr, flush=True)
