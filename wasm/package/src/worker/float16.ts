// IEEE 754 half precision in Uint16Array, as ONNX Runtime Web hands it over.

const bits = new Float32Array(1);
const words = new Uint32Array(bits.buffer);

/** Rounds to nearest, ties to even. */
export function toFloat16(values: Float32Array): Uint16Array {
  const out = new Uint16Array(values.length);
  for (let i = 0; i < values.length; ++i) {
    bits[0] = values[i]!;
    const word = words[0]!;
    const sign = (word >>> 16) & 0x8000;
    const exponent = ((word >>> 23) & 255) - 112;
    const fraction = word & 0x7fffff;
    if (exponent >= 31) {
      out[i] = sign | 0x7c00 | (exponent === 143 && fraction ? 0x200 : 0);
    } else if (exponent <= 0) {
      const shift = 14 - exponent;
      const full = fraction | 0x800000;
      const rest = full & ((1 << Math.min(shift, 25)) - 1);
      const half = 1 << (Math.min(shift, 25) - 1);
      const kept = shift > 24 ? 0 : full >>> shift;
      out[i] = sign | (kept + (rest > half || (rest === half && kept & 1) ? 1 : 0));
    } else {
      const kept = (exponent << 10) | (fraction >>> 13);
      const rest = fraction & 0x1fff;
      out[i] = sign | (kept + (rest > 0x1000 || (rest === 0x1000 && kept & 1) ? 1 : 0));
    }
  }
  return out;
}

export function toFloat32(values: Uint16Array): Float32Array {
  const out = new Float32Array(values.length);
  for (let i = 0; i < values.length; ++i) {
    const v = values[i]!;
    const sign = v & 0x8000 ? -1 : 1;
    const exponent = (v >>> 10) & 31;
    const fraction = v & 1023;
    out[i] = exponent === 0 ? sign * fraction * 2 ** -24 : exponent === 31 ? (fraction ? NaN : sign * Infinity) : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  return out;
}
