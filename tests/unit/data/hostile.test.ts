/** Files that are cut, changed, made up, or lie about their size: a sentence or a dataset, nothing else, and at once. */
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { readDataset } from '../../../src/core/data/dataset';
import type { NamedBytes } from '../../../src/core/data/dataset';
import { writeNpy } from '../../../src/core/data/npy';
import { ModelError } from '../../../src/core/errors';

const text = (value: string) => new TextEncoder().encode(value);
const inputs = writeNpy({ dtype: 'FLOAT32', shape: [4, 3], values: new Float32Array(12) });
const labels = writeNpy({ dtype: 'INT64', shape: [4], values: BigInt64Array.of(0n, 1n, 2n, 1n) });

/** Whole files of every kind that a dataset may hold. */
const whole: Readonly<Record<string, Uint8Array>> = {
  'inputs.npy': inputs,
  'labels.npy': labels,
  'labels.csv': text('file,label\na.png,0\nb.png,"1"\n"c,d.png",2\ne.png,1\n'),
  'labels.txt': text('cat\ndog\ncat\nfish\n'),
  'classes.txt': text('cat\ndog\nfish\n'),
  'data.npz': zipSync({ 'inputs.npy': inputs, 'labels.npy': labels }),
  'stored.npz': zipSync({ 'inputs.npy': inputs }, { level: 0 }),
};

/** Reads the files; expects a dataset that fits together or a `ModelError` of one sentence. */
function expectOrder(files: readonly NamedBytes[]): void {
  let dataset;
  try {
    dataset = readDataset('data', files);
  } catch (error) {
    expect(error).toBeInstanceOf(ModelError);
    expect((error as ModelError).message).toMatch(/^.+\.$/s);
    return;
  }
  expect(dataset.sampleCount).toBeGreaterThan(0);
  for (const { shape, values } of dataset.inputs) {
    expect(shape[0]).toBe(dataset.sampleCount);
    expect(shape.reduce((product, size) => product * size, 1)).toBe(values.length);
  }
  if (dataset.labels) {
    expect(dataset.labels).toHaveLength(dataset.sampleCount);
    expect(dataset.labels.every((label) => label >= 0)).toBe(true);
  }
}

/** The file with some bytes replaced and its end cut off. */
const damaged = (bytes: Uint8Array) =>
  fc
    .record({
      changes: fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 4 }),
      end: fc.oneof(fc.constant(bytes.length), fc.nat(bytes.length)),
    })
    .map(({ changes, end }) => {
      const copy = bytes.slice();
      for (const [place, value] of changes) copy[place] = value;
      return copy.subarray(0, end);
    });

describe.each(Object.keys(whole))('%s', (name) => {
  const others = name.endsWith('.npz')
    ? []
    : Object.entries(whole)
        .filter(([other]) => other !== name && other === 'inputs.npy')
        .map(([other, bytes]) => ({ name: other, bytes }));

  test('is read when it is whole', () => {
    const files = name === 'classes.txt' ? [...others, { name: 'labels.npy', bytes: labels }] : others;
    if (name === 'labels.txt') files.push({ name: 'classes.txt', bytes: whole['classes.txt']! });
    if (name === 'labels.npy' || name.endsWith('.csv') || name.endsWith('.txt'))
      expect(readDataset('data', [...files, { name, bytes: whole[name]! }]).labels).toHaveLength(4);
    else expect(readDataset('data', [{ name, bytes: whole[name]! }]).sampleCount).toBe(4);
  });

  test('cut or changed', () => {
    fc.assert(
      fc.property(damaged(whole[name]!), (bytes) => expectOrder([...others, { name, bytes }])),
      { numRuns: 300 },
    );
  });

  test('replaced by random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => expectOrder([...others, { name, bytes }])),
    );
  });

  test('replaced by another kind', () => {
    for (const bytes of Object.values(whole)) expectOrder([...others, { name, bytes }]);
  });
});

/** An array without values and a shape that says otherwise. */
function claim(shape: string, code = '<f4'): Uint8Array {
  const header = `{'descr': '${code}', 'fortran_order': False, 'shape': (${shape}), }\n`;
  return Uint8Array.from([...inputs.subarray(0, 8), header.length, 0, ...text(header)]);
}

describe('lies about size', () => {
  test.each([
    '4000000000, 0',
    '0, 4000000000',
    '0,',
    '99999999999999, 0, 3',
    '536870911, 4',
    '999999999999999',
  ])('inputs and labels shaped (%s)', (shape) => {
    const refuse = (files: readonly NamedBytes[]) =>
      expect(() => readDataset('d', files)).toThrow(ModelError);
    refuse([{ name: 'inputs.npy', bytes: claim(shape) }]);
    refuse([
      { name: 'inputs.npy', bytes: inputs },
      { name: 'labels.npy', bytes: claim(shape, '<i8') },
    ]);
  });

  test('a header that is nothing but beginnings', () => {
    const header = text("'shape': (".repeat(500_000));
    const bytes = new Uint8Array(12 + header.length);
    bytes.set([...inputs.subarray(0, 6), 2, 0]);
    new DataView(bytes.buffer).setUint32(8, header.length, true);
    bytes.set(header, 12);
    expect(() => readDataset('d', [{ name: 'inputs.npy', bytes }])).toThrow(/header takes 5000000 bytes/);
  });

  test('an archive that promises two gigabytes', () => {
    const bytes = zipSync({ 'inputs.npy': inputs }).slice();
    const view = new DataView(bytes.buffer);
    // The central directory entry, found by its signature, states the unpacked size 24 bytes in.
    let entry = 0;
    while (view.getUint32(entry, true) !== 0x02014b50) entry++;
    view.setUint32(entry + 24, 2 ** 31 - 1, true);
    expect(() => readDataset('d', [{ name: 'd.npz', bytes }])).toThrow(
      /unpacks to 2147483647 bytes, which it cannot/,
    );
  });

  test('an archive of zeros is unpacked, as far as it may', () => {
    const zeros = writeNpy({ dtype: 'UINT8', shape: [1000, 1000], values: new Uint8Array(1_000_000) });
    const bytes = zipSync({ 'inputs.npy': zeros }, { level: 9 });
    expect(zeros.length / bytes.length).toBeGreaterThan(500);
    expect(readDataset('d', [{ name: 'd.npz', bytes }]).sampleCount).toBe(1000);
  });
});

test('labels may be of any number type', () => {
  const halves = writeNpy({
    dtype: 'FLOAT16',
    shape: [4],
    values: Uint16Array.of(0, 0x3c00, 0x4000, 0x3c00),
  });
  const files = [
    { name: 'inputs.npy', bytes: inputs },
    { name: 'labels.npy', bytes: halves },
  ];
  expect([...readDataset('d', files).labels!]).toEqual([0, 1, 2, 1]);
});

test('endings in capitals are the same', () => {
  const files = [
    { name: 'INPUTS.NPY', bytes: inputs },
    { name: 'LABELS.NPY', bytes: labels },
  ];
  expect([...readDataset('d', files).labels!]).toEqual([0, 1, 2, 1]);
  expect(readDataset('d', [{ name: 'D.NPZ', bytes: whole['data.npz']! }]).labels).toHaveLength(4);
});
