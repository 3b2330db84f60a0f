/** Values of constants: pages for the screen, files for other programs. */
import { writeNpy } from '../data/npy';
import { ModelError } from '../errors';
import { plainValues, scaleGrid } from '../model/dequantize';
import {
  constantBytes,
  dtypeName,
  shapeOf,
  stringValues,
  tensorAt,
  tensorPlace,
  tensorValues,
} from '../model/tensors';
import type { Model } from '../model/types';
import type { TensorData } from '../tensor-data';
import type { TensorExport } from './types';

export type ExportFormat = 'npy' | 'csv' | 'raw';

/** Rows of CSV that are turned into bytes at a time: one string of all of them may be longer than strings can be. */
const ROWS_AT_ONCE = 65_536;

/** Throws `ModelError` (`unsupported`) for types whose values are no single numbers: strings, complex numbers. */
export function requireNumbers(model: Model, subgraph: number, index: number): void {
  const { type } = tensorAt(model, subgraph, index);
  if (type === 'STRING' || type.startsWith('COMPLEX')) {
    throw new ModelError(
      'unsupported',
      `Tensor ${index} holds ${type === 'STRING' ? 'texts' : 'complex numbers'}, which have no histogram or list of numbers; export its raw bytes instead.`,
      { where: tensorPlace(subgraph, index) },
    );
  }
}

/**
 * Values `offset` to `offset + count` (cut at the end) of a constant in row-major order: real values, or with `raw` the
 * numbers as stored (16- and 8-bit floats decoded). 64-bit integers lose precision above 2^53.
 * @throws ModelError `unsupported` when the tensor has no numbers in the file
 */
export function tensorValuesPage(
  model: Model,
  subgraph: number,
  index: number,
  offset: number,
  count: number,
  raw: boolean,
): Float64Array {
  requireNumbers(model, subgraph, index);
  const tensor = tensorAt(model, subgraph, index);
  const stored = tensorValues(model, subgraph, index).subarray(Math.max(0, offset), offset + count);
  const plain = plainValues(tensor.type, stored);
  const result = Float64Array.from(plain);
  const grid = raw ? null : scaleGrid(model, subgraph, index);
  if (!grid) return result;

  // As `realValues` does it, for these elements alone.
  const shape = shapeOf(tensor);
  const round = plain instanceof Float32Array ? Math.fround : (value: number) => value;
  for (let i = 0; i < result.length; i++) {
    let cell = 0;
    let weight = 1;
    let rest = Math.max(0, offset) + i;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const size = Math.max(1, shape[axis]!);
      const parts = grid.counts[axis]!;
      const step = Math.max(1, Math.floor(size / parts));
      cell += weight * Math.min(parts - 1, Math.floor((rest % size) / step));
      weight *= parts;
      rest = Math.floor(rest / size);
    }
    result[i] = round(grid.scale[cell]! * (result[i]! - (grid.zeroPoint?.[cell] ?? 0)));
  }
  return result;
}

/**
 * A constant as a file. `npy`: dense values as stored (quantized ones stay integers; int4 and int2 widen to int8,
 * bfloat16 and float8 to float32). `csv`: one row a value with its place along each axis, and for quantized tensors
 * both the stored number and the real value; strings as text. `raw`: the bytes as they are in the file.
 * @throws ModelError `unsupported` when the tensor has no values in the file or the format has no such type
 */
export function exportTensor(
  model: Model,
  subgraph: number,
  index: number,
  format: ExportFormat,
): TensorExport {
  const tensor = tensorAt(model, subgraph, index);
  const bytes = constantBytes(model, tensor);
  if (bytes === null) {
    throw new ModelError('unsupported', `Tensor ${index} has no values in the file to export.`, {
      where: tensorPlace(subgraph, index),
    });
  }
  const fileName = `${fileStem(tensor.name, index)}.${format === 'raw' ? 'bin' : format}`;
  if (format === 'raw') return { fileName, bytes: bytes.slice() };
  if (format === 'npy') return { fileName, bytes: writeNpy(forNumpy(model, subgraph, index)) };
  if (tensor.type === 'STRING') return { fileName, bytes: stringRows(stringValues(bytes)) };
  return { fileName, bytes: numberRows(model, subgraph, index) };
}

function forNumpy(model: Model, subgraph: number, index: number): TensorData {
  const tensor = tensorAt(model, subgraph, index);
  const values = tensorValues(model, subgraph, index);
  const shape = shapeOf(tensor);
  if (!tensor.type.startsWith('FLOAT8')) return { dtype: tensor.type, shape, values };
  return { dtype: 'FLOAT32', shape, values: plainValues(tensor.type, values) };
}

function numberRows(model: Model, subgraph: number, index: number): Uint8Array {
  requireNumbers(model, subgraph, index);
  const tensor = tensorAt(model, subgraph, index);
  const shape = shapeOf(tensor);
  const isQuantized = scaleGrid(model, subgraph, index) !== null;
  const header = [
    ...shape.map((_, axis) => `axis${axis}`),
    ...(isQuantized ? ['stored', 'real'] : ['value']),
  ];
  const parts = [encode(`${header.join(',')}\n`)];
  const exact = tensorValues(model, subgraph, index);
  const is64 = exact instanceof BigInt64Array || exact instanceof BigUint64Array;
  const place = shape.map(() => 0);
  for (let offset = 0; offset < exact.length; offset += ROWS_AT_ONCE) {
    const stored = is64 ? null : tensorValuesPage(model, subgraph, index, offset, ROWS_AT_ONCE, true);
    const real = isQuantized ? tensorValuesPage(model, subgraph, index, offset, ROWS_AT_ONCE, false) : null;
    let text = '';
    for (let i = 0; i < Math.min(ROWS_AT_ONCE, exact.length - offset); i++) {
      for (const position of place) text += `${position},`;
      const value = stored ? shortest(stored[i]!, tensor.type) : String(exact[offset + i]!);
      text += real ? `${value},${shortest(real[i]!, 'FLOAT32')}\n` : `${value}\n`;
      advance(place, shape);
    }
    parts.push(encode(text));
  }
  return concatenate(parts);
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

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

/** A file name from a tensor's name: its last characters without what file systems mind. */
function fileStem(name: string | null, index: number): string {
  const stem = (name ?? '').replace(/[^A-Za-z0-9._-]+/g, '_').replace(/^[._]+|[._]+$/g, '');
  return stem === '' ? `tensor_${index}` : stem.slice(-80);
}

/** Texts of a string constant, at most `limit`; null for other tensors. */
export function tensorTexts(model: Model, subgraph: number, index: number, limit: number): string[] | null {
  const tensor = tensorAt(model, subgraph, index);
  const bytes = constantBytes(model, tensor);
  if (bytes === null || dtypeName(tensor.type) !== 'string') return null;
  return stringValues(bytes).slice(0, limit);
}
