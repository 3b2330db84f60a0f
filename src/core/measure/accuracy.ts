/** Classification figures, one sample at a time, so that memory does not grow with the data. */
import { ModelError } from '../errors';
import { plural } from '../format';
import type { TensorInfo } from '../tensor-data';
import type { ClassChange, Confusion } from './types';

/** How the values of an output are read as classes. */
export interface ClassReading {
  /** Index of the output that holds the scores. */
  readonly output: number;
  /** Classes in the labels' numbering. */
  readonly classes: number;
  /** Added to the place of a score to get its class: 1 for 1,000 scores under 1,001 names, -1 the other way round. */
  readonly shift: number;
  /** A single score: class 1 from 0.5 up. */
  readonly binary: boolean;
}

/** The labels' side of the matter. */
export interface ClassLabels {
  readonly labels: Int32Array | null;
  readonly classNames: readonly string[] | null;
}

const backgroundName = /^(__)?(background|dummy|none|\?\?\?)(__)?$/i;

/**
 * Finds the output that holds class scores: shaped [classes] apart from dimensions of size 1. With several outputs
 * it is the only one with as many scores as there are classes. A single score counts as binary only where the labels
 * are 0 and 1. ImageNet's two numberings are told apart: 1,000 scores under 1,001 class names (or labels up to 1,000)
 * are without the leading background class, 1,001 scores under 1,000 names have it.
 * @returns null when the model is no classifier as far as can be told
 * @throws ModelError `bad-data` when a label is higher than the model has classes
 */
export function findClasses(outputs: readonly TensorInfo[], truth: ClassLabels): ClassReading | null {
  const highest = truth.labels?.reduce((high, label) => Math.max(high, label), 0) ?? null;
  const named = truth.classNames?.length ?? null;
  const candidates = outputs
    .map((info, output) => ({ output, scores: scoreCount(info) }))
    .filter(({ scores }) => scores !== null) as { output: number; scores: number }[];
  const chosen =
    outputs.length === 1
      ? candidates[0]
      : single(
          candidates.filter(
            ({ scores }) => scores === named || (named === null && scores === (highest ?? -2) + 1),
          ),
        );
  if (!chosen) return null;
  const { output, scores } = chosen;
  if (scores === 1) {
    if (highest === null || highest > 1) return null;
    return { output, classes: 2, shift: 0, binary: true };
  }
  const shift = numberingShift(scores, named, truth.classNames?.[0] ?? null, highest);
  const classes = scores + shift;
  if (highest !== null && highest >= classes)
    throw new ModelError(
      'bad-data',
      `The labels go up to ${highest}, but the model has ${plural(scores, 'class', 'classes')} (0 to ${scores - 1}); these labels are for another model.`,
    );
  return { output, classes, shift, binary: false };
}

/** Predicted class of one sample, -1 when the scores are not numbers; ties go to the lower class. */
export function predictClass(score: (index: number) => number, count: number, reading: ClassReading): number {
  if (reading.binary) return Number.isNaN(score(0)) ? -1 : Number(score(0) >= 0.5);
  let best = -1;
  let highest = -Infinity;
  for (let i = 0; i < count; i++) {
    const value = score(i);
    if (Number.isNaN(value)) return -1;
    if (value > highest || best < 0) [best, highest] = [i, value];
  }
  return best < 0 ? -1 : best + reading.shift;
}

/** True when fewer than five classes score higher than `label`; equal scores share a rank, as in tf.math.in_top_k. */
export function isInTop5(
  score: (index: number) => number,
  count: number,
  label: number,
  reading: ClassReading,
): boolean {
  if (reading.binary) return true;
  const place = label - reading.shift;
  if (place < 0 || place >= count) return false;
  const own = score(place);
  if (Number.isNaN(own)) return false;
  let higher = 0;
  for (let i = 0; i < count && higher < 5; i++) {
    if (score(i) > own) higher += 1;
  }
  return higher < 5;
}

export interface AccuracyCount {
  readonly correct: number;
  readonly inTop5: number;
  readonly samples: number;
  readonly confusion: Confusion;
  add(label: number, prediction: number, inTop5: boolean): void;
}

/** Counts of right answers and the confusion matrix. Samples without a prediction (-1) are wrong and in no column. */
export function countAccuracy(classes: number): AccuracyCount {
  const counts = new Uint32Array(classes * classes);
  const tally = {
    correct: 0,
    inTop5: 0,
    samples: 0,
    confusion: { classes, counts },
    add(label: number, prediction: number, inTop5: boolean) {
      tally.samples += 1;
      if (prediction === label) tally.correct += 1;
      if (inTop5) tally.inTop5 += 1;
      if (prediction >= 0 && prediction < classes) counts[label * classes + prediction]! += 1;
    },
  };
  return tally;
}

/**
 * Right answers per class of two models on the same samples, for classes that have samples, in class order.
 * @param predictionsA predicted classes of the original, -1 for none
 */
export function changePerClass(
  labels: Int32Array,
  predictionsA: Int32Array,
  predictionsB: Int32Array,
): ClassChange[] {
  const classes = new Map<number, { samples: number; before: number; after: number }>();
  labels.forEach((label, i) => {
    const entry = classes.get(label) ?? { samples: 0, before: 0, after: 0 };
    entry.samples += 1;
    if (predictionsA[i] === label) entry.before += 1;
    if (predictionsB[i] === label) entry.after += 1;
    classes.set(label, entry);
  });
  return [...classes]
    .sort(([a], [b]) => a - b)
    .map(([classIndex, { samples, before, after }]) => ({ classIndex, samples, before, after }));
}

/** Number of scores of one sample, or null for an output that is no list of scores. */
function scoreCount(info: TensorInfo): number | null {
  const [first = 1, ...rest] = info.shape;
  // One leading dimension of unknown size is the batch.
  const sizes = (first === -1 ? rest : info.shape).filter((size) => size !== 1);
  if (sizes.length > 1 || sizes.includes(-1)) return null;
  return sizes[0] ?? 1;
}

function numberingShift(
  scores: number,
  named: number | null,
  firstName: string | null,
  highest: number | null,
): number {
  const isBackground = firstName !== null && backgroundName.test(firstName.trim());
  if (scores === 1000 && (named === 1001 || (named === null && highest === 1000))) return 1;
  if (scores === 1001 && named === 1000 && !isBackground) return -1;
  return 0;
}

function single<T>(values: readonly T[]): T | undefined {
  return values.length === 1 ? values[0] : undefined;
}
