/** NumPy's `.npy` format, versions 1 to 3: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
import { ModelError } from '../errors';
import { bfloat16ToFloat32 } from '../model/numeric';
import type { TensorType } from '../model/types';
import type { TensorData, TensorValues } from '../tensor-data';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** Arrays above this many elements are refused before anything is allocated. */
const MAX_ELEMENTS = 2 ** 31;
/** Headers are about a hundred bytes long; NumPy itself refuses those over 10,000. */
const MAX_HEADER_BYTES = 10_000;

interface Kind {
  readonly dtype: TensorType;
  readonly itemBytes: number;
  readonly view: (buffer: ArrayBufferLike, offset: number, length: number) => TensorValues;
}

/** Keyed by the type code without byte order. */
const kinds: Readonly<Record<string, Kind>> = {
  b1: { dtype: 'BOOL', itemBytes: 1, view: (b, o, n) => new Uint8Array(b, o, n) },
  i1: { dtype: 'INT8', itemBytes: 1, view: (b, o, n) => new Int8Array(b, o, n) },
  u1: { dtype: 'UINT8', itemBytes: 1, view: (b, o, n) => new Uint8Array(b, o, n) },
  i2: { dtype: 'INT16', itemBytes: 2, view: (b, o, n) => new Int16Array(b, o, n) },
  u2: { dtype: 'UINT16', itemBytes: 2, view: (b, o, n) => new Uint16Array(b, o, n) },
  i4: { dtype: 'INT32', itemBytes: 4, view: (b, o, n) => new Int32Array(b, o, n) },
  u4: { dtype: 'UINT32', itemBytes: 4, view: (b, o, n) => new Uint32Array(b, o, n) },
  i8: { dtype: 'INT64', itemBytes: 8, view: (b, o, n) => new BigInt64Array(b, o, n) },
  u8: { dtype: 'UINT64', itemBytes: 8, view: (b, o, n) => new BigUint64Array(b, o, n) },
  f2: { dtype: 'FLOAT16', itemBytes: 2, view: (b, o, n) => new Uint16Array(b, o, n) },
  f4: { dtype: 'FLOAT32', itemBytes: 4, view: (b, o, n) => new Float32Array(b, o, n) },
  f8: { dtype: 'FLOAT64', itemBytes: 8, view: (b, o, n) => new Float64Array(b, o, n) },
};

/** Type code written for each tensor type; what NumPy has no type for goes into the next wider one. */
const written: Readonly<Partial<Record<TensorType, string>>> = {
  ...Object.fromEntries(Object.entries(kinds).map(([code, kind]) => [kind.dtype, code])),
  INT4: 'i1',
  INT2: 'i1',
  UINT4: 'u1',
  BFLOAT16: 'f4',
};

/** True when the bytes begin like an `.npy` file. */
export function isNpy(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, i) => bytes[i] === byte);
}

/**
 * Reads one array. Values are a view on `bytes` where alignment, byte order and element order allow it, else a copy.
 * @param name what to call the file in messages
 * @throws ModelError `bad-data` when the bytes are no array of numbers
 */
export function readNpy(bytes: Uint8Array, name: string): TensorData {
  if (!isNpy(bytes))
    throw bad(name, 'is not a NumPy .npy file (it does not begin with \\x93NUMPY); save it with numpy.save');
  const major = bytes[6] ?? 0;
  if (major < 1 || major > 3) throw bad(name, `has .npy version ${major}, where 1 to 3 are known`);
  const lengthBytes = major === 1 ? 2 : 4;
  const start = 8 + lengthBytes;
  if (bytes.length < start) throw bad(name, 'ends inside its header; copy it again');
  const file = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = major === 1 ? file.getUint16(8, true) : file.getUint32(8, true);
  if (headerLength > MAX_HEADER_BYTES)
    throw bad(
      name,
      `says that its header takes ${headerLength} bytes, more than any array needs; copy it again`,
    );
  const dataStart = start + headerLength;
  if (dataStart > bytes.length) throw bad(name, 'ends inside its header; copy it again');

  const header = readHeader(new TextDecoder().decode(bytes.subarray(start, dataStart)), name);
  const kind = kinds[header.code];
  if (!kind)
    throw bad(name, `holds ${describeCode(header.code)}; save it as float32 or as whole numbers instead`);
  const elements = header.shape.reduce((product, size) => product * size, 1);
  if (elements > MAX_ELEMENTS) throw bad(name, `says that it has ${elements} values, more than can be read`);
  const dataBytes = elements * kind.itemBytes;
  if (bytes.length - dataStart < dataBytes)
    throw bad(
      name,
      `says that it holds ${dataBytes} bytes of values but has ${bytes.length - dataStart}; copy it again`,
    );

  let data = bytes.subarray(dataStart, dataStart + dataBytes);
  const swap = header.bigEndian && kind.itemBytes > 1;
  if (swap || data.byteOffset % kind.itemBytes !== 0) data = data.slice();
  if (swap) swapBytes(data, kind.itemBytes);
  const values = kind.view(data.buffer, data.byteOffset, elements);
  return {
    dtype: kind.dtype,
    shape: header.shape,
    values: header.fortranOrder && header.shape.length > 1 ? toRowMajor(values, header.shape) : values,
  };
}

/**
 * Writes a version 1 file (2 when the header is long), little-endian, row-major, data 64-byte aligned. INT4 and INT2
 * become int8, UINT4 uint8, BFLOAT16 float32.
 * @throws ModelError `unsupported` for types without a NumPy counterpart (strings, float8)
 */
export function writeNpy(tensor: TensorData): Uint8Array<ArrayBuffer> {
  const code = written[tensor.dtype];
  if (!code) throw new ModelError('unsupported', `NumPy has no type for ${tensor.dtype} values.`);
  const values =
    tensor.dtype === 'BFLOAT16' ? bfloat16ToFloat32(tensor.values as Uint16Array) : tensor.values;
  const order = code.endsWith('1') ? '|' : '<';
  const shape = tensor.shape.length === 1 ? `${tensor.shape[0]!},` : tensor.shape.join(', ');
  const text = `{'descr': '${order}${code}', 'fortran_order': False, 'shape': (${shape}), }`;
  const major = text.length + 80 > 0xffff ? 2 : 1;
  const start = major === 1 ? 10 : 12;
  const total = Math.ceil((start + text.length + 1) / 64) * 64;
  const header = new TextEncoder().encode(`${text.padEnd(total - start - 1)}\n`);
  const bytes = new Uint8Array(total + values.byteLength);
  bytes.set([...MAGIC, major, 0]);
  const view = new DataView(bytes.buffer);
  if (major === 1) view.setUint16(8, header.length, true);
  else view.setUint32(8, header.length, true);
  bytes.set(header, start);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), total);
  return bytes;
}

interface Header {
  readonly code: string;
  readonly bigEndian: boolean;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

/** The header is a Python dictionary literal of three known keys; only that is understood. */
function readHeader(text: string, name: string): Header {
  const descr = /'descr'\s*:\s*'([<>|=]?)([^']+)'/.exec(text);
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text);
  const shape = /'shape'\s*:\s*\(([^)]*)\)/.exec(text);
  if (/'descr'\s*:\s*\[/.test(text)) throw bad(name, 'holds records; save one plain array for each input');
  if (!descr || !order || !shape)
    throw bad(name, 'has a header that cannot be read; save it with numpy.save');
  const sizes = shape[1]!
    .split(',')
    .map((size) => size.trim().replace(/L$/, ''))
    .filter((size) => size !== '');
  if (sizes.some((size) => !/^\d{1,15}$/.test(size)))
    throw bad(name, `has the shape (${shape[1]!}), which cannot be read; save it with numpy.save`);
  return {
    bigEndian: descr[1] === '>',
    code: descr[2] === '?' ? 'b1' : descr[2]!,
    fortranOrder: order[1] === 'True',
    shape: sizes.map(Number),
  };
}

function describeCode(code: string): string {
  if (code.startsWith('O')) return 'Python objects';
  if (code.startsWith('U') || code.startsWith('S')) return 'text';
  if (code.startsWith('c')) return 'complex numbers';
  if (code.startsWith('M') || code.startsWith('m')) return 'dates';
  return `values of the type "${code.slice(0, 20)}"`;
}

function swapBytes(bytes: Uint8Array, itemBytes: number): void {
  for (let i = 0; i < bytes.length; i += itemBytes) bytes.subarray(i, i + itemBytes).reverse();
}

/** Column-major (first index fastest) to row-major. */
function toRowMajor(values: TensorValues, shape: readonly number[]): TensorValues {
  const result = values.slice();
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, size) => product * size, 1));
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    result[to] = values[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]! += 1;
      from += strides[axis]!;
      if (index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}

function bad(name: string, what: string): ModelError {
  return new ModelError('bad-data', `${name} ${what}.`);
}
