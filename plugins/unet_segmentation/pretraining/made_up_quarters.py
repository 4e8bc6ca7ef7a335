"""Pictures of dense quarters that do not exist, and where their buildings are: what the small network's starting weights learned from (README.md).

    made_up_quarters.py FOLDER COUNT [--seed N]

Writes FOLDER/chips/quarter-X-Y-19.png, 512 x 512 pixels named by their tile, and FOLDER/buildings.geojson. Colours, textures, sizes and densities are
drawn far apart and not made to look like any town: what all of them share is that roofs are patches with straight sides which throw shadows, stand wall
to wall, and carry and are covered by other things. Needs Python with numpy and opencv; pixels may differ in their last bit between versions of it."""
import argparse
import json
import math
from pathlib import Path

import cv2
import numpy as np

SIDE, ZOOM, WEST, NORTH, COLUMNS = 512, 19, 386000, 220000, 32
SUBPIXEL = 4  # bits of a pixel in opencv's fixed-point corners


def fixed_point(polygon):
    return [np.round(polygon * (1 << SUBPIXEL)).astype(np.int32)]


def fill(mask, polygon):
    cv2.fillPoly(mask, fixed_point(polygon), 255, shift=SUBPIXEL, lineType=cv2.LINE_AA)


def line_around(image, polygon, colour, width):
    cv2.polylines(image, fixed_point(polygon), True, colour, width, cv2.LINE_AA, SUBPIXEL)


def box(half_width, half_height):
    return np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * [half_width, half_height]


def turned(angle):
    return np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])


class Quarter:
    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.image = np.zeros((SIDE, SIDE, 3), np.float32)
        self.angle = self.random.uniform(0, math.pi)
        self.grey = self.random.uniform(0, 0.8)  # share of what is concrete, whatever else the palette has
        self.palette = [self.colour() for _ in range(self.random.integers(1, 5))]  # what neighbours have in common
        self.alike = self.random.choice([0, 0.4, 0.8])  # share of the roofs that take from it

    def make(self):
        """The picture, u8 (SIDE, SIDE, 3), and its buildings' outlines."""
        self.ground()
        self.litter(self.random.integers(100, 400))
        away = self.random.uniform(-1, 1, 2)
        buildings, yards = self.plan()
        for outline in yards:
            self.yard(outline)
        for outline in buildings:
            self.shade(outline, away * self.random.uniform(3, 22))
            self.roof(outline)
        self.trees(self.random.integers(0, 60))
        self.wires(self.random.integers(0, 5))
        return self.camera(), buildings

    def camera(self):
        """u8: the scene in some light, through some lens, stored by some encoder."""
        r, image = self.random, np.clip(self.image, 0, 255) / 255
        image = np.power(image, math.exp(r.normal(0, 0.25)))
        image = (image - 0.5) * r.uniform(0.6, 1.2) + 0.5 + r.normal(0, 0.06) + r.normal(0, 0.02, 3)
        image = (image * 255).astype(np.float32)
        lens = r.random()
        if lens < 0.5:
            image = cv2.GaussianBlur(image, (0, 0), r.uniform(0.3, 1.3))
        if lens > 0.3:  # what is too soft is sharpened
            image += (image - cv2.GaussianBlur(image, (0, 0), r.uniform(0.8, 2))) * r.uniform(0, 1.2)
        image = np.clip(image + r.normal(0, r.uniform(0, 5), image.shape), 0, 255).astype(np.uint8)
        if r.random() < 0.6:
            image = cv2.imdecode(cv2.imencode('.jpg', image, [cv2.IMWRITE_JPEG_QUALITY, int(r.integers(40, 96))])[1], cv2.IMREAD_COLOR)
        return image

    # What things look like

    def colour(self):
        r, kind = self.random, self.random.random()
        if r.random() < self.grey or kind < 0.35:
            return r.uniform(90, 225) + r.normal(0, 10, 3) + np.array([6, 0, -8]) * r.random()
        if kind < 0.5:
            return r.uniform([40, 100, 150], [110, 150, 220])
        if kind < 0.7:
            return r.uniform([130, 70, 55], [200, 120, 100])
        if kind < 0.85:
            return r.uniform([120, 100, 80], [190, 160, 140])
        return r.uniform(40, 230, 3)

    def leaf(self):
        return self.random.uniform([20, 50, 15], [90, 120, 70])

    def noise(self, height, width, scale):
        coarse = self.random.standard_normal((max(2, int(height / scale) + 2), max(2, int(width / scale) + 2))).astype(np.float32)
        return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)

    def texture(self, height, width, angle):
        """f32 (height, width) around 0: stains, grain, and on some ribs or sheets along `angle`."""
        r = self.random
        out = self.noise(height, width, r.uniform(20, 80)) * r.uniform(0, 14) + self.noise(height, width, r.uniform(3, 10)) * r.uniform(0, 9)
        out += self.noise(height, width, 1.2) * r.uniform(1, 7)
        kind = r.random()
        y, x = np.mgrid[:height, :width].astype(np.float32)
        along, across = x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)
        if kind < 0.4:
            out += r.uniform(3, 14) * np.sign(np.sin(2 * math.pi * along / r.uniform(3, 9)))
        if kind < 0.25:
            sheet = np.floor(along / r.uniform(8, 25)).astype(int) * 131 + np.floor(across / r.uniform(20, 60)).astype(int) * 17
            out += (sheet * 2654435761 % 1000 / 1000 - 0.5) * r.uniform(10, 60)
        return out

    # What lies where

    def ground(self):
        r = self.random
        bare = self.colour() * 0.5 + np.array([65, 57, 47])
        base = bare if r.random() < 0.7 else r.uniform([40, 60, 30], [110, 120, 80])
        light = self.noise(SIDE, SIDE, 60) * 15 + self.noise(SIDE, SIDE, 8) * 9 + self.noise(SIDE, SIDE, 1.5) * 8
        tints = np.stack([self.noise(SIDE, SIDE, 40) * 6 for _ in range(3)], -1)
        self.image = np.clip(base + light[..., None] + tints, 0, 255).astype(np.float32)

    def lay(self, polygon, paint):
        """Blends `paint`, a function of the covered box (x0, y0, x1, y1) giving colours and their shares, over the polygon."""
        (x0, y0), (x1, y1) = np.maximum(np.floor(polygon.min(0)).astype(int) - 1, 0), np.minimum(np.ceil(polygon.max(0)).astype(int) + 2, SIDE)
        if x1 - x0 < 3 or y1 - y0 < 3:
            return
        mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
        fill(mask, polygon - [x0, y0])
        colours, share = paint(x0, y0, x1, y1)
        cover = mask[..., None] / 255 * share
        self.image[y0:y1, x0:x1] = self.image[y0:y1, x0:x1] * (1 - cover) + np.clip(colours, 0, 255) * cover

    def blob(self, middle, size, corners):
        at = np.linspace(0, 2 * math.pi, corners, endpoint=False) + self.random.uniform(0, 0.3, corners)
        return middle + np.stack([np.cos(at), np.sin(at)], 1) * size * self.random.uniform(0.6, 1.2, (corners, 1))

    def litter(self, count):
        """Patches of anything, that no label knows: yards, beds, tarpaulins, rubble."""
        r = self.random
        for _ in range(count):
            middle, size = r.uniform(0, SIDE, 2), math.exp(r.uniform(math.log(3), math.log(60)))
            colour = self.colour() if r.random() < 0.5 else self.leaf()
            if r.random() < 0.5:
                shape = box(size / 2, size * r.uniform(0.1, 0.75)) @ turned(r.uniform(0, math.pi)) + middle
            else:
                shape = self.blob(middle, size / 2, r.integers(6, 14))
            self.lay(shape, lambda x0, y0, x1, y1: (colour + self.texture(y1 - y0, x1 - x0, r.uniform(0, 3))[..., None] * 2, r.uniform(0.3, 1)))

    def lots(self, lot, least):
        """The lot (u0, v0, u1, v1), cut in two until its parts are small enough."""
        u0, v0, u1, v1 = lot
        if max(u1 - u0, v1 - v0) < least * self.random.uniform(1.2, 3):
            return [lot]
        share = self.random.uniform(0.3, 0.7)
        if u1 - u0 > v1 - v0:
            cut = u0 + (u1 - u0) * share
            return self.lots((u0, v0, cut, v1), least) + self.lots((cut, v0, u1, v1), least)
        cut = v0 + (v1 - v0) * share
        return self.lots((u0, v0, u1, cut), least) + self.lots((u0, cut, u1, v1), least)

    def plan(self):
        """Outlines of buildings and of yards, f64 (corners, 2) in pixels. Half of the buildings fill their lots and so touch their neighbours."""
        r, lots, least, u = self.random, [], math.exp(self.random.uniform(math.log(20), math.log(90))), -400.0
        while u < 400:
            width, v = r.uniform(60, 260), -400.0
            while v < 400:
                depth = r.uniform(60, 260)
                if r.random() < 0.9:
                    lots += self.lots((u, v, u + width, v + depth), least)
                v += depth + r.uniform(2, 35)
            u += width + r.uniform(3, 45)
        r.shuffle(lots)
        built, buildings, yards = r.uniform(0.6, 1), [], []
        for u0, v0, u1, v1 in lots:
            gaps = r.uniform(0, least / 10, 4) * (r.random() < 0.5)
            u0, v0, u1, v1 = u0 + gaps[0], v0 + gaps[1], u1 - gaps[2], v1 - gaps[3]
            if min(u1 - u0, v1 - v0) < 7:
                continue
            outline = np.array([[u0, v0], [u1, v0], [u1, v1], [u0, v1]])
            if r.random() < 0.2:
                u, v = u0 + (u1 - u0) * r.uniform(0.4, 0.7), v0 + (v1 - v0) * r.uniform(0.4, 0.7)
                outline = np.array([[u0, v0], [u1, v0], [u1, v], [u, v], [u, v1], [u0, v1]])
            middle = outline.mean(0)
            outline = ((outline - middle) @ turned(r.normal(0, 0.02)) + middle) @ turned(self.angle) + SIDE / 2
            if (outline.max(0) > 0).all() and (outline.min(0) < SIDE).all():
                (buildings if r.random() < built else yards).append(outline)
        return buildings, yards

    def shade(self, outline, away):
        mask = np.zeros((SIDE, SIDE), np.uint8)
        fill(mask, cv2.convexHull(np.concatenate([outline, outline + away]).astype(np.float32)).squeeze(1))
        self.image *= 1 - cv2.GaussianBlur(mask, (0, 0), 0.8)[..., None] / np.float32(255) * self.random.uniform(0.35, 0.7)

    def yard(self, outline):
        """Paved as roofs are, and no building: it stands on nothing."""
        if self.random.random() < 0.5:
            colour = self.roof_colour() * self.random.uniform(0.5, 1)
            self.lay(outline, lambda x0, y0, x1, y1: (colour + self.texture(y1 - y0, x1 - x0, self.angle)[..., None], self.random.uniform(0.5, 1)))
        if self.random.random() < 0.4:
            paint = self.colour() * self.random.uniform(0.4, 1)
            line_around(self.image, outline, paint.tolist(), int(self.random.integers(1, 3)))

    def roof_colour(self):
        if self.random.random() < self.alike:
            return self.palette[self.random.integers(len(self.palette))] * self.random.uniform(0.85, 1.1)
        return self.colour()

    def roof(self, outline):
        self.slope(outline)
        # Storeys and sheds on top: another look, the same building.
        for _ in range(self.random.choice([0, 0, 0, 1, 2])):
            a, b = sorted(self.random.uniform(0, 1, 2)), sorted(self.random.uniform(0, 1, 2))
            if self.random.random() < 0.6:
                a = [0, self.random.uniform(0.25, 0.75)]
            if self.random.random() < 0.6:
                b = [0, 1]
            if len(outline) == 4 and a[1] - a[0] > 0.2 and b[1] - b[0] > 0.2:
                corner, along, across = outline[0], outline[1] - outline[0], outline[-1] - outline[0]
                self.slope(np.array([corner + along * u + across * v for u, v in ((a[0], b[0]), (a[1], b[0]), (a[1], b[1]), (a[0], b[1]))]))

    def slope(self, outline):
        r, middle, colour = self.random, outline.mean(0), self.roof_colour()

        def paint(x0, y0, x1, y1):
            out = np.clip(colour + self.texture(y1 - y0, x1 - x0, self.angle + math.pi / 2 * r.integers(2))[..., None], 0, 255)
            if r.random() < 0.35:  # two slopes, one in the light
                y, x = np.mgrid[y0:y1, x0:x1]
                lit = (x - middle[0]) * math.cos(self.angle) + (y - middle[1]) * math.sin(self.angle) > 0
                out *= np.where(lit, 1, r.uniform(0.6, 0.95))[..., None]
            if r.random() < 0.5:  # a parapet
                rim = np.zeros(out.shape[:2], np.uint8)
                line_around(rim, outline - [x0, y0], 255, int(r.integers(1, 4)))
                share = rim[..., None] / 255
                out = out * (1 - share) + np.clip(colour * r.uniform(0.5, 1.4), 0, 255) * share
            self.clutter(out, outline - [x0, y0])
            return out, 1

        self.lay(outline, paint)

    def clutter(self, roof, outline):
        """Tanks, stair heads, boxes and their shadows."""
        r, middle = self.random, outline.mean(0)
        for _ in range(r.integers(0, 7)):
            size, at = r.uniform(2, 12), middle + (outline[r.integers(len(outline))] - middle) * r.uniform(0, 0.8)
            colour, dark = self.colour() * r.uniform(0.4, 1.2), roof.mean((0, 1)) * 0.5
            if r.random() < 0.4:
                for shift, paint in ((size / 3, dark), (0, colour)):
                    cv2.circle(roof, (int(at[0] + shift), int(at[1] + shift)), int(size / 2), paint.tolist(), -1, cv2.LINE_AA)
            else:
                shape = box(size / 2, size * r.uniform(0.25, 1.25)) @ turned(self.angle) + at
                for shift, paint in ((2, dark), (0, colour)):
                    cv2.fillPoly(roof, [(shape + shift).astype(np.int32)], paint.tolist(), cv2.LINE_AA)

    def trees(self, count):
        for _ in range(count):
            colour = self.leaf()
            self.lay(self.blob(self.random.uniform(0, SIDE, 2), self.random.uniform(4, 28), 12),
                     lambda x0, y0, x1, y1: (colour + self.noise(y1 - y0, x1 - x0, 3)[..., None] * 16, 1))

    def wires(self, count):
        for _ in range(count):
            ends = self.random.integers(0, SIDE, (2, 2)).tolist()
            cv2.line(self.image, ends[0], ends[1], (30, 30, 30), 1, cv2.LINE_AA)


def position(column, row, pixel):
    """Longitude and latitude of a pixel of that tile (Web Mercator)."""
    x, y = (column + pixel[0] / SIDE) / 2**ZOOM, (row + pixel[1] / SIDE) / 2**ZOOM
    return [x * 360 - 180, math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y))))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('folder', type=Path)
    parser.add_argument('count', type=int)
    parser.add_argument('--seed', type=int, default=5)
    arguments = parser.parse_args()
    (arguments.folder / 'chips').mkdir(parents=True)
    features = []
    for i in range(arguments.count):
        column, row = WEST + i % COLUMNS, NORTH + i // COLUMNS
        picture, buildings = Quarter([arguments.seed, i]).make()
        cv2.imwrite(str(arguments.folder / 'chips' / f'quarter-{column}-{row}-{ZOOM}.png'), picture[..., ::-1])
        for outline in buildings:
            ring = [position(column, row, corner) for corner in [*outline, outline[0]]]
            features.append({'type': 'Feature', 'properties': {}, 'geometry': {'type': 'Polygon', 'coordinates': [ring]}})
    (arguments.folder / 'buildings.geojson').write_text(json.dumps({'type': 'FeatureCollection', 'features': features}))


if __name__ == '__main__':
    main()
