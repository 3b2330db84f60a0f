/** A small model with one of everything that the inspector has words for. */
import {
  makeModel,
  makeOperator,
  makeQuantization,
  makeSubgraph,
  makeTensor,
} from '../../../src/core/model/edit';
import { makeOperatorCode } from '../../../src/core/model/operators';
import { makeTable } from '../../../src/core/model/schema/tflite';
import { encodeSparse } from '../../../src/core/model/sparse';
import type { Model } from '../../../src/core/model/types';

/** Tensor indexes of the sample. */
export const at = {
  input: 0,
  filter: 1,
  bias: 2,
  convolved: 3,
  pruned: 4,
  text: 5,
  packed: 6,
  sharer: 7,
  custom: 8,
  half: 9,
  unpacked: 10,
  output: 11,
} as const;

const bytes = (values: ArrayBufferView) =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** Stored filter: 2 × 1 × 1 × 2, one scale per output channel. */
export const filter = Int8Array.from([-128, 127, 0, 5]);
export const prunedShape = [2, 4];
export const pruned = Float32Array.from([0, 1.5, 0, 0, 0, 0, -2, 0]);

/** `{ "alpha": 0.5, "name": "x" }` would need an encoder; this is `{ "a": 7 }` as FlexBuffers writes it. */
const flexbuffer = Uint8Array.from([0x61, 0, 1, 3, 1, 1, 1, 7, 4, 2, 0x24, 1]);

function stringBuffer(texts: readonly string[]): Uint8Array {
  const encoded = texts.map((text) => new TextEncoder().encode(text));
  const header = 4 * (texts.length + 2);
  const result = new Uint8Array(header + encoded.reduce((total, text) => total + text.length, 0));
  const view = new DataView(result.buffer);
  view.setInt32(0, texts.length, true);
  let offset = header;
  encoded.forEach((text, i) => {
    view.setInt32(4 + 4 * i, offset, true);
    result.set(text, offset);
    offset += text.length;
  });
  view.setInt32(4 + 4 * texts.length, offset, true);
  return result;
}

export function sampleModel(): Model {
  const sparse = encodeSparse(pruned, prunedShape);
  const shape = (...sizes: number[]) => Int32Array.from(sizes);
  const tensors = [
    makeTensor({
      name: 'image',
      type: 'INT8',
      shape: shape(1, 2, 2, 2),
      shapeSignature: shape(-1, 2, 2, 2),
      quantization: makeQuantization([1 / 256], [-128]),
    }),
    makeTensor({
      name: 'net/filter',
      type: 'INT8',
      shape: shape(2, 1, 1, 2),
      buffer: 1,
      quantization: makeQuantization([0.5, 0.25], [0, 0], 0),
    }),
    makeTensor({ name: 'net/bias', type: 'INT32', shape: shape(2), buffer: 2 }),
    makeTensor({
      name: 'net/conv',
      type: 'INT8',
      shape: shape(1, 2, 2, 2),
      quantization: makeQuantization([0.1], [3]),
    }),
    makeTensor({
      name: 'pruned',
      type: 'FLOAT32',
      shape: shape(...prunedShape),
      buffer: 3,
      sparsity: sparse.sparsity,
    }),
    makeTensor({ name: 'words', type: 'STRING', shape: shape(2), buffer: 4 }),
    makeTensor({
      name: 'int4',
      type: 'INT4',
      shape: shape(3),
      buffer: 5,
      quantization: makeQuantization([2], [1]),
    }),
    makeTensor({ name: 'net/filter copy', type: 'INT8', shape: shape(4), buffer: 1 }),
    makeTensor({ name: 'boxes', type: 'FLOAT32', shape: shape(1, 4) }),
    makeTensor({ name: 'half', type: 'FLOAT16', shape: shape(2, 8), buffer: 6 }),
    makeTensor({ name: 'unpacked', type: 'FLOAT32', shape: shape(2, 8) }),
    makeTensor({ name: 'scores', type: 'FLOAT32', shape: shape(1, 2) }),
  ];
  return makeModel({
    description: 'a sample',
    operatorCodes: [
      makeOperatorCode('CONV_2D', 3),
      makeOperatorCode('CUSTOM', 1, 'MyOp'),
      makeOperatorCode('DEQUANTIZE', 3),
      makeOperatorCode('FULLY_CONNECTED', 1),
    ],
    subgraphs: [
      makeSubgraph({
        name: 'main',
        tensors,
        inputs: Int32Array.of(at.input),
        outputs: Int32Array.of(at.output, at.custom),
        operators: [
          makeOperator({
            opcodeIndex: 0,
            inputs: Int32Array.of(at.input, at.filter, at.bias),
            outputs: Int32Array.of(at.convolved),
            builtinOptions: {
              type: 'Conv2DOptions',
              value: makeTable('Conv2DOptions', {
                padding: 'VALID',
                strideW: 2,
                strideH: 1,
                fusedActivationFunction: 'RELU6',
              }),
            },
          }),
          makeOperator({
            opcodeIndex: 1,
            inputs: Int32Array.of(at.convolved, -1),
            outputs: Int32Array.of(at.custom),
            customOptions: flexbuffer,
          }),
          makeOperator({
            opcodeIndex: 2,
            inputs: Int32Array.of(at.half),
            outputs: Int32Array.of(at.unpacked),
          }),
          makeOperator({
            opcodeIndex: 3,
            inputs: Int32Array.of(at.convolved, at.unpacked, -1),
            outputs: Int32Array.of(at.output),
            builtinOptions: { type: 'FullyConnectedOptions', value: makeTable('FullyConnectedOptions') },
          }),
        ],
      }),
    ],
    buffers: [
      null,
      bytes(filter),
      bytes(Int32Array.of(10, -10)),
      bytes(sparse.values),
      stringBuffer(['one', 'two "quoted"']),
      // 1, -8, 3: the first value in the low half of a byte.
      Uint8Array.of(0x81, 0x03),
      bytes(Uint16Array.from({ length: 16 }, (_, i) => 0x3c00 + i)),
    ].map((data) => ({ data, outside: false })),
  });
}
