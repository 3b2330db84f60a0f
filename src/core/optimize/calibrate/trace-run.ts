/** Runs a float model on samples and hands out what its tensors hold on the way. */
import { createFeeder, type Feeder } from '../../data/feed';
import { ModelError } from '../../errors';
import type { RunnableModel } from '../../measure/runtime';
import { resolveScaleRule } from '../../measure/resolve-scale';
import { byteLength, elementCount } from '../../model/tensors';
import { traceModel } from '../../model/trace';
import type { Model, SignatureDef } from '../../model/types';
import { writeModel } from '../../model/write';
import type { TensorData } from '../../tensor-data';
import type { CancelSignal } from '../types';
import type { Calibration } from './types';

/** Tensors that are seen in one run take no more than this together. */
const LARGEST_TRACE_BYTES = 256 * 1024 * 1024;
const TRACE_KEY = 'whittle_trace';

/** Called once for each sample and tensor; the values may be overwritten by the next sample. */
export type OnTensor = (tensor: number, data: TensorData, sample: number) => void;

export interface TraceContext {
  /** Runs done, of how many. */
  progress(done: number, total: number, label: string): void;
  readonly signal: CancelSignal | null;
}

/**
 * Runs subgraph `subgraph` on `samples` and shows `tensors` (inputs of the subgraph or tensors that operators write).
 * Tensors too large to be seen together are seen in several runs. Returns those that the runtime cannot show.
 * @throws ModelError `bad-data` when the samples do not fit the model; `runtime` or `unsupported` when it does not run
 */
export async function runTraced(
  model: Model,
  subgraph: number,
  tensors: readonly number[],
  calibration: Calibration,
  samples: readonly number[],
  onTensor: OnTensor,
  context: TraceContext,
): Promise<readonly number[]> {
  const inputs = model.subgraphs[subgraph]!.inputs;
  const fed = tensors.filter((tensor) => inputs.includes(tensor));
  const groups = groupBySize(
    model,
    subgraph,
    tensors.filter((tensor) => !inputs.includes(tensor)),
  );
  const unseen: number[] = [];
  let isKnownToRun = false;
  const queue = groups.length > 0 ? groups : [[]];
  const total = queue.length * samples.length;
  let done = 0;
  for (const [index, group] of queue.entries()) {
    let interpreter: RunnableModel;
    let traced: Traced;
    let first: TensorData[] | null = null;
    /** The sample that is being run. */
    let running: number | null = null;
    try {
      traced = traceSubgraph(model, subgraph, group);
      interpreter = await open(traced, calibration);
    } catch (error) {
      await divide(error, group);
      continue;
    }
    try {
      const feeder = feederFor(model, interpreter, calibration);
      for (const [position, sample] of samples.entries()) {
        context.signal?.throwIfAborted();
        context.progress(done++, total, `running sample ${position + 1} of ${samples.length}`);
        const feed = feeder.feed(sample);
        if (index === 0) showFed(feed, sample);
        running = sample;
        const outputs = await interpreter.run(feed);
        running = null;
        first ??= outputs;
        traced.tensors.forEach((tensor, i) => {
          if (tensor >= 0) onTensor(tensor, outputs[i]!, sample);
        });
      }
    } catch (error) {
      if (first !== null) throw running === null ? error : failedOn(running, error);
      done--;
      await divide(error, group);
    } finally {
      interpreter.dispose();
    }
  }
  return unseen;

  /** Runs the model as it is on the first sample. */
  async function runOnce(): Promise<void> {
    const interpreter = await open(traceSubgraph(model, subgraph, []), calibration);
    try {
      const [first] = samples;
      if (first === undefined) return;
      const feed = feederFor(model, interpreter, calibration).feed(first);
      await interpreter.run(feed).catch((error: unknown) => {
        throw failedOn(first, error);
      });
    } finally {
      interpreter.dispose();
    }
  }

  function showFed(feed: readonly TensorData[], sample: number): void {
    const order = inputOrder(model, subgraph);
    for (const tensor of fed) onTensor(tensor, feed[order.indexOf(tensor)]!, sample);
  }

  /** A runtime that refuses to show a group of tensors is asked for halves of it, down to the one that is in the way. */
  async function divide(error: unknown, group: readonly number[]): Promise<void> {
    if (!(error instanceof ModelError) || error.code === 'bad-data' || group.length === 0) throw error;
    // Without any tensor shown the model must run, or what is in the way is no tensor.
    if (!isKnownToRun) await runOnce();
    isKnownToRun = true;
    if (group.length === 1) {
      unseen.push(group[0]!);
      return;
    }
    const half = group.length >> 1;
    queue.push(group.slice(0, half), group.slice(half));
  }
}

/** The runtime's failure in words that name the sample. */
function failedOn(sample: number, error: unknown): unknown {
  if (!(error instanceof ModelError) || error.code !== 'runtime') return error;
  const message = `The model does not run on calibration sample ${sample}: ${error.message} Check that sample.`;
  return new ModelError('runtime', message, { where: error.where, cause: error });
}

interface Traced {
  readonly model: Model;
  readonly signature: string | null;
  /** Tensor of each output; -1 for outputs that were not asked for. */
  readonly tensors: readonly number[];
}

function traceSubgraph(model: Model, subgraph: number, wanted: readonly number[]): Traced {
  const traced = traceModel(model, wanted, subgraph);
  const asked = new Set(wanted);
  const seen = new Set<number>();
  const tensors = traced.tensors.map((tensor) => {
    if (!asked.has(tensor) || seen.has(tensor)) return -1;
    seen.add(tensor);
    return tensor;
  });
  if (subgraph === 0) return { model: traced.model, signature: null, tensors };
  const signature: SignatureDef = {
    ...signatureOf(model, subgraph)!,
    signatureKey: TRACE_KEY,
    outputs: traced.tensors.map((tensorIndex, i) => ({ name: `output ${i}`, tensorIndex })),
  };
  return { model: { ...traced.model, signatureDefs: [signature] }, signature: TRACE_KEY, tensors };
}

function signatureOf(model: Model, subgraph: number): SignatureDef | undefined {
  return model.signatureDefs?.find(({ subgraphIndex }) => subgraphIndex === subgraph);
}

/** Tensors of the inputs in the order in which the interpreter takes them. */
function inputOrder(model: Model, subgraph: number): readonly number[] {
  const signature = subgraph === 0 ? undefined : signatureOf(model, subgraph);
  return signature
    ? signature.inputs.map(({ tensorIndex }) => tensorIndex)
    : Array.from(model.subgraphs[subgraph]!.inputs);
}

function open({ model, signature }: Traced, { runtime }: Calibration): Promise<RunnableModel> {
  return runtime.createInterpreter(writeModel(model), { signature, accelerator: 'wasm' });
}

/**
 * Feeds samples to a model that calibration runs.
 * @throws ModelError `bad-data` in words that speak of calibration data
 */
export function feederFor(
  model: Model,
  interpreter: Pick<RunnableModel, 'inputs'>,
  { set }: Calibration,
): Feeder {
  try {
    return createFeeder(set.dataset, interpreter.inputs, resolveScaleRule(set.scale, model));
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    throw new ModelError(error.code, `The calibration data do not fit: ${error.message}`, { cause: error });
  }
}

function groupBySize(model: Model, subgraph: number, tensors: readonly number[]): number[][] {
  const groups: number[][] = [];
  let bytes = Infinity;
  for (const tensor of tensors) {
    const item = model.subgraphs[subgraph]!.tensors[tensor]!;
    const size = byteLength(item.type, Math.max(1, elementCount(item))) ?? 0;
    if (bytes + size > LARGEST_TRACE_BYTES) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)!.push(tensor);
    bytes += size;
  }
  return groups;
}
