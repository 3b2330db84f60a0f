/** Files to a dataset. What is understood is written down in docs/cli.md. */
import { ModelError } from '../errors';
import { plural } from '../format';
import type { TensorData } from '../tensor-data';
import { labelsFromCsv, labelsFromTensor, readLabelLines, resolveLabels, textLines } from './labels';
import type { RawLabels } from './labels';
import { isNpy, readNpy } from './npy';
import { isZip, readNpz } from './npz';
import type { Dataset } from './types';
import { findNonFinite } from './values';

export interface NamedBytes {
  /** File name; folders before it are ignored. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

interface NamedArray {
  readonly key: string;
  readonly file: string;
  readonly tensor: TensorData;
}

const inputKeys = ['inputs', 'input', 'x', 'images', 'x_test', 'data'];
const labelKeys = ['labels', 'label', 'y', 'y_test', 'targets'];
const numbered = /^inputs?_(.+)$/;

/**
 * Reads a dataset from the files of a folder (or one file): `inputs.npy`, or several inputs as `inputs_0.npy`,
 * `inputs_1.npy`, … or `input_NAME.npy`; or an `.npz` with the same keys (also `x`, `images`). Labels: `labels.npy`
 * (or `y`), `labels.csv`, or `labels.txt`; class names: `classes.txt`, or `labels.txt` where labels come from elsewhere.
 * A single array of any name is the input. Other files are ignored.
 * @throws ModelError `bad-data` with what was found and what is needed
 */
export function readDataset(name: string, files: readonly NamedBytes[]): Dataset {
  const sources = files.map((file) => ({ ...file, name: file.name.replace(/^.*[\\/]/, '') }));
  const arrays = readArrays(name, sources);
  const labelArray = labelKeys.flatMap((key) => arrays.filter((array) => array.key === key))[0] ?? null;
  const inputs = chooseInputs(name, arrays);

  const empty = inputs.find(({ tensor }) => tensor.values.length === 0);
  if (empty) throw new ModelError('bad-data', `${empty.file} has no samples.`);
  const sampleCount = inputs[0]!.tensor.shape[0] ?? 0;
  for (const { tensor, file } of inputs) {
    if (tensor.shape.length === 0)
      throw new ModelError('bad-data', `${file} holds a single number; inputs need [samples, …].`);
    if (tensor.shape[0] !== sampleCount)
      throw new ModelError(
        'bad-data',
        `${file} has ${plural(tensor.shape[0]!, 'sample')}, ${inputs[0]!.file} has ${sampleCount}; every input needs the same number.`,
      );
    checkFinite(tensor, file);
  }

  return {
    name,
    inputs: inputs.map(({ tensor }) => tensor),
    inputNames: inputs.map(({ key }) => inputName(key)),
    sampleCount,
    ...readLabels(sources, labelArray, sampleCount),
    isRandom: false,
  };
}

function readArrays(name: string, sources: readonly NamedBytes[]): NamedArray[] {
  const arrays: NamedArray[] = [];
  for (const { name: file, bytes } of sources) {
    if (/\.npy$/i.test(file) || isNpy(bytes))
      arrays.push({ key: lowerKey(file.replace(/\.npy$/i, '')), file, tensor: readNpy(bytes, file) });
    else if (/\.npz$/i.test(file) || (sources.length === 1 && isZip(bytes))) {
      const { arrays: packed, keys } = readNpz(bytes, file, () => true);
      if (keys.length === 0)
        throw new ModelError(
          'bad-data',
          `${file} holds no arrays; save it with numpy.savez(inputs=…, labels=…).`,
        );
      for (const [key, tensor] of packed)
        arrays.push({ key: lowerKey(key), file: `${key} in ${file}`, tensor });
    }
  }
  if (arrays.length === 0)
    throw new ModelError(
      'bad-data',
      `${name} holds no data that can be read; give a folder with inputs.npy and labels.npy, or an .npz file.`,
    );
  return arrays;
}

function chooseInputs(name: string, arrays: readonly NamedArray[]): NamedArray[] {
  const known = inputKeys.map((key) => arrays.find((array) => array.key === key)).find((array) => array);
  if (known) return [known];
  const several = arrays.filter((array) => numbered.test(array.key));
  if (several.length > 0) return several.sort((a, b) => compareKeys(a.key, b.key));
  const others = arrays.filter((array) => !labelKeys.includes(array.key));
  if (others.length === 1) return others;
  const found = arrays.map(({ file }) => file).join(', ');
  throw new ModelError(
    'bad-data',
    others.length === 0
      ? `${name} holds labels but no inputs (found ${found}); add inputs.npy.`
      : `${name} holds several arrays and none is called inputs (found ${found}); name one inputs, or several inputs_0, inputs_1, ….`,
  );
}

function readLabels(
  sources: readonly NamedBytes[],
  labelArray: NamedArray | null,
  sampleCount: number,
): { labels: Int32Array | null; classNames: readonly string[] | null } {
  const text = (name: string) => {
    const file = sources.find((source) => source.name.toLowerCase() === name);
    return file ? { file: file.name, text: new TextDecoder().decode(file.bytes) } : null;
  };
  const csv = text('labels.csv');
  const labelText = text('labels.txt');
  const classText = text('classes.txt');
  let classNames = classText ? textLines(classText.text) : null;
  let raw: { file: string; labels: RawLabels } | null = null;
  if (labelArray)
    raw = { file: labelArray.file, labels: labelsFromTensor(labelArray.tensor, labelArray.file) };
  else if (csv) raw = { file: csv.file, labels: labelsFromCsv(csv.text, csv.file) };
  if (labelText) {
    const lines = textLines(labelText.text);
    const meaning = raw ? 'class-names' : readLabelLines(lines, sampleCount);
    if (meaning !== 'class-names') raw = { file: labelText.file, labels: meaning };
    else classNames ??= lines.length > 0 ? lines : null;
  }
  return { labels: raw ? resolveLabels(raw.labels, sampleCount, classNames, raw.file) : null, classNames };
}

function checkFinite(tensor: TensorData, file: string): void {
  const place = findNonFinite(tensor);
  if (place < 0) return;
  const perSample = tensor.values.length / tensor.shape[0]!;
  throw new ModelError(
    'bad-data',
    `${file} holds NaN or infinity, first in sample ${Math.floor(place / perSample)}; replace or remove such values.`,
  );
}

/** `inputs_0` gives no name (the order counts), `input_left` gives `left`. */
function inputName(key: string): string | null {
  const name = numbered.exec(key)?.[1];
  return name === undefined || /^\d+$/.test(name) ? null : name;
}

function lowerKey(key: string): string {
  // Only the words that we look for are folded; a name after `input_` keeps its case to match the model's.
  const match = /^(inputs?_)(.+)$/i.exec(key);
  return match ? match[1]!.toLowerCase() + match[2]! : key.toLowerCase();
}

function compareKeys(a: string, b: string): number {
  const [left, right] = [a, b].map((key) => Number(numbered.exec(key)![1]));
  return Number.isNaN(left) || Number.isNaN(right) ? a.localeCompare(b, 'en') : left! - right!;
}
