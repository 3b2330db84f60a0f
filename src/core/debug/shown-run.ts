/** Runs of a whole model with tensors shown that are no outputs. */
import type { Feeder } from '../data/feed';
import { ModelError } from '../errors';
import type { RunnableModel } from '../measure/runtime';
import { traceModel } from '../model/trace';
import type { Model } from '../model/types';
import { writeModel } from '../model/write';
import { feederFor } from '../optimize/calibrate/trace-run';
import type { Calibration } from '../optimize/calibrate/types';
import type { TensorData } from '../tensor-data';

export interface ShownRun {
  /** Runs a sample. The arrays of inputs are used again by the next run. */
  run(sample: number): Promise<ShownValues>;
  /** Tensors of the main subgraph that the runtime cannot show. */
  readonly unseen: readonly number[];
  dispose(): void;
}

export interface ShownValues {
  /** Values by tensor of the main subgraph: those asked for and the model's own inputs and outputs. */
  readonly tensors: ReadonlyMap<number, TensorData>;
}

/**
 * Opens the main subgraph of a model with `tensors` shown. What the runtime refuses to show is left out. `scaledBy` is the
 * model whose metadata say how samples are scaled.
 * @throws ModelError `bad-data` when the samples do not fit; `runtime` or `unsupported` when the model does not run
 */
export async function openShown(
  model: Model,
  scaledBy: Model,
  tensors: readonly number[],
  calibration: Calibration,
  sample: number,
): Promise<ShownRun> {
  const all = await tryShown(model, scaledBy, tensors, calibration, sample);
  if (all !== null) return all;
  // The model itself must run, or looking for what is in the way would not end.
  (await openTraced(model, scaledBy, [], calibration)).dispose();
  const visible = await visibleOf(model, scaledBy, tensors, calibration, sample);
  const opened = await openTraced(model, scaledBy, visible, calibration);
  const seen = new Set(visible);
  return { ...opened, unseen: tensors.filter((tensor) => !seen.has(tensor)) };
}

/** Those of `tensors` that can be shown: halves are tried down to the ones that are in the way. */
async function visibleOf(
  model: Model,
  scaledBy: Model,
  tensors: readonly number[],
  calibration: Calibration,
  sample: number,
): Promise<readonly number[]> {
  const run = await tryShown(model, scaledBy, tensors, calibration, sample);
  run?.dispose();
  if (run !== null) return tensors;
  if (tensors.length <= 1) return [];
  const half = tensors.length >> 1;
  const first = await visibleOf(model, scaledBy, tensors.slice(0, half), calibration, sample);
  const second = await visibleOf(model, scaledBy, tensors.slice(half), calibration, sample);
  return [...first, ...second];
}

/** The run when it opens and runs one sample, or null when the runtime refuses. */
async function tryShown(
  model: Model,
  scaledBy: Model,
  tensors: readonly number[],
  calibration: Calibration,
  sample: number,
): Promise<ShownRun | null> {
  let run: ShownRun | null = null;
  try {
    run = await openTraced(model, scaledBy, tensors, calibration);
    await run.run(sample);
    return run;
  } catch (error) {
    run?.dispose();
    if (!(error instanceof ModelError) || error.code === 'bad-data' || tensors.length === 0) throw error;
    return null;
  }
}

async function openTraced(
  model: Model,
  scaledBy: Model,
  wanted: readonly number[],
  calibration: Calibration,
): Promise<ShownRun> {
  const { model: traced, tensors } = traceModel(model, wanted);
  const interpreter: RunnableModel = await calibration.runtime.createInterpreter(writeModel(traced), {
    signature: null,
    accelerator: 'wasm',
  });
  const inputs = model.subgraphs[0]!.inputs;
  let feeder: Feeder;
  try {
    feeder = feederFor(scaledBy, interpreter, calibration);
  } catch (error) {
    interpreter.dispose();
    throw error;
  }
  return {
    async run(sample) {
      const feed = feeder.feed(sample);
      const outputs = await interpreter.run(feed);
      const values = new Map<number, TensorData>();
      inputs.forEach((tensor, i) => values.set(tensor, feed[i]!));
      tensors.forEach((tensor, i) => values.set(tensor, outputs[i]!));
      return { tensors: values };
    },
    unseen: [],
    dispose: () => interpreter.dispose(),
  };
}
