/** A comparison of made-up figures: the views are tested with numbers whose outcome is known. */
import type { Comparison, ModelMeasurement } from '../../src/core/measure/types';

export const samples = 200;
const classes = 10;
export const labels = Int32Array.from({ length: samples }, (_, i) => i % classes);

function measurement(name: string, predictions: Int32Array, isOriginal: boolean): ModelMeasurement {
  const counts = new Uint32Array(classes * classes);
  let correct = 0;
  labels.forEach((label, i) => {
    counts[label * classes + predictions[i]!]! += 1;
    if (label === predictions[i]) correct++;
  });
  const median = isOriginal ? 2 : 1;
  const layers = Array.from({ length: 20 }, (_, i) => ({
    subgraph: 0,
    operator: i,
    kind: 'CONV_2D',
    name: `layer_${i}`,
    sizeBytes: (i + 1) * (isOriginal ? 4096 : 1024),
  }));
  return {
    name,
    sizeBytes: isOriginal ? 1_000_000 : 270_000,
    gzipBytes: isOriginal ? 900_000 : 200_000,
    parameters: 250_000,
    nonZeroParameters: 240_000,
    macs: 5_000_000,
    layers,
    dtypes: [
      {
        dtype: isOriginal ? 'float32' : 'int8',
        tensors: 20,
        elements: 215_040,
        sizeBytes: isOriginal ? 860_160 : 215_040,
      },
    ],
    latencyMs: { median, p10: median * 0.9, p90: median * 1.2, runs: [median, median * 0.9, median * 1.2] },
    speedup: isOriginal ? null : { ratio: 2, low: 1.8, high: 2.2, confidence: 0.95 },
    top1: correct / samples,
    top5: 1,
    correct,
    confusion: { classes, counts },
    agreement: isOriginal ? null : 0.99,
    sqnrDb: isOriginal ? null : 31.5,
    cosine: isOriginal ? null : 0.9995,
    outputs: isOriginal ? [] : [{ name: 'scores', sqnrDb: 31.5, cosine: 0.9995, maxAbsError: 0.01 }],
    predictions,
    engine: 'LiteRT',
    backend: 'wasm',
    failure: null,
  };
}

/** Labels with some answers one class too high. */
export function answers(wrong: readonly number[]): Int32Array {
  return labels.map((label, i) => (wrong.includes(i) ? (label + 1) % classes : label));
}

/** An original that is wrong on samples 0 and 1, and variants that are wrong on the given ones. */
export function comparison(
  wrongOfVariants: readonly (readonly number[])[],
  over: Partial<Comparison> = {},
): Comparison {
  return {
    models: [
      measurement('original', answers([0, 1]), true),
      ...wrongOfVariants.map((wrong, i) => measurement(`variant ${i + 1}`, answers(wrong), false)),
    ],
    dataName: 'test set',
    samples,
    isRandom: false,
    scaleRule: 'x/255',
    labels,
    classNames: null,
    method: 'LiteRT wasm, 1 thread, this machine',
    ...over,
  };
}
