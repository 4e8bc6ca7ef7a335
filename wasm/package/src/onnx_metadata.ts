// What an ONNX file says about itself beside its graph (ModelProto.metadata_props), read without parsing the graph.

const decoder = new TextDecoder();

/** A varint: its value and where the next byte is; null past the end. */
function varint(bytes: Uint8Array, at: number): [number, number] | null {
  let value = 0;
  for (let factor = 1; at < bytes.length && factor < 2 ** 63; factor *= 128) {
    const byte = bytes[at++]!;
    value += (byte & 127) * factor;
    if (byte < 128) return [value, at];
  }
  return null;
}

/** Fields of a protobuf message that hold bytes; others are skipped. Ends at the first thing that is none. */
function* fields(bytes: Uint8Array): Generator<[number, Uint8Array]> {
  for (let at = 0; at < bytes.length; ) {
    const key = varint(bytes, at);
    if (!key) return;
    at = key[1];
    const kind = key[0] & 7;
    if (kind === 0) {
      const value = varint(bytes, at);
      if (!value) return;
      at = value[1];
    } else if (kind === 1 || kind === 5) {
      at += kind === 1 ? 8 : 4;
    } else if (kind === 2) {
      const size = varint(bytes, at);
      if (!size || size[1] + size[0] > bytes.length) return;
      at = size[1] + size[0];
      yield [Math.floor(key[0] / 8), bytes.subarray(size[1], at)];
    } else {
      return;
    }
  }
}

/** The value of one entry, or null. */
export function onnxMetadata(model: Uint8Array, key: string): string | null {
  for (const [field, bytes] of fields(model)) {
    if (field !== 14) continue;
    let name = '';
    let value = '';
    for (const [part, text] of fields(bytes)) {
      if (part === 1) name = decoder.decode(text);
      if (part === 2) value = decoder.decode(text);
    }
    if (name === key) return value;
  }
  return null;
}
