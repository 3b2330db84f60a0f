/** Decides whether a change brought a variant closer to the original, on samples that nothing was fitted to. */
import { operatorName } from '../../model/operators';
import { modelUpTo } from '../../model/trace';
import type { Model } from '../../model/types';
import type { CancelSignal } from '../types';
import { logitsReach } from './logits-reach';
import { type OnOutputs, runSamples } from './run';
import type { Calibration } from './types';

/** Original outputs of the held-out samples, kept in memory: at most this many bytes. */
const LARGEST_REFERENCE_BYTES = 192 * 1024 * 1024;

export interface OutputJudge {
  readonly samples: number;
  /**
   * How close a variant's outputs are to the original's, in dB: -10 log10 of the mean over the outputs of error power
   * over signal power. Infinity when they are equal. Outputs of SOFTMAX and LOGISTIC are judged by what goes into them:
   * of a few samples' probabilities most are near zero and say little. Of that only what can show counts: how far below the
   * greatest a value is, down to where 8 bits hold 0. Values that are not finite in the original are left
   * out; -Infinity when the variant has such ones elsewhere.
   */
  sqnrDb(variant: Model): Promise<number>;
}

/** Runs the original on the held-out samples and keeps its outputs. */
export async function judgeAgainst(
  original: Model,
  calibration: Calibration,
  signal: CancelSignal | null,
): Promise<OutputJudge> {
  const references: Float32Array[][] = [];
  const samples: number[] = [];
  let bytes = 0;
  const shown = outputsToJudge(original);
  await runSamples(
    modelUpTo(
      original,
      shown.map(({ tensor }) => tensor),
    ),
    calibration,
    calibration.set.heldOut,
    (sample, outputs) => {
      if (bytes > 0 && bytes + bytes / references.length > LARGEST_REFERENCE_BYTES) return;
      const values = outputs.map((output, i) => relevantValues(output, shown[i]!));
      bytes += values.reduce((sum, { byteLength }) => sum + byteLength, 0);
      references.push(values);
      samples.push(sample);
    },
    signal,
  );

  return {
    samples: samples.length,
    async sqnrDb(variant) {
      const errors: number[] = [];
      const powers: number[] = [];
      let at = 0;
      const judged = outputsToJudge(variant).map(({ tensor }) => tensor);
      await runSamples(
        modelUpTo(variant, judged),
        calibration,
        samples,
        (_, outputs) => {
          const reference = references[at++]!;
          outputs.forEach((output, i) => {
            const original = reference[i];
            if (original?.length !== output.length) return;
            const own = relevantValues(output, shown[i]!);
            let error = 0;
            let power = 0;
            for (let n = 0; n < original.length; n++) {
              const value = original[n]!;
              if (!Number.isFinite(value)) continue;
              const difference = own[n]! - value;
              error += Number.isFinite(difference) ? difference * difference : Infinity;
              power += value * value;
            }
            errors[i] = (errors[i] ?? 0) + error;
            powers[i] = (powers[i] ?? 0) + power;
          });
        },
        signal,
      );
      const shares = errors.map((error, i) => (error === 0 ? 0 : error / powers[i]!));
      const mean = shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length);
      return -10 * Math.log10(mean);
    },
  };
}

type Output = Parameters<OnOutputs>[1][number];

/** Operators that hand values on without a change that matters here. */
const HANDING_ON: ReadonlySet<string> = new Set(['DEQUANTIZE', 'QUANTIZE', 'RESHAPE']);

interface Judged {
  readonly tensor: number;
  /** The operator behind it that squashes its values, or null. */
  readonly squashing: 'SOFTMAX' | 'LOGISTIC' | 'LOG_SOFTMAX' | null;
}

/** For each output of the main subgraph the tensor to judge by: what goes into a SOFTMAX or LOGISTIC at the end, else itself. */
function outputsToJudge(model: Model): Judged[] {
  const { operators, outputs } = model.subgraphs[0]!;
  const writers = new Map<number, number>();
  operators.forEach((operator, index) => operator.outputs.forEach((tensor) => writers.set(tensor, index)));
  return Array.from(outputs, (output): Judged => {
    const itself = { tensor: output, squashing: null };
    for (let tensor = output; ;) {
      const index = writers.get(tensor);
      const operator = index === undefined ? undefined : operators[index];
      if (operator === undefined) return itself;
      const kind = operatorName(model, operator);
      const input = operator.inputs[0]!;
      if (kind === 'SOFTMAX' || kind === 'LOGISTIC' || kind === 'LOG_SOFTMAX') {
        return writers.has(input) ? { tensor: input, squashing: kind } : itself;
      }
      if (!HANDING_ON.has(kind)) return itself;
      tensor = input;
    }
  });
}

/** Real values of an output as far as they can show behind what squashes them; rows along the last axis. */
function relevantValues({ shape, length, read }: Output, { squashing }: Judged): Float32Array {
  const values = Float32Array.from({ length }, (_, i) => read(i));
  if (squashing === null) return values;
  const reach = logitsReach(squashing === 'SOFTMAX' ? (shape.at(-1) ?? 1) : 1, 1);
  if (squashing === 'LOGISTIC') return values.map((value) => Math.min(reach, Math.max(-reach, value)));
  const size = Math.max(1, shape.at(-1) ?? 1);
  for (let start = 0; start < length; start += size) {
    const row = values.subarray(start, start + size);
    const greatest = row.reduce((most, value) => (value > most ? value : most), -Infinity);
    // LOG_SOFTMAX shows everything, but neither operator the common height of a row.
    const least = squashing === 'SOFTMAX' ? -reach : -Infinity;
    row.forEach((value, i) => (row[i] = Math.max(least, value - greatest)));
  }
  return values;
}
