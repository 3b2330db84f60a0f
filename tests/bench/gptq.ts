/** GPTQ on layers of random weights, against plain rounding. */
import { chooseWeights } from '../../src/core/optimize/quantize/weights/choose';
import type { LayerGeometry } from '../../src/core/optimize/quantize/weights/geometry';
import { gptq } from '../../src/core/optimize/quantize/weights/gptq';
import { LayerInputs } from '../../src/core/optimize/quantize/weights/gram';
import { fullRanges, quantizeWith, scalesOf } from '../../src/core/optimize/quantize/weights/scales';
import { seededRandom } from '../../src/core/random';
import type { BenchEntry } from './entry';

/** Inputs and outputs of the layers: fully-connected ones, and 3 x 3 convolutions of 64 and 128 channels as rows. */
const layers = [
  [256, 256],
  [576, 64],
  [1152, 128],
  [1152, 1152],
] as const;

export interface GptqCost {
  /** Seconds of GPTQ for each million weights, over all layers together. */
  readonly secondsPerMillionWeights: number;
  /** The same for gathering moments from twice as many rows as there are inputs, and for the whole choice. */
  readonly momentSecondsPerMillionWeights: number;
  readonly choiceSecondsPerMillionWeights: number;
  readonly nearestSecondsPerMillionWeights: number;
}

/** Times 8-bit GPTQ with one scale per output on layers of 256 to 1,152 inputs. */
export function benchGptq(): GptqCost {
  const totals = { weights: 0, gptq: 0, moments: 0, choice: 0, nearest: 0 };
  const random = seededRandom(1);
  const timed = <T>(part: 'gptq' | 'moments' | 'choice' | 'nearest', task: () => T): T => {
    const start = performance.now();
    const result = task();
    totals[part] += (performance.now() - start) / 1000;
    return result;
  };
  for (const [depth, outputs] of layers) {
    const rows = Float32Array.from({ length: outputs * depth }, () => random() - 0.5);
    const values = Float32Array.from({ length: 2 * depth * depth }, () => random());
    const shape = [outputs, depth];
    const geometry: LayerGeometry = {
      ...{ kind: 'FULLY_CONNECTED', input: 0, channelAxis: 0, outputs, depth, groups: 1, window: null },
    };
    const moments = timed('moments', () => {
      const inputs = new LayerInputs(geometry, Infinity);
      inputs.add(values, [2 * depth, depth]);
      return inputs.finish();
    });
    const scales = scalesOf(fullRanges(rows, shape, 0, 8), 8);
    timed('nearest', () => quantizeWith(rows, shape, 0, scales, 8));
    timed('gptq', () => gptq({ rows, outputs, depth, gram: moments.grams[0]!, mean: null, scales, bits: 8 }));
    timed('choice', () =>
      chooseWeights(
        ...([rows, shape, geometry] as const),
        {
          ...({ bits: 8, grain: 'channel', rounding: 'gptq', clip: 'none' } as const),
          ...{ correctsBias: false, leastScales: null },
        },
        { fit: moments, heldOut: moments },
      ),
    );
    totals.weights += outputs * depth;
  }
  const millions = totals.weights / 1e6;
  return {
    secondsPerMillionWeights: totals.gptq / millions,
    momentSecondsPerMillionWeights: totals.moments / millions,
    choiceSecondsPerMillionWeights: totals.choice / millions,
    nearestSecondsPerMillionWeights: totals.nearest / millions,
  };
}

/** GPTQ's time as a multiple of plain rounding's. */
export function gptqEntries(): BenchEntry[] {
  const cost = benchGptq();
  return [
    {
      name: 'gptq',
      ratio: cost.secondsPerMillionWeights / cost.nearestSecondsPerMillionWeights,
      unit: 'x the time of plain rounding',
      note: `${cost.secondsPerMillionWeights.toFixed(2)} s a million weights; with the choice ${cost.choiceSecondsPerMillionWeights.toFixed(2)} s, moments of the inputs ${cost.momentSecondsPerMillionWeights.toFixed(2)} s`,
    },
  ];
}
