/**
 * Trains the sample classifier with tfjs: two strided convolutions and two dense layers.
 * tfjs has no fast convolution gradient in Node, so the convolutions are trained as matrix products over image
 * patches, which is the same function; the weights come out in TFLite's own layouts.
 */
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { seededRandom } from '../../src/core/random';
import { type Digits, PIXELS, SIDE, shuffledIndexes } from './digits-data';

const require = createRequire(import.meta.url);
const BATCH = 64;
const PEAK_RATE = 2e-3;
const DROPOUT = 0.25;

export const layers = {
  conv1: { kernel: 5, inputs: 1, outputs: 16, size: 14 },
  conv2: { kernel: 3, inputs: 16, outputs: 32, size: 7 },
  dense1: { inputs: 7 * 7 * 32, outputs: 64 },
  dense2: { inputs: 64, outputs: 10 },
} as const;

/** Filters are [O, H, W, I], dense weights [O, I], as TFLite stores them. */
export interface DigitsWeights {
  readonly conv1: Float32Array;
  readonly conv1Bias: Float32Array;
  readonly conv2: Float32Array;
  readonly conv2Bias: Float32Array;
  readonly dense1: Float32Array;
  readonly dense1Bias: Float32Array;
  readonly dense2: Float32Array;
  readonly dense2Bias: Float32Array;
}

/** Patches of a SAME convolution with stride 2: [batch * out * out, kernel * kernel * channels]. */
function patches(images: tf.Tensor4D, kernel: number, out: number): tf.Tensor2D {
  const total = (out - 1) * 2 + kernel - images.shape[1];
  const before = total >> 1;
  const after = total - before;
  // One more row and column make the padded size even, so that stride 2 becomes a reshape.
  const extra = (images.shape[1] + total) & 1;
  const padded = tf.pad(images, [
    [0, 0],
    [before, after + extra],
    [before, after + extra],
    [0, 0],
  ]);
  const [batch, size, , channels] = padded.shape;
  const rows = tf.reshape(padded, [batch, size / 2, 2 * size * channels]);
  const parts: tf.Tensor2D[] = [];
  for (let i = 0; i < kernel; i++) {
    const row = tf.slice(rows, [0, i >> 1, (i & 1) * size * channels], [batch, out, size * channels]);
    const columns = tf.reshape(row, [batch * out, size / 2, 2 * channels]);
    for (let j = 0; j < kernel; j++) {
      const part = tf.slice(columns, [0, j >> 1, (j & 1) * channels], [batch * out, out, channels]);
      parts.push(tf.reshape(part, [batch * out * out, channels]));
    }
  }
  return tf.concat(parts, 1);
}

/** Trains for `epochs` with Adam, its rate falling to zero along a cosine; images are distorted at random. Calls `onEpoch` with the mean loss. */
export async function trainDigits(
  train: Digits,
  epochs: number,
  seed: number,
  onEpoch: (epoch: number, loss: number) => void,
): Promise<DigitsWeights> {
  setWasmPaths(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')) + sep);
  setThreadsCount(1); // sums in one order: the same weights on every run
  await tf.setBackend('wasm');
  const random = seededRandom(seed);
  const { conv1, conv2, dense1, dense2 } = layers;
  const weight = (rows: number, columns: number) =>
    tf.variable(
      tf.tensor2d(
        Float32Array.from({ length: rows * columns }, () => (random() * 2 - 1) * Math.sqrt(6 / rows)),
        [rows, columns],
      ),
    );
  const bias = (size: number) => tf.variable(tf.zeros([size]));
  const w = {
    conv1: weight(conv1.kernel ** 2 * conv1.inputs, conv1.outputs),
    conv1Bias: bias(conv1.outputs),
    conv2: weight(conv2.kernel ** 2 * conv2.inputs, conv2.outputs),
    conv2Bias: bias(conv2.outputs),
    dense1: weight(dense1.inputs, dense1.outputs),
    dense1Bias: bias(dense1.outputs),
    dense2: weight(dense2.inputs, dense2.outputs),
    dense2Bias: bias(dense2.outputs),
  };
  const forward = (images: tf.Tensor4D) => {
    const batch = images.shape[0];
    const first = tf.relu(tf.add(tf.matMul(patches(images, conv1.kernel, conv1.size), w.conv1), w.conv1Bias));
    const map = tf.reshape<tf.Rank.R4>(first, [batch, conv1.size, conv1.size, conv1.outputs]);
    const second = tf.relu(tf.add(tf.matMul(patches(map, conv2.kernel, conv2.size), w.conv2), w.conv2Bias));
    const flat = tf.reshape<tf.Rank.R2>(second, [batch, dense1.inputs]);
    const hidden = tf.relu(tf.add(tf.matMul(flat, w.dense1), w.dense1Bias));
    const kept = tf.mul<tf.Tensor2D>(hidden, dropoutMask(batch, random));
    return tf.add(tf.matMul(kept, w.dense2), w.dense2Bias);
  };

  const steps = Math.floor(train.count / BATCH);
  const optimizer = tf.train.adam(PEAK_RATE);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = shuffledIndexes(train.count, random);
    let lossSum = 0;
    for (let step = 0; step < steps; step++) {
      const progress = (epoch + step / steps) / epochs;
      setRate(optimizer, (PEAK_RATE * (1 + Math.cos(Math.PI * progress))) / 2);
      const samples = order.subarray(step * BATCH, (step + 1) * BATCH);
      lossSum += tf.tidy(() => {
        const images = tf.tensor4d(distortedBatch(train, samples, random), [BATCH, SIDE, SIDE, 1]);
        const truth = tf.oneHot(
          tf.tensor1d(
            Int32Array.from(samples, (i) => train.labels[i]!),
            'int32',
          ),
          10,
        );
        const loss = optimizer.minimize(() => tf.losses.softmaxCrossEntropy(truth, forward(images)), true);
        return loss!.dataSync()[0]!;
      });
    }
    onEpoch(epoch + 1, lossSum / steps);
  }
  const transposed = async (matrix: tf.Tensor) => (await tf.transpose(matrix).data()) as Float32Array;
  const plain = async (vector: tf.Tensor) => (await vector.data()) as Float32Array;
  return {
    conv1: await transposed(w.conv1),
    conv1Bias: await plain(w.conv1Bias),
    conv2: await transposed(w.conv2),
    conv2Bias: await plain(w.conv2Bias),
    dense1: await transposed(w.dense1),
    dense1Bias: await plain(w.dense1Bias),
    dense2: await transposed(w.dense2),
    dense2Bias: await plain(w.dense2Bias),
  };
}

/** tfjs has no public setter for the rate of an existing optimizer, whose state must survive. */
function setRate(optimizer: tf.AdamOptimizer, rate: number): void {
  (optimizer as unknown as { learningRate: number }).learningRate = rate;
}

function dropoutMask(batch: number, random: () => number): tf.Tensor2D {
  const size = layers.dense1.outputs;
  const mask = Float32Array.from({ length: batch * size }, () =>
    random() < DROPOUT ? 0 : 1 / (1 - DROPOUT),
  );
  return tf.tensor2d(mask, [batch, size]);
}

/** Images as 0 to 1, each turned (up to 12 degrees), scaled (up to 10 %) and moved (up to 2 pixels), bilinear. */
function distortedBatch(train: Digits, samples: Int32Array, random: () => number): Float32Array {
  const batch = new Float32Array(samples.length * PIXELS);
  const centre = (SIDE - 1) / 2;
  const spread = (reach: number) => (random() * 2 - 1) * reach;
  samples.forEach((sample, position) => {
    const image = train.images.subarray(sample * PIXELS, (sample + 1) * PIXELS);
    const angle = spread((12 * Math.PI) / 180);
    const cos = Math.cos(angle) / (1 + spread(0.1));
    const sin = Math.sin(angle) / (1 + spread(0.1));
    const dx = spread(2);
    const dy = spread(2);
    for (let y = 0; y < SIDE; y++) {
      for (let x = 0; x < SIDE; x++) {
        const fromX = cos * (x - centre) - sin * (y - centre) + centre + dx;
        const fromY = sin * (x - centre) + cos * (y - centre) + centre + dy;
        batch[position * PIXELS + y * SIDE + x] = greyAt(image, fromX, fromY) / 255;
      }
    }
  });
  return batch;
}

/** Grey value between pixels; paper outside the image. */
function greyAt(image: Uint8Array, x: number, y: number): number {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const pixel = (column: number, row: number) =>
    column >= 0 && column < SIDE && row >= 0 && row < SIDE ? image[row * SIDE + column]! : 0;
  const upper = pixel(left, top) * (left + 1 - x) + pixel(left + 1, top) * (x - left);
  const lower = pixel(left, top + 1) * (left + 1 - x) + pixel(left + 1, top + 1) * (x - left);
  return upper * (top + 1 - y) + lower * (y - top);
}
