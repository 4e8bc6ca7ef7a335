"""Tiles of made-up ground over HTTP on 127.0.0.1: light houses on dark ground, some across tiles' edges. Prints its port.

    tests/peers/tiles.py"""
import http.server
import struct
import zlib

SIZE = 256


def chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))


def tile(x, y):
    rows = bytearray()
    for row in range(SIZE):
        rows.append(0)
        v = y * SIZE + row
        for column in range(SIZE):
            u = x * SIZE + column
            plot = (u // 60 * 7919 + v // 52 * 104729) % 11
            house = u % 60 > 12 + plot and v % 52 > 10 + plot
            rows += bytes((190 + plot, 180, 170)) if house else bytes((60 + plot, 90, 50))
    header = struct.pack('>IIBBBBB', SIZE, SIZE, 8, 2, 0, 0, 0)
    return b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', header) + chunk(b'IDAT', zlib.compress(bytes(rows), 1)) + chunk(b'IEND', b'')


class Tiles(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        _, _, x, y = self.path.rsplit('.', 1)[0].split('/')
        body = tile(int(x), int(y))
        self.send_response(200)
        self.send_header('Content-Type', 'image/png')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Tiles)
print(server.server_address[1], flush=True)
server.serve_forever()
