/** Runs models on calibration samples and sums up what they give. Main subgraph only. */
import { realReader } from '../../data/values';
import type { RunnableModel } from '../../measure/runtime';
import { traceModel } from '../../model/trace';
import type { Model } from '../../model/types';
import { writeModel } from '../../model/write';
import type { CancelSignal } from '../types';
import { feederFor } from './trace-run';
import type { Calibration } from './types';

/** Reads value `index` of an output as a real number. */
type Read = (index: number) => number;

/** Called for every sample: real values of the outputs, valid until it returns. */
export type OnOutputs = (
  sample: number,
  outputs: readonly { readonly shape: readonly number[]; readonly length: number; readonly read: Read }[],
) => void;

/**
 * Runs a model on samples of the calibration set, one after the other.
 * @throws ModelError `bad-data` when the samples do not fit, `runtime` or `unsupported` when the model does not run
 */
export async function runSamples(
  model: Model,
  calibration: Calibration,
  samples: readonly number[],
  onOutputs: OnOutputs,
  signal: CancelSignal | null,
): Promise<void> {
  const interpreter: RunnableModel = await calibration.runtime.createInterpreter(writeModel(model), {
    signature: null,
    accelerator: 'wasm',
  });
  try {
    const feeder = feederFor(model, interpreter, calibration);
    for (const sample of samples) {
      signal?.throwIfAborted();
      const outputs = await interpreter.run(feeder.feed(sample));
      onOutputs(
        sample,
        outputs.map((output, i) => ({
          shape: output.shape,
          length: output.values.length,
          read: realReader(output, interpreter.outputs[i]!),
        })),
      );
    }
  } finally {
    interpreter.dispose();
  }
}

/** Mean of each channel (last axis) of some tensors over samples, by tensor; those that cannot be seen are left out. */
export async function channelMeans(
  model: Model,
  tensors: readonly number[],
  calibration: Calibration,
  samples: readonly number[],
  signal: CancelSignal | null,
): Promise<Map<number, Float64Array>> {
  const traced = traceModel(model, tensors);
  const wanted = new Set(tensors);
  const sums = new Map<number, { readonly sum: Float64Array; rows: number }>();
  await runSamples(
    traced.model,
    calibration,
    samples,
    (_, outputs) => {
      const done = new Set<number>();
      outputs.forEach(({ shape, length, read }, position) => {
        const tensor = traced.tensors[position]!;
        if (!wanted.has(tensor) || done.has(tensor)) return;
        done.add(tensor);
        const channels = Math.max(1, shape.at(-1) ?? 1);
        let entry = sums.get(tensor);
        if (!entry) {
          entry = { sum: new Float64Array(channels), rows: 0 };
          sums.set(tensor, entry);
        }
        for (let i = 0, c = 0; i < length; i++, c = c + 1 === channels ? 0 : c + 1) entry.sum[c]! += read(i);
        entry.rows += length / channels;
      });
    },
    signal,
  );
  return new Map([...sums].map(([tensor, { sum, rows }]) => [tensor, sum.map((value) => value / rows)]));
}
