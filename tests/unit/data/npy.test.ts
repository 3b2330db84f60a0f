import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isNpy, readNpy, writeNpy } from '../../../src/core/data/npy';
import { ModelError } from '../../../src/core/errors';
import type { TensorData, TensorValues } from '../../../src/core/tensor-data';

/** A file with a header written by hand. */
function npy(header: string, data: readonly number[], version = 1): Uint8Array {
  const text = new TextEncoder().encode(`${header}\n`);
  const length =
    version === 1
      ? [text.length & 255, text.length >> 8]
      : [text.length & 255, (text.length >> 8) & 255, 0, 0];
  return Uint8Array.from([
    0x93,
    ...new TextEncoder().encode('NUMPY'),
    version,
    0,
    ...length,
    ...text,
    ...data,
  ]);
}

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
const makers = {
  FLOAT32: (n: number) => fc.float32Array({ minLength: n, maxLength: n }),
  FLOAT64: (n: number) => fc.float64Array({ minLength: n, maxLength: n }),
  INT8: (n: number) => fc.int8Array({ minLength: n, maxLength: n }),
  UINT8: (n: number) => fc.uint8Array({ minLength: n, maxLength: n }),
  INT16: (n: number) => fc.int16Array({ minLength: n, maxLength: n }),
  UINT16: (n: number) => fc.uint16Array({ minLength: n, maxLength: n }),
  FLOAT16: (n: number) => fc.uint16Array({ minLength: n, maxLength: n }),
  INT32: (n: number) => fc.int32Array({ minLength: n, maxLength: n }),
  UINT32: (n: number) => fc.uint32Array({ minLength: n, maxLength: n }),
  INT64: (n: number) => fc.bigInt64Array({ minLength: n, maxLength: n }),
  UINT64: (n: number) => fc.bigUint64Array({ minLength: n, maxLength: n }),
  BOOL: (n: number) => fc.uint8Array({ minLength: n, maxLength: n, max: 1 }),
} as const;

const tensors: fc.Arbitrary<TensorData> = fc
  .tuple(fc.constantFrom(...(Object.keys(makers) as (keyof typeof makers)[])), shapes)
  .chain(([dtype, shape]) =>
    (makers[dtype](shape.reduce((a, b) => a * b, 1)) as fc.Arbitrary<TensorValues>).map((values) => ({
      dtype,
      shape,
      values,
    })),
  );

describe('readNpy and writeNpy', () => {
  test('what is written is read again, at any place in memory', () => {
    fc.assert(
      fc.property(tensors, fc.integer({ min: 0, max: 9 }), (tensor, shift) => {
        const written = writeNpy(tensor);
        const moved = new Uint8Array(written.length + shift).subarray(shift);
        moved.set(written);
        const read = readNpy(moved, 'x.npy');
        expect(read.dtype).toBe(tensor.dtype);
        expect(read.shape).toEqual(tensor.shape);
        expect(read.values).toEqual(tensor.values);
      }),
    );
  });

  test('data begin on a multiple of 64 bytes and are not copied', () => {
    const written = writeNpy({ dtype: 'FLOAT32', shape: [2], values: Float32Array.of(1, 2) });
    expect((written.length - 8) % 64).toBe(0);
    expect(readNpy(written, 'x.npy').values.buffer).toBe(written.buffer);
  });

  test('big-endian values are swapped', () => {
    const bytes = npy("{'descr': '>i2', 'fortran_order': False, 'shape': (2,), }", [1, 2, 255, 254]);
    expect([...readNpy(bytes, 'x').values]).toEqual([258, -2]);
  });

  test('column-major arrays come out row-major', () => {
    // numpy: asfortranarray(arange(6).reshape(1, 2, 3)) stores 0 3 1 4 2 5.
    const bytes = npy("{'descr': '|u1', 'fortran_order': True, 'shape': (1, 2, 3), }", [0, 3, 1, 4, 2, 5]);
    expect(readNpy(bytes, 'x').values).toEqual(Uint8Array.of(0, 1, 2, 3, 4, 5));
  });

  test.each([2, 3])('header version %i', (version) => {
    const bytes = npy("{'descr': '|b1', 'fortran_order': False, 'shape': (2, 1), }", [0, 1], version);
    expect(readNpy(bytes, 'x')).toEqual({ dtype: 'BOOL', shape: [2, 1], values: Uint8Array.of(0, 1) });
  });

  test('types that NumPy lacks go into wider ones', () => {
    const half = writeNpy({ dtype: 'BFLOAT16', shape: [2], values: Uint16Array.of(0x3f80, 0xc000) });
    expect(readNpy(half, 'x')).toEqual({ dtype: 'FLOAT32', shape: [2], values: Float32Array.of(1, -2) });
    const nibbles = writeNpy({ dtype: 'INT4', shape: [2], values: Int8Array.of(-8, 7) });
    expect(readNpy(nibbles, 'x').dtype).toBe('INT8');
    expect(() => writeNpy({ dtype: 'STRING', shape: [0], values: new Uint8Array(0) })).toThrow(ModelError);
  });

  test.each([
    ['an empty file', new Uint8Array(0), /not a NumPy/],
    ['HTML', new TextEncoder().encode('<!doctype html>'), /not a NumPy/],
    ['a cut header', npy("{'descr'", []).subarray(0, 12), /ends inside its header/],
    ['a cut length', Uint8Array.of(0x93, 78, 85, 77, 80, 89, 1), /ends inside its header/],
    [
      'cut data',
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", [0, 0]),
      /12 bytes .* has 2/,
    ],
    [
      'an absurd size',
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,), }", []),
      /more than can be read/,
    ],
    [
      'a negative size',
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-3,), }", []),
      /shape \(-3,\)/,
    ],
    ['objects', npy("{'descr': '|O', 'fortran_order': False, 'shape': (3,), }", []), /Python objects/],
    ['text', npy("{'descr': '<U5', 'fortran_order': False, 'shape': (3,), }", []), /text/],
    ['records', npy("{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (3,), }", []), /records/],
    ['an unknown version', Uint8Array.of(0x93, 78, 85, 77, 80, 89, 9, 0, 0, 0), /version 9/],
  ])('%s is refused in a sentence', (_, bytes, message) => {
    const read = () => readNpy(bytes, 'x.npy');
    expect(read).toThrow(ModelError);
    expect(read).toThrow(message);
    expect(read).toThrow(/^x\.npy .*\.$/);
  });

  test('cut or changed files never give anything but a ModelError', () => {
    const whole = writeNpy({ dtype: 'INT32', shape: [2, 3], values: new Int32Array(6) });
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (place, value, end) => {
        const broken = whole.slice();
        broken[place] = value;
        try {
          readNpy(broken.subarray(0, end), 'x');
        } catch (error) {
          expect(error).toBeInstanceOf(ModelError);
        }
      }),
    );
  });

  test('the magic bytes decide', () => {
    expect(isNpy(writeNpy({ dtype: 'INT8', shape: [0], values: new Int8Array(0) }))).toBe(true);
    expect(isNpy(Uint8Array.of(0x50, 0x4b))).toBe(false);
  });
});
