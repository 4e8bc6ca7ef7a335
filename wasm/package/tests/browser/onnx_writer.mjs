// ONNX files made of numbers: as much of the format as the tests' models need.
const varint = (n) => { const out = []; do { out.push((n & 127) | (n > 127 ? 128 : 0)); n = Math.floor(n / 128); } while (n > 0); return Buffer.from(out); };
export const field = (number, value) => {
  if (typeof value === 'number') return Buffer.concat([varint(number * 8), varint(value)]);
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(value);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
};
export const message = (...fields) => Buffer.concat(fields);
export const floats = (...values) => Buffer.from(new Float32Array(values).buffer);
const longs = (...values) => Buffer.from(new BigInt64Array(values.map(BigInt)).buffer);

/** An initializer of floats, or of whole numbers (`type` 7). */
export const tensor = (name, dims, data, type = 1) => message(...dims.map((d) => field(1, d)), field(2, type), field(8, name), field(9, data));
export const shapeTensor = (name, ...dims) => tensor(name, [dims.length], longs(...dims), 7);
/** A graph's input or output; a name among the sizes is one that may vary. */
export const port = (name, dims) =>
  message(field(1, name), field(2, field(1, message(field(1, 1), field(2, message(...dims.map((d) => field(1, typeof d === 'string' ? field(2, d) : field(1, d)))))))));
/** A node of a graph with attributes that are lists of whole numbers. */
export const node = (op, inputs, output, attributes = {}) =>
  field(1, message(
    ...inputs.map((name) => field(1, name)), field(2, output), field(4, op),
    ...Object.entries(attributes).map(([name, values]) => field(5, message(field(1, name), ...values.map((v) => field(8, v)), field(20, 7)))),
  ));
/** The file; `metadata` is what it says of itself under "fair.item". */
export const model = (graph, metadata = null) =>
  message(field(1, 8), field(7, graph), field(8, message(field(1, ''), field(2, 18))), ...(metadata ? [field(14, message(field(1, 'fair.item'), field(2, metadata)))] : []));
