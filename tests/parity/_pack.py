"""dataset.pack as Python reads it: a preamble of 64 bytes, an index as JSON, then pixels."""
import json
import struct
from pathlib import Path

import numpy as np


def chips_of(pack):
    """Each chip's entry in the index (name, part_name, width, height, labels) and its pixels, u8 (height, width, 3)."""
    data = Path(pack).read_bytes()
    _, _, _, _, index_size, start, _ = struct.unpack_from('<8sIIQQQQ', data)
    for chip in json.loads(data[64:64 + index_size])['chips']:
        at = start + chip['pixels']
        pixels = np.frombuffer(data[at:at + chip['width'] * chip['height'] * 3], np.uint8)
        yield chip, pixels.reshape(chip['height'], chip['width'], 3)
