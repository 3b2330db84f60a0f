/** What a tensor is: shape, dtype, constant bytes, values, scales. */
import { ModelError } from '../errors';
import type { ScaleInfo, TensorValues } from '../tensor-data';
import { packedBytes, unpackInt2, unpackInt4, unpackUint4 } from './numeric';
import { decodeSparse } from './sparse';
import type { Model, Subgraph, Tensor, TensorType } from './types';

const bitsByType: Readonly<Record<string, number>> = {
  FLOAT32: 32,
  FLOAT16: 16,
  BFLOAT16: 16,
  FLOAT64: 64,
  FLOAT8_E4M3FN: 8,
  FLOAT8_E5M2: 8,
  INT2: 2,
  INT4: 4,
  INT8: 8,
  INT16: 16,
  INT32: 32,
  INT64: 64,
  UINT4: 4,
  UINT8: 8,
  UINT16: 16,
  UINT32: 32,
  UINT64: 64,
  BOOL: 8,
  COMPLEX64: 64,
  COMPLEX128: 128,
};

/** Bits of one value; null for types without a fixed size (STRING, RESOURCE, VARIANT, unknown ones). */
export function bitsOf(dtype: TensorType): number | null {
  return bitsByType[dtype] ?? null;
}

/** Bytes of `count` dense values, values of less than a byte packed; null for types without a fixed size. */
export function byteLength(dtype: TensorType, count: number): number | null {
  const bits = bitsOf(dtype);
  return bits === null ? null : packedBytes(count, bits);
}

/** Name for display, e.g. `float32`. */
export function dtypeName(dtype: TensorType): string {
  return dtype.toLowerCase();
}

/** Whether values are stored as floating-point numbers. */
export function isFloat(dtype: TensorType): boolean {
  return dtype.includes('FLOAT');
}

/** Sizes as the file gives them (1 in place of a dynamic size); empty for a scalar. */
export function shapeOf({ shape }: Tensor): number[] {
  return shape === null ? [] : numbersOf(shape);
}

/** The same numbers as a plain array. A loop: `Array.from` takes twenty times as long, and every operator asks. */
function numbersOf(values: Int32Array): number[] {
  const numbers = new Array<number>(values.length);
  for (let i = 0; i < values.length; i++) numbers[i] = values[i]!;
  return numbers;
}

/** Sizes with -1 where they are dynamic. */
export function dynamicShapeOf(tensor: Tensor): number[] {
  const signature = tensor.shapeSignature;
  return signature !== null && signature.length > 0 ? numbersOf(signature) : shapeOf(tensor);
}

/**
 * Whether the file gives a shape: a tensor without sizes is a scalar only where its rank is known, its values are there, or
 * where it is a handle of something else.
 */
export function hasShape(model: Model, tensor: Tensor): boolean {
  const { hasRank, shape, shapeSignature, type } = tensor;
  // Every edge asks: without arrays of its own.
  const sizes = (shape?.length ?? 0) + (shapeSignature?.length ?? 0);
  return hasRank || sizes > 0 || type === 'RESOURCE' || type === 'VARIANT' || isConstant(model, tensor);
}

/** Number of values: the product of the sizes, 1 for a scalar. */
export function elementCount(tensor: Tensor): number {
  let count = 1;
  for (const size of tensor.shape ?? []) count *= size;
  return count;
}

/** A subgraph by index. Throws `ModelError` when there is none. */
export function subgraphAt(model: Model, index: number): Subgraph {
  const subgraph = model.subgraphs[index];
  if (subgraph) return subgraph;
  throw new ModelError(
    'broken-model',
    `Subgraph ${index} does not exist: the model has ${model.subgraphs.length}.`,
    { where: `subgraphs[${index}]` },
  );
}

/** A tensor by subgraph and index. Throws `ModelError` when there is none. */
export function tensorAt(model: Model, subgraph: number, index: number): Tensor {
  const { tensors } = subgraphAt(model, subgraph);
  const tensor = tensors[index];
  if (tensor) return tensor;
  throw new ModelError(
    'broken-model',
    `Tensor ${index} does not exist: subgraph ${subgraph} has ${tensors.length}.`,
    { where: tensorPlace(subgraph, index) },
  );
}

/** Whether the tensor's values are in the file (or in an external one) rather than computed. */
export function isConstant(model: Model, tensor: Tensor): boolean {
  return tensor.externalBuffer !== 0 || constantBytes(model, tensor) !== null;
}

/** The stored bytes of a constant, a view on the file; null for computed tensors and for values in an external file. */
export function constantBytes(model: Model, tensor: Tensor): Uint8Array | null {
  const data = model.buffers[tensor.buffer]?.data ?? null;
  return data !== null && data.length > 0 ? data : null;
}

/**
 * Scale and zero point per tensor or per channel as plain numbers; null when there is none, or when scales lie in
 * another tensor (blockwise and multi-axis quantization).
 */
export function scaleInfo(tensor: Tensor): ScaleInfo | null {
  const { quantization } = tensor;
  if (!quantization?.scale || quantization.scale.length === 0 || hasScaleTensor(tensor)) return null;
  const scale = Array.from(quantization.scale);
  return {
    scale,
    zeroPoint: scale.map((_, i) => Number(quantization.zeroPoint?.[i] ?? 0n)),
    axis: quantization.quantizedDimension,
  };
}

/** Whether the scales lie in another tensor of the subgraph. */
export function hasScaleTensor(tensor: Tensor): boolean {
  const type = tensor.quantization?.details?.type;
  return type === 'BlockwiseQuantization' || type === 'MultiAxisQuantization';
}

/**
 * Values of a constant, dense and row-major, in the array type of `TensorValues`: sparse storage is expanded, values of
 * less than a byte are unpacked, 16-bit floats and 8-bit floats are raw bits, complex numbers alternate between real
 * and imaginary part. May be a view on the file: do not write into it. Throws `ModelError` when the tensor is not
 * constant, has no fixed-size type, or its bytes do not fit its shape.
 */
export function tensorValues(model: Model, subgraph: number, index: number): TensorValues {
  const tensor = tensorAt(model, subgraph, index);
  const bytes = constantBytes(model, tensor);
  const where = tensorPlace(subgraph, index);
  if (bytes === null) {
    throw new ModelError('unsupported', `Tensor ${index} has no values in the file: ${absence(tensor)}.`, {
      where,
    });
  }
  const bits = bitsOf(tensor.type);
  if (bits === null) {
    throw new ModelError(
      'unsupported',
      `Tensor ${index} holds ${dtypeName(tensor.type)}, which are no numbers.`,
      {
        where,
      },
    );
  }
  if (tensor.sparsity !== null) {
    const stored = valuesOf(tensor.type, bytes, Math.floor((bytes.length * 8) / bits));
    return decodeSparse(stored, tensor.sparsity, shapeOf(tensor), where);
  }
  const count = elementCount(tensor);
  if (!(count >= 0) || packedBytes(count, bits) > bytes.length) {
    throw new ModelError(
      'broken-model',
      `Tensor ${index} needs ${packedBytes(count, bits)} bytes for its shape, but its buffer has ${bytes.length}.`,
      { where },
    );
  }
  return valuesOf(tensor.type, bytes, count);
}

/**
 * The first `count` values stored in `bytes`: a view when the alignment allows it, else a copy; types of less than a
 * byte are unpacked. `bytes` must be long enough. Throws `ModelError` for types without a fixed size.
 */
export function valuesOf(dtype: TensorType, bytes: Uint8Array, count: number): TensorValues {
  switch (dtype) {
    case 'INT4':
      return unpackInt4(bytes, count);
    case 'UINT4':
      return unpackUint4(bytes, count);
    case 'INT2':
      return unpackInt2(bytes, count);
    case 'INT8':
      return view(Int8Array, bytes, count);
    case 'UINT8':
    case 'BOOL':
    case 'FLOAT8_E4M3FN':
    case 'FLOAT8_E5M2':
      return bytes.subarray(0, count);
    case 'INT16':
      return view(Int16Array, bytes, count);
    case 'UINT16':
    case 'FLOAT16':
    case 'BFLOAT16':
      return view(Uint16Array, bytes, count);
    case 'INT32':
      return view(Int32Array, bytes, count);
    case 'UINT32':
      return view(Uint32Array, bytes, count);
    case 'INT64':
      return view(BigInt64Array, bytes, count);
    case 'UINT64':
      return view(BigUint64Array, bytes, count);
    case 'FLOAT32':
      return view(Float32Array, bytes, count);
    case 'FLOAT64':
      return view(Float64Array, bytes, count);
    case 'COMPLEX64':
      return view(Float32Array, bytes, count * 2);
    case 'COMPLEX128':
      return view(Float64Array, bytes, count * 2);
    default:
      throw new ModelError('unsupported', `${dtypeName(dtype)} values are no numbers.`);
  }
}

/** Texts of a STRING tensor: a count, offsets from the start, then UTF-8. Throws `ModelError` when they do not fit. */
export function stringValues(bytes: Uint8Array): string[] {
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes.length >= 4 ? header.getInt32(0, true) : -1;
  if (count < 0 || (count + 2) * 4 > bytes.length) throw brokenStrings();
  const decoder = new TextDecoder();
  return Array.from({ length: count }, (_, i) => {
    const start = header.getInt32(4 + i * 4, true);
    const end = header.getInt32(8 + i * 4, true);
    if (start < 0 || end < start || end > bytes.length) throw brokenStrings();
    return decoder.decode(bytes.subarray(start, end));
  });
}

/** Place of a tensor for messages. */
export function tensorPlace(subgraph: number, index: number): string {
  return `subgraphs[${subgraph}].tensors[${index}]`;
}

interface ViewType<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): T;
}

function view<T>(Type: ViewType<T>, bytes: Uint8Array, count: number): T {
  if (bytes.byteOffset % Type.BYTES_PER_ELEMENT === 0) return new Type(bytes.buffer, bytes.byteOffset, count);
  return new Type(bytes.slice(0, count * Type.BYTES_PER_ELEMENT).buffer, 0, count);
}

function absence(tensor: Tensor): string {
  return tensor.externalBuffer === 0 ? 'it is computed when the model runs' : 'they lie in an external file';
}

function brokenStrings(): ModelError {
  return new ModelError(
    'broken-model',
    'The texts of a string tensor do not fit its bytes. Get a fresh copy of the file.',
  );
}
