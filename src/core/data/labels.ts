/** Label files: class indexes per sample, and class names. */
import { ModelError } from '../errors';
import { plural } from '../format';
import type { TensorData } from '../tensor-data';
import { parseCsv } from './csv';
import { numberReader } from './values';

/** Either class indexes, or names that still have to be looked up. */
export type RawLabels =
  | { readonly kind: 'indexes'; readonly values: readonly number[] }
  | { readonly kind: 'names'; readonly values: readonly string[] };

/**
 * Class indexes from an array: [N], [N, 1], or one-hot [N, classes].
 * @throws ModelError `bad-data` when the values are not whole numbers from 0 or the shape is another one
 */
export function labelsFromTensor(tensor: TensorData, name: string): RawLabels {
  const [samples = 1, classes = 1] = tensor.shape;
  const isEmpty = tensor.values.length === 0;
  if (isEmpty || tensor.shape.length === 0 || tensor.shape.slice(2).some((size) => size !== 1))
    throw new ModelError(
      'bad-data',
      `${name} has the shape [${tensor.shape.join(', ')}]; labels need [samples], or one-hot [samples, classes].`,
    );
  const read = numberReader(tensor);
  const values = Array.from({ length: tensor.values.length }, (_, i) => read(i));
  if (classes === 1) return { kind: 'indexes', values };
  return {
    kind: 'indexes',
    values: Array.from({ length: samples }, (_, sample) => {
      const row = values.slice(sample * classes, (sample + 1) * classes);
      const hot = row.indexOf(1);
      if (hot < 0 || row.some((value, i) => value !== (i === hot ? 1 : 0)))
        throw new ModelError(
          'bad-data',
          `Row ${sample} of ${name} is not one-hot; give one class index for each sample.`,
        );
      return hot;
    }),
  };
}

/**
 * Labels from CSV in the order of the samples. With a header the column `label` (or `class`, `target`, `y`); without
 * one the only column, or the second of two (file, label).
 * @throws ModelError `bad-data` when there is no such column
 */
export function labelsFromCsv(text: string, name: string): RawLabels {
  const rows = parseCsv(text).filter((row) => row.some((cell) => cell.trim() !== ''));
  const first = rows[0];
  if (!first) throw new ModelError('bad-data', `${name} is empty; it needs one label on each line.`);
  const heads = first.map((cell) => cell.trim().toLowerCase());
  const named = ['label', 'labels', 'class', 'target', 'y', 'class_index']
    .map((head) => heads.indexOf(head))
    .find((column) => column >= 0);
  const column = named ?? heads.length - 1;
  if (named === undefined && heads.length > 2)
    throw new ModelError(
      'bad-data',
      `${name} has ${heads.length} columns and none is headed "label"; name the column that holds the labels.`,
    );
  const cells = rows.map((row) => row[column]?.trim() ?? '');
  // Without a known heading, the first line is a heading when it alone is no number.
  const headed = named !== undefined || (!isIndex(cells[0]!) && cells.slice(1).every(isIndex));
  const body = headed && cells.length > 1 ? cells.slice(1) : named === undefined ? cells : [];
  const empty = body.indexOf('');
  if (empty >= 0)
    throw new ModelError('bad-data', `${name} has no label on line ${empty + (headed ? 2 : 1)}.`);
  return fromWords(body);
}

/** Lines of a text file without the empty ones at its end. */
export function textLines(text: string): string[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  while (lines.length > 0 && lines.at(-1)!.trim() === '') lines.pop();
  return lines.map((line) => line.trim());
}

/**
 * Decides what the lines of `labels.txt` are when nothing else gives labels: as many lines as samples that are all
 * whole numbers, or that repeat themselves, are labels; everything else is the list of class names.
 */
export function readLabelLines(lines: readonly string[], sampleCount: number): RawLabels | 'class-names' {
  const repeats = new Set(lines).size < lines.length;
  if (lines.length === sampleCount && (lines.every(isIndex) || repeats)) return fromWords(lines);
  // Class names that are numbers ("0" to "9") are all different; a longer list of numbers must be labels.
  if (repeats && lines.every(isIndex)) return fromWords(lines);
  return 'class-names';
}

/**
 * Checked class indexes.
 * @throws ModelError `bad-data` when the count is not the sample count, a value is no whole number from 0, or a name
 * is not among the class names
 */
export function resolveLabels(
  raw: RawLabels,
  sampleCount: number,
  classNames: readonly string[] | null,
  name: string,
): Int32Array {
  if (raw.values.length !== sampleCount)
    throw new ModelError(
      'bad-data',
      `${name} has ${plural(raw.values.length, 'label')} for ${plural(sampleCount, 'sample')}; give one label for each sample.`,
    );
  return Int32Array.from(
    raw.kind === 'indexes' ? raw.values : lookUp(raw.values, classNames, name),
    (value, i) => {
      if (!Number.isInteger(value) || value < 0 || value > 0x7fffffff)
        throw new ModelError(
          'bad-data',
          `Label ${i} of ${name} is ${value}; labels are class indexes, whole numbers from 0.`,
        );
      if (classNames && value >= classNames.length)
        throw new ModelError(
          'bad-data',
          `Label ${i} of ${name} is class ${value}, but only ${classNames.length} class names are given.`,
        );
      return value;
    },
  );
}

function lookUp(words: readonly string[], classNames: readonly string[] | null, name: string): number[] {
  if (!classNames)
    throw new ModelError(
      'bad-data',
      `${name} gives class names, whose order is not known; add classes.txt with every class name in the order of the model's outputs.`,
    );
  const places = new Map(classNames.map((className, i) => [className, i]));
  return words.map((word, i) => {
    const place = places.get(word);
    if (place === undefined)
      throw new ModelError(
        'bad-data',
        `Label ${i} of ${name} is "${word}", which is not among the class names.`,
      );
    return place;
  });
}

function fromWords(words: readonly string[]): RawLabels {
  return words.every(isIndex)
    ? { kind: 'indexes', values: words.map(Number) }
    : { kind: 'names', values: words };
}

function isIndex(word: string): boolean {
  return /^[+-]?\d+(\.0*)?$/.test(word);
}
