/** The right answers of `reference.tsv`, counted through the plain interpreter. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNpy } from '../../src/core/data/npy';
import type { TensorData, TensorInfo } from '../../src/core/tensor-data';
import type { LitertEngine } from '../../src/engines/litert/engine';
import { loadLitertInNode } from '../../src/engines/litert/node';
import { corpusModel, corpusPath, corpusTitle, hasCorpus } from '../support/corpus';

let engine: LitertEngine;
beforeAll(async () => {
  engine = await loadLitertInNode();
});
afterAll(() => engine.dispose());

function readData(name: string, file: string): TensorData {
  return readNpy(new Uint8Array(readFileSync(join(corpusPath, 'data', name, file))), file);
}

/** Quantizes a real value as the reference did: rounded, clamped to int8. */
function toInt8({ quantization }: TensorInfo): (value: number) => number {
  const [scale, zeroPoint] = [quantization!.scale[0]!, quantization!.zeroPoint[0]!];
  return (value) => Math.max(-128, Math.min(127, Math.round(value / 255 / scale) + zeroPoint));
}

async function countRight(id: string, data: string, scale: (input: TensorInfo) => (value: number) => number) {
  const [images, labels] = [readData(data, 'inputs.npy'), readData(data, 'labels.npy')];
  const interpreter = await engine.createInterpreter(corpusModel(id), {
    signature: null,
    accelerator: 'wasm',
  });
  const input = interpreter.inputs[0]!;
  const shape = input.shape.map((size) => (size === -1 ? 1 : size));
  const count = shape.reduce((product, size) => product * size, 1);
  const values = input.dtype === 'INT8' ? new Int8Array(count) : new Float32Array(count);
  const convert = scale(input);
  let right = 0;
  for (let sample = 0; sample < labels.values.length; sample++) {
    for (let i = 0; i < count; i++) values[i] = convert(Number(images.values[sample * count + i]));
    const [output] = await interpreter.run([{ dtype: input.dtype, shape, values }]);
    const scores = output!.values as Float32Array | Int8Array;
    if (scores.indexOf(Math.max(...scores)) === Number(labels.values[sample])) right++;
  }
  interpreter.dispose();
  return { right, samples: labels.values.length };
}

const asIs = () => (value: number) => value;

describe.skipIf(!hasCorpus)(corpusTitle, () => {
  it.each([
    ['kws_ref_model', 'kws_mfcc', asIs, 902, 1000],
    ['conv_fc_mnist', 'mnist_test_a', () => (value: number) => value / 255, 488, 500],
    ['conv_fc_mnist_srq_a8w8', 'mnist_test_a', toInt8, 484, 500],
    ['mobilenet_v1_0.25_128', 'imagenet_a_128', () => (value: number) => value / 127.5 - 1, 174, 334],
    ['keypoint_classifier', 'gesture_keypoint', asIs, 869, 900],
  ] as const)('%s on %s', async (id, data, scale, expected, samples) => {
    const counted = await countRight(id, data, scale);
    expect(counted.samples).toBe(samples);
    // The build for plain Node has no relaxed SIMD and may round one sample the other way.
    expect(Math.abs(counted.right - expected), `${counted.right} right`).toBeLessThanOrEqual(1);
  });
});
