// A detector and a classifier made of numbers: a box where a patch is bright, a chip is one of buildings where much of it is. What they compute has no
// roundings that two builds of a runtime could do otherwise in the digits that are written.
import { itemOf } from './bright_model.mjs';
import { field, floats, message, model, node, port, shapeTensor, tensor } from './onnx_writer.mjs';

const SIZE = 640;
const PATCH = 32;
const CELLS = SIZE / PATCH;

/** ONNX: image (N,3,640,640) -> (N,5,400): a box a patch, larger to the right, as confident as its brightest pixel is bright. */
export function brightDetector() {
  const boxes = new Float32Array(5 * CELLS * CELLS);
  for (let i = 0; i < CELLS * CELLS; ++i) {
    const [column, row] = [i % CELLS, Math.floor(i / CELLS)];
    [(column + 0.5) * PATCH, (row + 0.5) * PATCH, 20 + column / 2, 26 - row / 4].forEach((value, k) => { boxes[k * CELLS * CELLS + i] = value; });
  }
  return model(message(
    node('MaxPool', ['image'], 'brightest', { kernel_shape: [PATCH, PATCH], strides: [PATCH, PATCH] }),
    node('Conv', ['brightest', 'w'], 'scores'),
    node('Add', ['scores', 'boxes'], 'cells'),
    node('Reshape', ['cells', 'shape'], 'detections'),
    field(2, 'bright'),
    field(5, tensor('w', [5, 3, 1, 1], floats(...Array(12).fill(0), 0.25, 0.25, 0.25))),
    field(5, tensor('boxes', [1, 5, CELLS, CELLS], floats(...boxes))),
    field(5, shapeTensor('shape', 0, 5, CELLS * CELLS)),
    field(11, port('image', ['batch', 3, SIZE, SIZE])),
    field(12, port('detections', ['batch', 5, CELLS * CELLS])),
  ));
}

/** ONNX: image (N,3,256,256) -> (N,1): the brightest pixels of 16 patches, summed. */
export function brightClassifier() {
  return model(message(
    node('MaxPool', ['image'], 'brightest', { kernel_shape: [64, 64], strides: [64, 64] }),
    node('Conv', ['brightest', 'w'], 'sum'),
    node('Reshape', ['sum', 'shape'], 'logit'),
    field(2, 'bright'),
    field(5, tensor('w', [1, 3, 4, 4], floats(...Array(48).fill(1 / 32)))),
    field(5, shapeTensor('shape', 0, 1)),
    field(11, port('image', ['batch', 3, 256, 256])),
    field(12, port('logit', ['batch', 1])),
  ));
}

export const detectorItem = (href, file) => itemOf('yolo11n_detection/items/yolo11n-detection.json', href, file);
export const classifierItem = (href, file) => itemOf('resnet18_classification/items/resnet18-classification.json', href, file);
