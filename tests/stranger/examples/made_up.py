#!/usr/bin/env python3
"""Made-up ground with roads, with trees, or of six kinds: 16 chips named by their tile (also as tiles Z/X/Y.png), and the outlines of what is on them,
whose attribute "kind" says what it is.

usage: made_up.py roads|trees|land_cover FOLDER
"""
import json
import math
import pathlib
import sys

import numpy as np
import struct
import zlib

SIDE, ZOOM, WEST, NORTH = 1024, 19, 262144, 262140


def degrees(x, y):
    n = 2.0 ** ZOOM
    return [(WEST + x / 256) / n * 360 - 180, math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * (NORTH + y / 256) / n))))]


def png(path, pixels):
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">2I5B", *pixels.shape[1::-1], 8, 2, 0, 0, 0)) +
                     chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def roads(random, ground):
    """Wavy roads, 16 pixels wide, along both axes."""
    rings = []
    for i in range(10):
        at = np.linspace(-20, SIDE + 20, 60)
        middle = 60 + 210 * (i // 2) + 25 * np.sin(at / 130 + i) + random.uniform(-8, 8)
        one, other = np.stack([at, middle - 8], 1), np.stack([at, middle + 8], 1)
        ring = np.concatenate([one, other[::-1]])
        ring = ring[:, ::-1] if i % 2 else ring
        rings.append(np.clip(ring, 0, SIDE))
        inside = np.abs(np.arange(SIDE)[:, None] - np.interp(np.arange(SIDE), at, middle)[None, :]) < 8
        ground[inside.T if i % 2 else inside] = [150, 148, 145]
    return rings


def trees(random, ground):
    """Round crowns, 9 to 14 pixels in radius, apart from each other."""
    rings, placed = [], []
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    while len(placed) < 260:
        cx, cy, radius = random.uniform(20, SIDE - 20), random.uniform(20, SIDE - 20), random.uniform(9, 14)
        if any((cx - a) ** 2 + (cy - b) ** 2 < (radius + r + 4) ** 2 for a, b, r in placed):
            continue
        placed.append((cx, cy, radius))
        ground[(x - cx) ** 2 + (y - cy) ** 2 < radius ** 2] = [35, 75, 30]
        turn = np.linspace(0, 2 * np.pi, 17)
        rings.append(np.stack([cx + radius * np.cos(turn), cy + radius * np.sin(turn)], 1))
    return rings


def fill(ground, ring, colour):
    """Colours the pixels whose centres a convex ring holds."""
    west, north = np.floor(ring.min(0)).astype(int)
    east, south = np.ceil(ring.max(0)).astype(int)
    y, x = np.mgrid[north:south, west:east] + 0.5
    sides = [(b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]) for a, b in zip(ring, np.roll(ring, -1, 0))]
    ground[north:south, west:east][np.all(np.array(sides) >= 0, 0)] = colour


def land_cover(random, ground):
    """Fields, ponds, roads, houses and trees, the later upon the earlier; meadow where none of them is."""
    kinds = []

    def put(kind, ring, colour):
        ring = np.clip(np.array(ring, float), 0, SIDE)
        fill(ground, ring, colour)
        kinds.append((kind, ring))

    turn = np.linspace(0, 2 * np.pi, 25)[:-1]
    blob = lambda cx, cy, rx, ry: np.stack([cx + rx * np.cos(turn), cy + ry * np.sin(turn)], 1)
    block = lambda x, y, w, h: [[x, y], [x + w, y], [x + w, y + h], [x, y + h]]
    for i in range(4):
        for j in range(4):
            west, north = 256 * i, 256 * j
            field = random.uniform(70, 110, 2)
            put("landuse", block(west + random.uniform(4, 12), north + random.uniform(4, 12), *field), [205, 180, 95])
            put("water", blob(west + random.uniform(175, 205), north + random.uniform(45, 65), *random.uniform(24, 40, 2)), [45, 90, 130])
            for house in range(4):
                put("building", block(west + 20 + 54 * house + random.uniform(-6, 6), north + 192 + random.uniform(-6, 6), *random.uniform(22, 36, 2)), [170, 80, 60])
    for i in range(4):
        put("road", block(0, 256 * i + 138, SIDE, 16), [150, 148, 145])
        put("road", block(256 * i + 124, 0, 16, SIDE), [150, 148, 145])
    for i in range(4):
        for j in range(4):
            for tree in range(5):
                radius = random.uniform(8, 13)
                put("tree", blob(256 * i + 24 + 50 * tree + random.uniform(-9, 9), 256 * j + 168 + random.uniform(-3, 3), radius, radius), [30, 75, 35])
    return kinds


def main():
    what, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    random = np.random.default_rng(7)
    ground = np.empty((SIDE, SIDE, 3), np.int16)
    ground[:] = [175, 160, 120] if what == "trees" else [120, 140, 90]
    kinds = land_cover(random, ground) if what == "land_cover" else [(what[:-1], ring) for ring in {"roads": roads, "trees": trees}[what](random, ground)]
    pixels = np.clip(ground + random.integers(-14, 15, ground.shape), 0, 255).astype(np.uint8)
    (folder / "chips").mkdir(parents=True, exist_ok=True)
    for j in range(4):
        for i in range(4):
            chip = np.ascontiguousarray(pixels[256 * j:256 * j + 256, 256 * i:256 * i + 256])
            png(folder / "chips" / f"made-{WEST + i}-{NORTH + j}-{ZOOM}.png", chip)
            column = folder / "tiles" / str(ZOOM) / str(WEST + i)
            column.mkdir(parents=True, exist_ok=True)
            png(column / f"{NORTH + j}.png", chip)
    features = [{"type": "Feature", "properties": {"kind": kind},
                 "geometry": {"type": "Polygon", "coordinates": [[degrees(x, y) for x, y in ring] + [degrees(*ring[0])]]}} for kind, ring in kinds]
    (folder / "labels.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))


if __name__ == "__main__":
    main()
