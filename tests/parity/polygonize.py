"""Our polygonizer against rasterio.features.shapes in one run: the same shapes and areas, and how much faster.
usage: polygonize.py BENCH_POLYGONIZE [--size 4096] [--count 20000] [--runs 5]
Draws a mask of rotated rectangles (seeded); exits 1 where counts or areas differ. The times are printed, not judged."""
import argparse, json, math, pathlib, random, statistics, subprocess, sys, tempfile, time

import numpy as np, rasterio.features


def town(size, count):
    rnd = random.Random(1)
    mask = np.zeros((size, size), np.uint8)
    for _ in range(count):
        cx, cy, w, h, a = rnd.uniform(0, size), rnd.uniform(0, size), rnd.uniform(6, 30), rnd.uniform(6, 30), rnd.uniform(0, math.pi)
        r = math.hypot(w, h) / 2
        x0, x1, y0, y1 = max(0, int(cx - r)), min(size, int(cx + r) + 2), max(0, int(cy - r)), min(size, int(cy + r) + 2)
        y, x = np.mgrid[y0:y1, x0:x1]
        u = (x - cx) * math.cos(a) + (y - cy) * math.sin(a)
        v = (y - cy) * math.cos(a) - (x - cx) * math.sin(a)
        mask[y0:y1, x0:x1][(abs(u) <= w / 2) & (abs(v) <= h / 2)] = 1
    return mask


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bench", type=pathlib.Path)
    parser.add_argument("--size", type=int, default=4096)
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    mask = town(args.size, args.count)
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        raw = pathlib.Path(folder) / "mask.raw"
        mask.tofile(raw)
        command = [str(args.bench.resolve()), str(raw), str(args.size), str(args.size), str(args.runs)]
        ours = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        strips = json.loads(subprocess.run([*command, "37"], check=True, capture_output=True, text=True).stdout)
    for connectivity in (4, 8):
        times = []
        for _ in range(args.runs if connectivity == 4 else 1):
            start = time.perf_counter()
            theirs = list(rasterio.features.shapes(mask, mask=mask.astype(bool), connectivity=connectivity))
            times.append(time.perf_counter() - start)
        mine = ours[str(connectivity)]
        same = len(theirs) == mine["shapes"] == strips[str(connectivity)]["shapes"] and mine["area"] == int(mask.sum()) == strips[str(connectivity)]["area"]
        failed |= not same
        print(f"{connectivity}-connected: rasterio {len(theirs)} shapes, {statistics.median(times):.3f} s; ours {mine['shapes']} shapes, "
              f"{mine['median_s']:.4f} s, {statistics.median(times) / mine['median_s']:.1f} x; areas and strips {'agree' if same else 'DIFFER'}")
    sys.exit(1 if failed else 0)


main()
