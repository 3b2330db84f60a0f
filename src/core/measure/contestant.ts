/** One model while it is being compared: what runs it and what has been counted so far. */
import { createFeeder } from '../data/feed';
import type { Feeder } from '../data/feed';
import type { Dataset, ScaleRule } from '../data/types';
import { realReader } from '../data/values';
import { ModelError } from '../errors';
import type { TensorData } from '../tensor-data';
import { countAccuracy, findClasses, isInTop5, predictClass } from './accuracy';
import type { AccuracyCount, ClassReading } from './accuracy';
import { sumFidelity } from './fidelity';
import type { FidelitySums } from './fidelity';
import { ratioInterval, summarizeLatency } from './latency';
import type { RunnableModel } from './runtime';
import type { LatencySummary, ModelMeasurement, OutputFidelity, StaticFigures } from './types';

export interface Contestant {
  readonly name: string;
  readonly figures: StaticFigures;
  readonly running: Running | null;
  readonly engine: string;
  readonly backend: string;
  readonly failure: ModelMeasurement['failure'];
}

/** A model that runs. */
export interface Running {
  readonly model: RunnableModel;
  readonly feeder: Feeder;
  readonly reading: ClassReading | null;
  readonly accuracy: AccuracyCount | null;
  readonly predictions: Int32Array | null;
  /** One for each output. */
  readonly fidelity: readonly FidelitySums[];
}

/**
 * Prepares a model for a dataset.
 * @throws ModelError `bad-data` when the data or the labels do not fit the model
 */
export function prepareRun(
  model: RunnableModel,
  dataset: Dataset,
  rules: ScaleRule | readonly ScaleRule[],
): Running {
  const feeder = createFeeder(dataset, model.inputs, dataset.isRandom ? { kind: 'none' } : rules);
  const reading = findClasses(model.outputs, dataset);
  return {
    model,
    feeder,
    reading,
    accuracy: reading && dataset.labels ? countAccuracy(reading.classes) : null,
    predictions: reading ? new Int32Array(dataset.sampleCount).fill(-1) : null,
    fidelity: model.outputs.map(() => sumFidelity()),
  };
}

/** Counts the outputs of one sample, and how far they are from the original's outputs (null for the original). */
export function countSample(
  running: Running,
  sample: number,
  label: number | null,
  outputs: readonly TensorData[],
  original: { readonly running: Running; readonly outputs: readonly TensorData[] } | null,
): void {
  const { reading, predictions, accuracy, model } = running;
  if (reading && predictions) {
    const output = outputs[reading.output]!;
    const score = realReader(output, model.outputs[reading.output]!);
    const count = output.values.length;
    const prediction = predictClass(score, count, reading);
    predictions[sample] = prediction;
    if (accuracy && label !== null) accuracy.add(label, prediction, isInTop5(score, count, label, reading));
  }
  if (!original) return;
  running.fidelity.forEach((sums, i) => {
    const [mine, theirs] = [outputs[i], original.outputs[i]];
    if (!mine || mine.values.length !== theirs?.values.length) return;
    const variant = realReader(mine, model.outputs[i]!);
    const reference = realReader(theirs, original.running.model.outputs[i]!);
    for (let n = 0; n < mine.values.length; n++) sums.add(reference(n), variant(n));
  });
}

/** The figures of one model after all samples. `original` is the first model, null for itself. */
export function summarize(
  contestant: Contestant,
  samples: number,
  runs: readonly number[] | null,
  original: { readonly contestant: Contestant; readonly runs: readonly number[] | null } | null,
): ModelMeasurement {
  const { running, name, figures, engine, backend, failure } = contestant;
  const latencyMs: LatencySummary | null = runs && runs.length > 0 ? summarizeLatency(runs) : null;
  const first = original?.contestant.running ?? null;
  const outputs = running && first ? outputFidelity(running, first) : null;
  const accuracy = running?.accuracy ?? null;
  return {
    ...figures,
    name,
    latencyMs,
    speedup: latencyMs && original?.runs?.length ? ratioInterval(original.runs, latencyMs.runs) : null,
    top1: accuracy ? accuracy.correct / samples : null,
    top5: accuracy ? accuracy.inTop5 / samples : null,
    correct: accuracy?.correct ?? null,
    confusion: accuracy?.confusion ?? null,
    agreement: running && first ? shareOfEqual(running.predictions, first.predictions) : null,
    sqnrDb: outputs?.together?.sqnrDb() ?? null,
    cosine: outputs?.together?.cosine() ?? null,
    outputs: outputs?.each ?? [],
    predictions: running?.predictions ?? null,
    engine,
    backend,
    failure,
  };
}

/** What stopped a model, for its row in the comparison. */
export function describeFailure(error: unknown): NonNullable<ModelMeasurement['failure']> {
  if (error instanceof ModelError) return { code: error.code, message: error.message };
  return { code: 'runtime', message: error instanceof Error ? error.message : String(error) };
}

function outputFidelity(
  running: Running,
  original: Running,
): { each: OutputFidelity[]; together: FidelitySums | null } {
  // With another number of outputs nothing says which belong together.
  if (running.fidelity.length !== original.fidelity.length) return { each: [], together: null };
  const compared = running.fidelity
    .map((sums, i) => ({ sums, name: original.model.outputs[i]!.name }))
    .filter(({ sums }) => sums.sums.count > 0);
  return {
    each: compared.map(({ sums, name }) => ({
      name,
      sqnrDb: sums.sqnrDb(),
      cosine: sums.cosine(),
      maxAbsError: sums.maxAbsError(),
    })),
    together: compared.length > 0 ? compared.reduce((all, { sums }) => all.plus(sums), sumFidelity()) : null,
  };
}

function shareOfEqual(a: Int32Array | null, b: Int32Array | null): number | null {
  if (!a || !b || a.length === 0) return null;
  return a.reduce((equal, value, i) => equal + Number(value === b[i]), 0) / a.length;
}
