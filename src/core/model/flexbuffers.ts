/** FlexBuffers, the self-describing format in which TFLite keeps options of custom operators and composites. */
import { ModelError } from '../errors';
import type { Operator } from './types';

export type FlexValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly FlexValue[]
  | { readonly [key: string]: FlexValue };

const MAX_DEPTH = 64;
const MAX_VALUES = 100_000;

/** Value types by number, as far as they need telling apart. */
const type = {
  null: 0,
  int: 1,
  uint: 2,
  float: 3,
  key: 4,
  string: 5,
  indirectInt: 6,
  indirectUint: 7,
  indirectFloat: 8,
  map: 9,
  vector: 10,
  vectorInt: 11,
  vectorString: 15,
  vectorInt2: 16,
  vectorFloat4: 24,
  blob: 25,
  bool: 26,
  vectorBool: 36,
} as const;

/**
 * Options of a custom operator or composite as plain values; null when there are none or when they are in a format of
 * the operator's own (many write a bare struct) and do not read as a map or list.
 */
export function customOptionsOf(operator: Operator): FlexValue {
  const composite = operator.builtinOptions2;
  const bytes =
    composite?.type === 'StableHLOCompositeOptions'
      ? composite.value.compositeAttributes
      : (operator.customOptions ?? operator.largeCustomOptions);
  if (bytes === null || bytes.length < 3) return null;
  try {
    const value = decodeFlexbuffer(bytes);
    return typeof value === 'object' && !(value instanceof Uint8Array) ? value : null;
  } catch (error) {
    if (error instanceof ModelError) return null;
    throw error;
  }
}

/**
 * Decodes a FlexBuffer: maps become objects, vectors arrays, blobs and strings that are no text views, integers numbers (bigint beyond 2^53).
 * Throws `ModelError` (`broken-model`) when an offset does not fit, or beyond 64 levels or 100,000 values.
 */
export function decodeFlexbuffer(bytes: Uint8Array): FlexValue {
  const reader = new FlexReader(bytes);
  const width = reader.uint(bytes.length - 1, 1);
  const packed = reader.uint(bytes.length - 2, 1);
  if (![1, 2, 4, 8].includes(width)) reader.fail(bytes.length - 1, 'the width of the root is impossible');
  return reader.value(bytes.length - 2 - width, width, packed, 0);
}

/** Text, or the bytes themselves where they are none: some writers keep programs and tables as strings. */
function textOrBytes(bytes: Uint8Array): string | Uint8Array {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    // Control characters but for tabs and line ends are no part of a text.
    // eslint-disable-next-line no-control-regex
    return /[\u0000-\u0008\u000e-\u001f]/.test(text) ? bytes : text;
  } catch {
    return bytes;
  }
}

class FlexReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #left = MAX_VALUES;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  fail(byteOffset: number, what: string): never {
    throw new ModelError(
      'broken-model',
      `The options are no valid FlexBuffer: ${what} (byte ${byteOffset}).`,
      {
        where: 'customOptions',
        byteOffset,
      },
    );
  }

  /** The value stored at `at` in `width` bytes (itself, or its distance), of a type and width given by `packed`. */
  value(at: number, width: number, packed: number, depth: number): FlexValue {
    if (depth > MAX_DEPTH || this.#left-- <= 0) this.fail(at, 'it is nested or repeated without end');
    const kind = packed >> 2;
    const childWidth = 1 << (packed & 3);
    switch (kind) {
      case type.null:
        return null;
      case type.bool:
        return this.uint(at, width) !== 0;
      case type.int:
      case type.uint:
      case type.float:
        return this.#number(at, width, kind);
      case type.indirectInt:
      case type.indirectUint:
      case type.indirectFloat:
        return this.#number(this.#follow(at, width), childWidth, kind - type.indirectInt + type.int);
      case type.key:
        return this.#key(this.#follow(at, width));
      case type.string:
        return textOrBytes(this.#sized(this.#follow(at, width), childWidth));
      case type.blob:
        return this.#sized(this.#follow(at, width), childWidth);
      case type.map:
        return this.#map(this.#follow(at, width), childWidth, depth);
      case type.vector:
        return this.#vector(this.#follow(at, width), childWidth, depth);
      case type.vectorBool:
        return this.#typed(this.#follow(at, width), childWidth, type.bool, null, depth);
      default:
    }
    if (kind >= type.vectorInt && kind <= type.vectorString) {
      return this.#typed(this.#follow(at, width), childWidth, kind - type.vectorInt + type.int, null, depth);
    }
    if (kind >= type.vectorInt2 && kind <= type.vectorFloat4) {
      const item = ((kind - type.vectorInt2) % 3) + type.int;
      const length = Math.floor((kind - type.vectorInt2) / 3) + 2;
      return this.#typed(this.#follow(at, width), childWidth, item, length, depth);
    }
    return this.fail(at, `type ${kind} is not known`);
  }

  /** An unsigned integer as a number. */
  uint(at: number, width: number): number {
    this.#need(at, width);
    switch (width) {
      case 1:
        return this.#view.getUint8(at);
      case 2:
        return this.#view.getUint16(at, true);
      case 4:
        return this.#view.getUint32(at, true);
      default:
        return Number(this.#view.getBigUint64(at, true));
    }
  }

  #need(at: number, size: number): void {
    if (!(at >= 0 && size <= this.#bytes.length - at)) this.fail(at, 'a value lies outside');
  }

  #follow(at: number, width: number): number {
    return at - this.uint(at, width);
  }

  #number(at: number, width: number, kind: number): number | bigint {
    this.#need(at, width);
    if (kind === type.float) {
      if (width === 4) return this.#view.getFloat32(at, true);
      if (width === 8) return this.#view.getFloat64(at, true);
      return this.fail(at, `a float of ${width} bytes is not known`);
    }
    if (width === 8) {
      const wide = kind === type.int ? this.#view.getBigInt64(at, true) : this.#view.getBigUint64(at, true);
      const narrow = Number(wide);
      return Number.isSafeInteger(narrow) ? narrow : wide;
    }
    if (kind === type.uint) return this.uint(at, width);
    if (width === 1) return this.#view.getInt8(at);
    return width === 2 ? this.#view.getInt16(at, true) : this.#view.getInt32(at, true);
  }

  #key(at: number): string {
    this.#need(at, 1);
    const end = this.#bytes.indexOf(0, at);
    if (end < 0) this.fail(at, 'a key does not end');
    return new TextDecoder().decode(this.#bytes.subarray(at, end));
  }

  /** Bytes whose count stands before them. */
  #sized(at: number, width: number): Uint8Array {
    const size = this.uint(at - width, width);
    this.#need(at, size);
    return this.#bytes.subarray(at, at + size);
  }

  #vector(at: number, width: number, depth: number): FlexValue[] {
    const length = this.uint(at - width, width);
    // Behind the values lies one byte of type for each.
    this.#need(at, length * (width + 1));
    return this.#list(length, (i) =>
      this.value(at + i * width, width, this.uint(at + length * width + i, 1), depth + 1),
    );
  }

  /** A vector whose items share a type; `length` null when it stands before them. */
  #typed(at: number, width: number, item: number, length: number | null, depth: number): FlexValue[] {
    const count = length ?? this.uint(at - width, width);
    this.#need(at, count * width);
    // Items that are references (keys, texts) carry sizes of one byte.
    return this.#list(count, (i) => this.value(at + i * width, width, item << 2, depth + 1));
  }

  #map(at: number, width: number, depth: number): FlexValue {
    const values = this.#vector(at, width, depth);
    const keysAt = this.#follow(at - 3 * width, width);
    const keys = this.#typed(keysAt, this.uint(at - 2 * width, width), type.key, null, depth);
    if (keys.length !== values.length) this.fail(at, 'a map has not as many keys as values');
    return Object.fromEntries(values.map((value, i) => [keys[i] as string, value]));
  }

  #list(count: number, read: (index: number) => FlexValue): FlexValue[] {
    if (count > this.#left) this.fail(0, 'it has too many values');
    return Array.from({ length: count }, (_, i) => read(i));
  }
}
