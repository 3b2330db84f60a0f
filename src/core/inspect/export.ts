/** Constants as files for other programs, a part at a time. */
import { writeNpy } from '../data/npy';
import { ModelError } from '../errors';
import { isFloat, constantBytes, stringValues, tensorAt, tensorPlace } from '../model/tensors';
import type { Model, TensorType } from '../model/types';
import type { TensorValues } from '../tensor-data';
import { finish, type Steps } from '../steps';
import type { ExportFormat, NpyValues, TensorExport } from './types';
import { valueReader, VALUES_AT_ONCE, type ValueReader } from './value-reader';

/** Rows of CSV that are made at a time: one string of all of them may be longer than strings can be. */
const ROWS_AT_ONCE = 16_384;

/** Takes the bytes of a file in their order. They may be views on the model's file: copy what is kept. */
export type WriteBytes = (part: Uint8Array) => void;

/**
 * A constant as a file. `npy`: dense values as stored (quantized ones stay integers; int4 and int2 widen to int8,
 * bfloat16 and float8 to float32). `npy-real`: real values of quantized tensors, others as with `npy`. `csv`: one row a
 * value with its place along each axis, and for quantized tensors both the stored number and the real value; strings as
 * text. `raw`: the bytes as they are in the file.
 * @throws ModelError `unsupported` when the tensor has no values in the file or the format has no such type
 */
export function exportTensor(
  model: Model,
  subgraph: number,
  index: number,
  format: ExportFormat,
): TensorExport {
  const parts: Uint8Array[] = [];
  const fileName = finish(exportSteps(model, subgraph, index, format, (part) => parts.push(part.slice())));
  return { fileName, bytes: concatenate(parts) };
}

/** `exportTensor` in steps: hands the bytes to `write` and gives the file name. */
export function* exportSteps(
  model: Model,
  subgraph: number,
  index: number,
  format: ExportFormat,
  write: WriteBytes,
): Steps<string> {
  const tensor = tensorAt(model, subgraph, index);
  const bytes = constantBytes(model, tensor);
  if (bytes === null) {
    throw new ModelError('unsupported', `Tensor ${index} has no values in the file to export.`, {
      where: tensorPlace(subgraph, index),
    });
  }
  const stem = fileStem(tensor.name, index);
  if (format === 'raw') {
    write(bytes);
    return `${stem}.bin`;
  }
  if (format === 'csv') {
    if (tensor.type === 'STRING') write(stringRows(stringValues(bytes)));
    else yield* numberRows(valueReader(model, subgraph, index), tensor.type, write);
    return `${stem}.csv`;
  }
  const values = format === 'npy' ? 'stored' : 'real';
  yield* npySteps(valueReader(model, subgraph, index), tensor.type, values, write);
  // The other of the two does not overwrite it.
  return values === 'real' ? `${stem}.real.npy` : `${stem}.npy`;
}

/** Type of the array in an `.npy` file. */
function npyType(reader: ValueReader, dtype: TensorType, values: NpyValues): TensorType {
  if (values === 'real' && reader.isQuantized)
    return reader.real(0, 1) instanceof Float64Array ? 'FLOAT64' : 'FLOAT32';
  return dtype.startsWith('FLOAT8') || dtype === 'BFLOAT16' ? 'FLOAT32' : dtype;
}

/** The bytes of an `.npy` file in steps. Throws `ModelError` (`unsupported`) for types without a NumPy counterpart. */
export function* npySteps(
  reader: ValueReader,
  dtype: TensorType,
  values: NpyValues,
  write: WriteBytes,
): Steps<void> {
  const type = npyType(reader, dtype, values);
  // The header alone: the values follow a piece at a time.
  write(writeNpy({ dtype: type, shape: reader.shape, values: new Uint8Array(0) }));
  for (let offset = 0; offset < reader.count; offset += VALUES_AT_ONCE) {
    write(bytesOf(pieceOf(reader, dtype, type, values, offset)));
    yield Math.min(1, (offset + VALUES_AT_ONCE) / reader.count);
  }
}

function pieceOf(
  reader: ValueReader,
  dtype: TensorType,
  type: TensorType,
  values: NpyValues,
  offset: number,
): TensorValues {
  if (values === 'real' && reader.isQuantized) return reader.real(offset, VALUES_AT_ONCE);
  if (type !== dtype) return reader.stored(offset, VALUES_AT_ONCE);
  return reader.exact(offset, VALUES_AT_ONCE);
}

function bytesOf(values: TensorValues): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function* numberRows(reader: ValueReader, dtype: TensorType, write: WriteBytes): Steps<void> {
  const { shape, count, isQuantized } = reader;
  const header = [
    ...shape.map((_, axis) => `axis${axis}`),
    ...(isQuantized ? ['stored', 'real'] : ['value']),
  ];
  write(encode(`${header.join(',')}\n`));
  const place = shape.map(() => 0);
  for (let offset = 0; offset < count; offset += ROWS_AT_ONCE) {
    const exact = reader.exact(offset, ROWS_AT_ONCE);
    const stored = isFloat(dtype) ? reader.stored(offset, ROWS_AT_ONCE) : null;
    const real = isQuantized ? reader.real(offset, ROWS_AT_ONCE) : null;
    let text = '';
    for (let i = 0; i < exact.length; i++) {
      for (const position of place) text += `${position},`;
      const value = stored ? shortest(stored[i]!, dtype) : String(exact[i]!);
      text += real ? `${value},${shortest(real[i]!, 'FLOAT32')}\n` : `${value}\n`;
      advance(place, shape);
    }
    write(encode(text));
    yield (offset + exact.length) / count;
  }
}

/** The shortest decimal that reads back as the same float32; other types in full. */
function shortest(value: number, dtype: string): string {
  if (dtype === 'FLOAT64' || Number.isInteger(value) || !Number.isFinite(value)) return String(value);
  for (let digits = 6; digits < 9; digits++) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return String(text);
  }
  return String(Number(value.toPrecision(9)));
}

/** Moves to the next place in row-major order. */
function advance(place: number[], shape: readonly number[]): void {
  for (let axis = place.length - 1; axis >= 0; axis--) {
    place[axis]! += 1;
    if (place[axis]! < shape[axis]!) return;
    place[axis] = 0;
  }
}

function stringRows(texts: readonly string[]): Uint8Array {
  const rows = texts.map((text, i) => `${i},"${text.replaceAll('"', '""')}"\n`);
  return encode(`index,text\n${rows.join('')}`);
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** All parts one after the other. */
function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

/** Characters of a file's name, so that an ending and a number still fit into the 255 that file systems take. */
const LONGEST_STEM = 200;

/** A file name from a tensor's name without what file systems mind; of a very long one the beginning and the end. */
export function fileStem(name: string | null, index: number): string {
  const stem = (name ?? '').replace(/[^A-Za-z0-9._-]+/g, '_').replace(/^[._]+|[._]+$/g, '');
  if (stem.length <= LONGEST_STEM) return stem === '' ? `tensor_${index}` : stem;
  const half = LONGEST_STEM / 2 - 1;
  return `${stem.slice(0, half)}__${stem.slice(-half)}`;
}
