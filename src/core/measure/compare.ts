/** Several models on the same data: accuracy, fidelity and latency in one go. */
import type { Dataset, ScaleRule } from '../data/types';
import { randomDataset } from '../data/random';
import { formatScaleRule } from '../data/scale';
import { ModelError } from '../errors';
import { openModel } from '../model/open';
import type { Model } from '../model/types';
import type { CancelSignal } from '../optimize/types';
import type { TensorData } from '../tensor-data';
import { countSample, describeFailure, prepareRun, summarize } from './contestant';
import type { Contestant, Running } from './contestant';
import { findClockStep, timeInterleaved } from './latency';
import { classNamesOf, describeMethod, remarksOn } from './compare-words';
import { resolveScaleRule } from './resolve-scale';
import type { RunnableModel, Runtime } from './runtime';
import { staticFigures } from './size';
import type { Comparison, StaticFigures } from './types';

export interface NamedModel {
  readonly name: string;
  /** A whole `.tflite` file. */
  readonly bytes: Uint8Array;
}

export type ComparisonData =
  | { readonly kind: 'dataset'; readonly dataset: Dataset; readonly scale: ScaleRule }
  | { readonly kind: 'random'; readonly samples: number; readonly seed: number };

export interface CompareOptions {
  readonly accelerator: 'wasm' | 'webgpu';
  /** Timed rounds; 0 leaves latency out. */
  readonly latencyRounds: number;
  /** Milliseconds that only go up, e.g. `performance.now`. */
  readonly now: () => number;
}

/** Longest time for the timed rounds, which are at least five. */
const LATENCY_BUDGET_MS = 20_000;

export type CompareProgress = (done: number, total: number, label: string) => void;

/**
 * Runs every model on every sample, one sample at a time, then times them interleaved. The first model is the
 * original that the others are held against. A model that cannot run gets a `failure` and its static figures.
 * Memory does not grow with the number of samples beyond one predicted class for each.
 * @throws ModelError `bad-data` when the data do not fit the first model, or any kind when a file is no model
 */
export async function compareModels(
  runtime: Runtime,
  models: readonly NamedModel[],
  data: ComparisonData,
  options: CompareOptions,
  progress: CompareProgress,
  signal: CancelSignal | null,
): Promise<Comparison> {
  progress(0, 0, 'Loading models');
  const loaded = await loadModels(runtime, models, options.accelerator, signal);
  try {
    const dataset = data.kind === 'dataset' ? data.dataset : generate(loaded, data.samples, data.seed);
    const contestants = loaded.map((entry, i) => prepare(entry, dataset, data, i === 0));
    const ready = contestants.filter(({ running }) => running !== null).length;
    const total = ready * (dataset.sampleCount + options.latencyRounds);
    const ran = await runSamples(
      contestants,
      dataset,
      (done, label) => progress(done * ready, total, label),
      signal,
    );
    const runs = await timeModels(ran, options, (round) => {
      signal?.throwIfAborted();
      progress(ready * (dataset.sampleCount + round), total, 'Timing');
    });
    const original = { contestant: ran[0]!, runs: runs[0] ?? null };
    progress(total, total, 'Done');
    return {
      models: ran.map((contestant, i) =>
        summarize(contestant, dataset.sampleCount, runs[i] ?? null, i === 0 ? null : original),
      ),
      dataName: dataset.name,
      samples: dataset.sampleCount,
      isRandom: dataset.isRandom,
      scaleRule: data.kind === 'dataset' ? formatScaleRule(data.scale) : 'none',
      labels: dataset.labels,
      classNames: dataset.classNames ?? classNamesOf(loaded[0]!.file, ran[0]!),
      method: describeMethod(ran, runs),
      notes: [
        ...new Set(ran.flatMap(({ running }) => running?.feeder.notes ?? [])),
        ...remarksOn(ran, dataset),
      ],
    };
  } finally {
    for (const { model } of loaded) model?.dispose();
  }
}

interface Loaded {
  readonly name: string;
  /** The file as data. */
  readonly file: Model;
  readonly figures: StaticFigures;
  readonly model: RunnableModel | null;
  readonly failure: Contestant['failure'];
}

async function loadModels(
  runtime: Runtime,
  models: readonly NamedModel[],
  accelerator: CompareOptions['accelerator'],
  signal: CancelSignal | null,
): Promise<Loaded[]> {
  const loaded: Loaded[] = [];
  try {
    for (const { name, bytes } of models) {
      signal?.throwIfAborted();
      const file = openNamed(name, bytes, models.length > 1);
      const figures = staticFigures(file, bytes);
      try {
        const model = await runtime.createInterpreter(bytes, { signature: null, accelerator });
        loaded.push({ name, file, figures, model, failure: null });
      } catch (error) {
        loaded.push({ name, file, figures, model: null, failure: describeFailure(error) });
      }
    }
  } catch (error) {
    for (const { model } of loaded) model?.dispose();
    throw error;
  }
  return loaded;
}

/** Opens a file; of several, the message says which one is bad. */
function openNamed(name: string, bytes: Uint8Array, isOneOfSeveral: boolean): Model {
  try {
    return openModel(bytes).model;
  } catch (error) {
    if (!isOneOfSeveral || !(error instanceof ModelError)) throw error;
    const { code, message, where, byteOffset } = error;
    throw new ModelError(code, `${name}: ${message}`, { where, byteOffset, cause: error });
  }
}

/** Random data are shaped for the first model that runs. */
function generate(loaded: readonly Loaded[], samples: number, seed: number): Dataset {
  const shaped = loaded.find(({ model }) => model !== null)?.model;
  return randomDataset(shaped?.inputs ?? [], samples, seed);
}

function prepare(entry: Loaded, dataset: Dataset, data: ComparisonData, isOriginal: boolean): Contestant {
  const { name, figures, model, failure } = entry;
  const place = { name, figures, engine: model?.engine ?? '', backend: model?.backend ?? '' };
  if (!model) return { ...place, running: null, failure };
  try {
    const rule =
      data.kind === 'dataset' ? resolveScaleRule(data.scale, entry.file) : { kind: 'none' as const };
    return { ...place, running: prepareRun(model, dataset, rule), failure: null };
  } catch (error) {
    if (isOriginal || !(error instanceof ModelError)) throw error;
    return { ...place, running: null, failure: describeFailure(error) };
  }
}

/** Runs all samples; models that fail on the way come back with a failure. */
async function runSamples(
  contestants: readonly Contestant[],
  dataset: Dataset,
  progress: (done: number, label: string) => void,
  signal: CancelSignal | null,
): Promise<Contestant[]> {
  const ran = [...contestants];
  for (let sample = 0; sample < dataset.sampleCount; sample++) {
    signal?.throwIfAborted();
    progress(sample, 'Running samples');
    let original: { running: Running; outputs: readonly TensorData[] } | null = null;
    for (const [i, contestant] of ran.entries()) {
      const { running } = contestant;
      if (!running) continue;
      try {
        const outputs = await running.model.run(running.feeder.feed(sample));
        countSample(running, sample, dataset.labels?.[sample] ?? null, outputs, original);
        if (i === 0) original = { running, outputs };
      } catch (error) {
        if (i === 0 && error instanceof ModelError && error.code === 'bad-data') throw error;
        ran[i] = { ...contestant, running: null, failure: describeFailure(error) };
      }
    }
  }
  return ran;
}

/** Times of each model (null where it does not run), on the first sample. */
async function timeModels(
  contestants: readonly Contestant[],
  options: CompareOptions,
  onRound: (round: number) => void,
): Promise<(readonly number[] | null)[]> {
  const runnable = contestants.flatMap(({ running }, i) => (running ? [{ running, i }] : []));
  if (options.latencyRounds === 0 || runnable.length === 0) return contestants.map(() => null);
  const times = await timeInterleaved(
    runnable.map(({ running }) => {
      const inputs = running.feeder.feed(0);
      return () => running.model.run(inputs);
    }),
    {
      now: options.now,
      clockStepMs: findClockStep(options.now),
      rounds: options.latencyRounds,
      budgetMs: LATENCY_BUDGET_MS,
      onRound,
    },
  );
  return contestants.map((_, i) => times[runnable.findIndex((entry) => entry.i === i)] ?? null);
}
