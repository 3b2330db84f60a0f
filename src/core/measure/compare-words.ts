/** What a comparison says in words. */
import type { Dataset } from '../data/types';
import { readMetadata } from '../model/metadata';
import type { Model } from '../model/types';
import type { Contestant } from './contestant';

/** Class names packed with the original, where they are as many as its scores. */
export function classNamesOf(file: Model, { running }: Contestant): readonly string[] | null {
  if (!running?.reading || running.reading.shift !== 0) return null;
  const { classNames } = readMetadata(file);
  return classNames?.length === running.reading.classes ? classNames : null;
}

/** Where and how it was measured. */
export function describeMethod(
  contestants: readonly Contestant[],
  runs: readonly (readonly number[] | null)[],
): string {
  const first = contestants.find(({ running }) => running !== null);
  if (!first) return 'Not run; figures computed from the files.';
  const rounds = Math.max(...runs.map((times) => times?.length ?? 0));
  const where = `${first.engine === 'litert' ? 'LiteRT' : first.engine}, ${first.backend}`;
  if (rounds === 0) return `Run here in ${where}; latency not measured.`;
  const turns = contestants.length > 1 ? ', the models taking turns' : '';
  return `Run here in ${where}; latency is the median of ${rounds} rounds on one sample${turns}.`;
}

/** Remark on a comparison made with random data. */
export const randomDataRemark = 'The data are random: they say nothing about accuracy.';

/** What to keep in mind when reading the figures. */
export function remarksOn(contestants: readonly Contestant[], dataset: Dataset): string[] {
  const notes: string[] = [];
  if (dataset.isRandom) notes.push(randomDataRemark);
  const reading = contestants[0]?.running?.reading;
  const named = dataset.classNames?.length ?? 0;
  if (reading && named > 0 && named !== reading.classes)
    notes.push(
      `The data name ${named} classes, the model has ${reading.classes}; check that they belong together.`,
    );
  return notes;
}
