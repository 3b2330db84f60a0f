/**
 * Sparse constants: dimensions are stored in a given order, each dense or compressed (the coordinates that are not
 * empty, with segments that say which belong to which position of the dimension before); dimensions may be cut into
 * blocks, whose insides come as further dimensions.
 */
import { ModelError } from '../errors';
import type { TensorValues } from '../tensor-data';
import { makeTable } from './schema/tflite';
import type { UnionValue } from './schema';
import type { Sparsity } from './types';

type IndexVector = UnionValue<'SparseIndexVector'>;

/** More dense values than this are not expanded: no constant of a sound model is so large. */
const MAX_ELEMENTS = 2 ** 28;

interface Level {
  readonly isCompressed: boolean;
  readonly size: number;
  /** Distance in the dense array between neighbours along this level. */
  readonly stride: number;
  readonly segments: ArrayLike<number>;
  readonly indices: ArrayLike<number>;
}

/**
 * Expands stored values to a dense row-major array; what is not stored is 0. Throws `ModelError` (`broken-model`) when
 * the parameters do not fit the shape or each other, `too-large` beyond 2^28 values.
 */
export function decodeSparse<T extends TensorValues>(
  stored: T,
  sparsity: Sparsity,
  shape: readonly number[],
  where = 'sparsity',
): T {
  const levels = levelsOf(sparsity, shape, where);
  const count = shape.reduce((product, size) => product * size, 1);
  if (count > MAX_ELEMENTS) {
    throw new ModelError('too-large', `A sparse tensor of ${count} values is too large to expand.`, {
      where,
    });
  }
  const dense = emptyLike(stored, count);

  const walk = (depth: number, position: number, offset: number): void => {
    const level = levels[depth];
    if (level === undefined) {
      if (position >= stored.length) throw broken(where, 'it has fewer stored values than its index lists');
      dense[offset] = stored[position]!;
      return;
    }
    if (!level.isCompressed) {
      for (let i = 0; i < level.size; i++) {
        walk(depth + 1, position * level.size + i, offset + i * level.stride);
      }
      return;
    }
    const start = level.segments[position];
    const end = level.segments[position + 1];
    if (start === undefined || end === undefined || start < 0 || start > end || end > level.indices.length) {
      throw broken(where, `segments of stored dimension ${depth} do not fit its index lists`);
    }
    for (let i = start; i < end; i++) {
      const index = level.indices[i]!;
      if (index < 0 || index >= level.size) {
        throw broken(
          where,
          `index ${index} of stored dimension ${depth} is out of range (0 to ${level.size - 1})`,
        );
      }
      walk(depth + 1, i, offset + index * level.stride);
    }
  };
  if (count > 0) walk(0, 0, 0);
  return dense;
}

/**
 * Stores the values that are not 0 in the simplest sparse form, the one of the TFLite converter for random sparsity:
 * the last dimension compressed, all others dense. The index lists take the narrowest type that holds them.
 */
export function encodeSparse<T extends TensorValues>(
  values: T,
  shape: readonly number[],
): { readonly sparsity: Sparsity; readonly values: T } {
  const width = shape.at(-1) ?? 1;
  const rows = width === 0 ? 0 : values.length / width;
  const indices: number[] = [];
  const segments = [0];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < width; column++) {
      if (Number(values[row * width + column]) !== 0) indices.push(column);
    }
    segments.push(indices.length);
  }
  const stored = emptyLike(values, indices.length);
  for (let row = 0, i = 0; row < rows; row++) {
    for (; i < segments[row + 1]!; i++) stored[i] = values[row * width + indices[i]!]!;
  }
  const dense = shape.slice(0, -1).map((size) => makeTable('DimensionMetadata', { denseSize: size }));
  const compressed = makeTable('DimensionMetadata', {
    format: 'SPARSE_CSR',
    arraySegments: indexVector(segments, indices.length),
    arrayIndices: indexVector(indices, width - 1),
  });
  const sparsity = makeTable('SparsityParameters', {
    traversalOrder: Int32Array.from(shape, (_, i) => i),
    dimMetadata: [...dense, compressed],
  });
  return { sparsity, values: stored };
}

/** Bytes that the index lists take in the file. */
export function sparsityBytes(sparsity: Sparsity): number {
  let size = 0;
  for (const { arraySegments, arrayIndices } of sparsity.dimMetadata ?? []) {
    size += (arraySegments?.value.values?.byteLength ?? 0) + (arrayIndices?.value.values?.byteLength ?? 0);
  }
  return size;
}

/**
 * How many values a sparse tensor stores, by its index lists. Throws `ModelError` (`broken-model`) when they do not fit
 * the shape or each other.
 */
export function countStored(sparsity: Sparsity, shape: readonly number[], where: string): number {
  let positions = 1;
  levelsOf(sparsity, shape, where).forEach(({ isCompressed, size, segments, indices }, depth) => {
    if (!isCompressed) {
      positions *= size;
      return;
    }
    if (segments.length !== positions + 1 || segments[0] !== 0 || segments[positions] !== indices.length) {
      throw broken(where, `segments of stored dimension ${depth} do not fit its index lists`);
    }
    for (let i = 0; i < positions; i++) {
      if (segments[i]! > segments[i + 1]!)
        throw broken(where, `segments of stored dimension ${depth} go backwards`);
    }
    for (let i = 0; i < indices.length; i++) {
      if (indices[i]! < 0 || indices[i]! >= size) {
        throw broken(
          where,
          `index ${indices[i]!} of stored dimension ${depth} is out of range (0 to ${size - 1})`,
        );
      }
    }
    positions = indices.length;
  });
  return positions;
}

function levelsOf(sparsity: Sparsity, shape: readonly number[], where: string): Level[] {
  const order = sparsity.traversalOrder ?? new Int32Array(0);
  const blockMap = sparsity.blockMap ?? new Int32Array(0);
  const dimensions = sparsity.dimMetadata ?? [];
  const rank = shape.length;
  if (order.length !== rank + blockMap.length || dimensions.length !== order.length || rank === 0) {
    throw broken(where, `it describes ${dimensions.length} stored dimensions for a shape of ${rank}`);
  }
  if (new Set(order).size !== order.length || order.some((axis) => axis < 0 || axis >= order.length)) {
    throw broken(where, 'its traversal order names a dimension twice or one that does not exist');
  }
  const levelOf = new Int32Array(order.length);
  order.forEach((axis, level) => (levelOf[axis] = level));

  const block = shape.map(() => 1);
  blockMap.forEach((axis, i) => {
    const size = dimensions[levelOf[rank + i]!]!.denseSize;
    if (axis < 0 || axis >= rank || size < 1) throw broken(where, `block ${i} does not fit the shape`);
    block[axis] = block[axis]! * size;
  });
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));

  return Array.from(order, (axis, level) => {
    const { format, denseSize, arraySegments, arrayIndices } = dimensions[level]!;
    const isBlock = axis >= rank;
    const original = isBlock ? blockMap[axis - rank]! : axis;
    const blockSize = block[original]!;
    if (shape[original]! % blockSize !== 0) {
      throw broken(
        where,
        `dimension ${original} of ${shape[original]!} is no multiple of its block, ${blockSize}`,
      );
    }
    const size = isBlock ? denseSize : shape[original]! / blockSize;
    const isCompressed = format === 'SPARSE_CSR';
    if (isCompressed ? isBlock : denseSize !== size) {
      throw broken(where, `stored dimension ${level} does not fit dimension ${original} of the shape`);
    }
    return {
      isCompressed,
      size,
      stride: strides[original]! * (isBlock ? 1 : blockSize),
      segments: arraySegments?.value.values ?? [],
      indices: arrayIndices?.value.values ?? [],
    };
  });
}

function indexVector(values: readonly number[], largest: number): IndexVector {
  if (largest < 2 ** 8) {
    return { type: 'Uint8Vector', value: makeTable('Uint8Vector', { values: Uint8Array.from(values) }) };
  }
  if (largest < 2 ** 16) {
    return { type: 'Uint16Vector', value: makeTable('Uint16Vector', { values: Uint16Array.from(values) }) };
  }
  return { type: 'Int32Vector', value: makeTable('Int32Vector', { values: Int32Array.from(values) }) };
}

function emptyLike<T extends TensorValues>(values: T, length: number): T {
  const Type = values.constructor as new (length: number) => T;
  return new Type(length);
}

function broken(where: string, what: string): ModelError {
  return new ModelError(
    'broken-model',
    `The sparse tensor at ${where} is damaged: ${what}. Get a fresh copy of the file.`,
    {
      where,
    },
  );
}
