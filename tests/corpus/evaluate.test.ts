/** The reference figures of the corpus, through the function that the command line calls. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCommandLine } from '../../src/cli/cli';

const corpus = process.env.WHITTLE_CORPUS ?? '../shared/corpus';
const reference = join(corpus, 'reference.tsv');
const isThere = existsSync(reference);
const title = isThere
  ? 'evaluate gives the reference figures'
  : `evaluate (skipped: no ${reference}; set WHITTLE_CORPUS)`;

async function evaluate(model: string, data: string, scale: string) {
  let [out, err] = ['', ''];
  const status = await runCommandLine(
    [
      'evaluate',
      join(corpus, 'models', `${model}.tflite`),
      ...['--data', join(corpus, 'data', data), '--scale', scale, '--rounds', '5', '--json'],
    ],
    { out: (text) => (out += text), err: (text) => (err += text), progress: null },
  );
  expect({ status, err }).toEqual({ status: 0, err: '' });
  return JSON.parse(out) as {
    samples: number;
    correct: number;
    top1: number;
    top5: number;
    engine: string;
    latencyMs: { median: number };
  };
}

/** Best row of the reference for a model: right answers, samples, share in the top five. */
function referenceOf(model: string) {
  const rows = readFileSync(reference, 'utf8')
    .split('\n')
    .map((line) => line.split('\t'))
    .filter(([id, , , runtime, samples]) => id === model && runtime?.includes('litertjs') && samples !== '');
  const [, , , , samples, correct, , top5] = rows[0]!;
  return { samples: Number(samples), correct: Number(correct), top5: Number(top5) };
}

describe.skipIf(!isThere)(title, () => {
  test.each([
    ['kws_ref_model', 'kws_mfcc', 'none', 902],
    ['conv_fc_mnist', 'mnist_test_a', 'x/255', 488],
    ['conv_fc_mnist_srq_a8w8', 'mnist_test_a', 'x/255', 484],
    ['mobilenet_v1_0.25_128', 'imagenet_a_128', 'x/127.5-1', 174],
    ['mobilenet_v1_0.25_128_quant-3799e7', 'imagenet_a_128', 'x/127.5-1', 166],
    ['keypoint_classifier', 'gesture_keypoint', 'none', 869],
    // (x - 83) * 0.5847…: the data are features that are already quantized.
    ['kws_ref_model_float32', 'kws_mfcc', 'mean=83,std=1.7102700', 900],
  ])('%s on %s, %s', async (model, data, scale, correct) => {
    const expected = referenceOf(model);
    expect(expected.correct).toBe(correct);
    const found = await evaluate(model, data, scale);
    expect(found.samples).toBe(expected.samples);
    // The build for plain Node rounds differently from the one in browsers: one sample may fall on the other side.
    expect(Math.abs(found.correct - correct)).toBeLessThanOrEqual(1);
    expect(found.top1).toBe(found.correct / found.samples);
    expect(Math.abs(found.top5 - expected.top5) * found.samples).toBeLessThanOrEqual(1.1);
    expect(found.engine).toBe('litert');
    expect(found.latencyMs.median).toBeGreaterThan(0);
  });
});
