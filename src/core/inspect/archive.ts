/** All constants of a model as NumPy's `.npz`: a zip of `.npy` files. */
import { Zip, ZipPassThrough } from 'fflate';
import { writeNpy } from '../data/npy';
import { ModelError } from '../errors';
import { bitsOf, elementCount, hasScaleTensor, isConstant, isFloat, scaleInfo } from '../model/tensors';
import type { Model, Tensor } from '../model/types';
import { fileStem, npySteps, type WriteBytes } from './export';
import { within, type Steps } from '../steps';
import type { ArchiveReport, NpyValues } from './types';
import { valueReader, type ValueReader } from './value-reader';

/** What a zip without its 64-bit extension can hold. */
const MOST_BYTES = 2 ** 32 - 1;
const MOST_FILES = 65_535;
/** Names that Windows keeps for devices, whatever comes after the first point. */
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * Every constant with numbers as an array under a file-safe form of its name, each name once (also where capitals make no
 * difference). Sparse tensors are dense, int4 and int2 widened to int8, float16 kept, bfloat16 and float8 float32.
 * With `stored` quantized tensors keep their integers, and `NAME.scale` and `NAME.zero_point` say what these mean;
 * those with scales in another tensor (blockwise) become real values. With `real` all quantized tensors become real values.
 * The arrays are not compressed, as with `numpy.savez`.
 * @throws ModelError `too-large` when the archive would be over 4 GB
 */
export function* archiveConstants(model: Model, values: NpyValues, write: WriteBytes): Steps<ArchiveReport> {
  const constants = model.subgraphs.flatMap(({ tensors }, subgraph) =>
    tensors.flatMap((tensor, index) => (isConstant(model, tensor) ? [{ subgraph, index, tensor }] : [])),
  );
  const totalBytes = constants.reduce((sum, { tensor }) => sum + arrayBytes(tensor, values), 0);
  // Two more for each one with scales beside it.
  const files = constants.reduce(
    (sum, { tensor }) => sum + (values === 'stored' && scaleInfo(tensor) !== null ? 3 : 1),
    0,
  );
  if (totalBytes > MOST_BYTES || files > MOST_FILES) {
    throw new ModelError(
      'too-large',
      `The constants take ${(totalBytes / 2 ** 30).toFixed(1)} GiB in ${files} arrays, more than a zip can hold. Export single tensors${values === 'real' ? ', or the numbers as stored' : ''}.`,
    );
  }
  const zip = new Zip((error, part) => {
    if (error) throw error;
    write(part);
  });
  const names = new Map<string, number>();
  const skipped: { subgraph: number; tensor: number; reason: string }[] = [];
  let arrays = 0;
  let doneBytes = 0;
  for (const { subgraph, index, tensor } of constants) {
    const share = arrayBytes(tensor, values);
    const start = doneBytes / Math.max(1, totalBytes);
    doneBytes += share;
    const reader = readerOrReason(model, subgraph, index);
    if (typeof reader === 'string') {
      skipped.push({ subgraph, tensor: index, reason: reader });
      continue;
    }
    const name = uniqueName(fileStem(tensor.name, index), names);
    const own = values === 'stored' && hasScaleTensor(tensor) ? 'real' : values;
    const array = startArray(zip, name);
    yield* within(
      npySteps(reader, tensor.type, own, (part) => array.push(part)),
      start,
      doneBytes / Math.max(1, totalBytes),
    );
    array.push(new Uint8Array(0), true);
    arrays++;
    const info = own === 'stored' ? scaleInfo(tensor) : null;
    if (!info) continue;
    const { scale, zeroPoint } = info;
    const shape = scale.length > 1 ? [scale.length] : [];
    for (const [part, data] of [
      ['scale', { dtype: 'FLOAT32', shape, values: Float32Array.from(scale) }],
      ['zero_point', { dtype: 'INT64', shape, values: BigInt64Array.from(zeroPoint, BigInt) }],
    ] as const) {
      startArray(zip, uniqueName(`${name}.${part}`, names)).push(writeNpy(data), true);
      arrays++;
    }
  }
  zip.end();
  return { arrays, skipped };
}

/** Bytes that a constant takes as an array, about. */
function arrayBytes(tensor: Tensor, values: NpyValues): number {
  const bits = bitsOf(tensor.type) ?? 0;
  const isReal = hasScaleTensor(tensor) || (values === 'real' && scaleInfo(tensor) !== null);
  return elementCount(tensor) * Math.max(isReal || isFloat(tensor.type) ? 4 : 1, bits / 8);
}

function readerOrReason(model: Model, subgraph: number, index: number): ValueReader | string {
  try {
    return valueReader(model, subgraph, index);
  } catch (error) {
    if (error instanceof ModelError) return error.message;
    throw error;
  }
}

function startArray(zip: Zip, name: string): ZipPassThrough {
  const file = new ZipPassThrough(`${name}.npy`);
  // The same constants give the same bytes whenever they are written.
  file.mtime = new Date(1980, 0, 1);
  zip.add(file);
  return file;
}

/**
 * `name`, or with a number behind it where it is taken already, or an underscore before it where it cannot be a file's.
 * `taken` holds each name in small letters with the last number that was put behind it.
 */
function uniqueName(name: string, taken: Map<string, number>): string {
  const base = reserved.test(name) ? `_${name}` : name;
  const key = base.toLowerCase();
  let number = taken.get(key) ?? 0;
  let unique = base;
  if (number > 0) {
    do unique = `${base}_${++number}`;
    while (taken.has(unique.toLowerCase()));
    taken.set(key, number);
  }
  taken.set(unique.toLowerCase(), 1);
  return unique;
}
