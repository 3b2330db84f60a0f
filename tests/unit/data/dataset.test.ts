import { zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { parseCsv } from '../../../src/core/data/csv';
import { readDataset } from '../../../src/core/data/dataset';
import { writeNpy } from '../../../src/core/data/npy';
import { ModelError } from '../../../src/core/errors';

const text = (name: string, content: string) => ({ name, bytes: new TextEncoder().encode(content) });
const floats = (name: string, shape: readonly number[], values?: readonly number[]) => ({
  name,
  bytes: writeNpy({
    dtype: 'FLOAT32',
    shape,
    values: Float32Array.from(
      values ?? Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
    ),
  }),
});
const integers = (name: string, values: readonly number[], shape: readonly number[] = [values.length]) => ({
  name,
  bytes: writeNpy({ dtype: 'INT64', shape, values: BigInt64Array.from(values, BigInt) }),
});
const inputs = floats('inputs.npy', [3, 2]);

describe('inputs', () => {
  test('a folder with inputs and labels', () => {
    const data = readDataset('d', [inputs, integers('labels.npy', [0, 2, 1]), text('README.txt', 'hello')]);
    expect(data).toMatchObject({ name: 'd', sampleCount: 3, classNames: null, isRandom: false });
    expect(data.inputs[0]!.shape).toEqual([3, 2]);
    expect(data.labels).toEqual(Int32Array.of(0, 2, 1));
  });

  test('a single array of any name, also with a folder before it', () => {
    expect(readDataset('d', [floats('some/where/faces.npy', [3, 2])]).sampleCount).toBe(3);
  });

  test('several inputs, numbered in order or named', () => {
    const files = [10, 2, 1].map((n) => floats(`inputs_${n}.npy`, [4, n]));
    const data = readDataset('d', files);
    expect(data.inputs.map(({ shape }) => shape[1])).toEqual([1, 2, 10]);
    expect(data.inputNames).toEqual([null, null, null]);
    const named = readDataset('d', [floats('input_B.npy', [4, 1]), floats('input_a.npy', [4, 2])]);
    expect(named.inputNames).toEqual(['a', 'B']);
  });

  test('an npz, with inputs and labels under their usual keys', () => {
    const bytes = zipSync({
      'x.npy': inputs.bytes,
      'y.npy': integers('y', [1, 1, 0]).bytes,
      'notes.txt': new Uint8Array(3),
    });
    const data = readDataset('d', [{ name: 'digits.npz', bytes }]);
    expect([data.sampleCount, [...data.labels!]]).toEqual([3, [1, 1, 0]]);
  });

  test.each([
    ['nothing', [text('README.txt', 'x')], /holds no data/],
    ['labels alone', [integers('labels.npy', [1])], /labels but no inputs/],
    [
      'two arrays of other names',
      [floats('a.npy', [1]), floats('b.npy', [1])],
      /none is called inputs \(found a.npy, b.npy\)/,
    ],
    [
      'counts that differ',
      [floats('inputs_0.npy', [3, 1]), floats('inputs_1.npy', [2, 1])],
      /has 2 samples, inputs_0.npy has 3/,
    ],
    ['no samples', [floats('inputs.npy', [0, 2])], /no samples/],
    ['a single number', [floats('inputs.npy', [])], /single number/],
    ['NaN', [floats('inputs.npy', [2, 2], [0, 1, NaN, 3])], /NaN or infinity, first in sample 1/],
    ['infinity', [floats('inputs.npy', [2], [0, Infinity])], /first in sample 1/],
    ['a damaged npz', [{ name: 'a.npz', bytes: Uint8Array.of(0x50, 0x4b, 3, 4, 1, 2, 3) }], /damaged/],
    ['an npz that is none', [text('a.npz', 'hello')], /not an .npz/],
    ['an empty npz', [{ name: 'a.npz', bytes: zipSync({ 'a.txt': new Uint8Array(1) }) }], /holds no arrays/],
  ])('%s is refused', (_, files, message) => {
    const read = () => readDataset('d', files);
    expect(read).toThrow(ModelError);
    expect(read).toThrow(message);
  });
});

describe('labels', () => {
  const read = (...files: { name: string; bytes: Uint8Array }[]) => readDataset('d', [inputs, ...files]);
  const labels = (...files: { name: string; bytes: Uint8Array }[]) => {
    const found = read(...files).labels;
    return found && [...found];
  };

  test('arrays: [N], [N, 1], floats that are whole, one-hot', () => {
    expect(labels(integers('labels.npy', [0, 2, 1], [3, 1]))).toEqual([0, 2, 1]);
    expect(labels(floats('labels.npy', [3], [0, 2, 1]))).toEqual([0, 2, 1]);
    expect(labels(floats('y.npy', [3, 3], [1, 0, 0, 0, 0, 1, 0, 1, 0]))).toEqual([0, 2, 1]);
  });

  test.each([
    ['one column', '2\n0\n1\n'],
    ['one column with a heading', 'label\r\n2\r\n0\r\n1\r\n'],
    ['an unknown heading', 'animal\n2\n0\n1\n'],
    ['file and label', 'a.jpg,2\nb.jpg,0\nc.jpg,1'],
    ['headings in any order', 'name,Label,file\n"one, two",2,a\n"x ""y""",0,b\nz,1,c\n'],
    ['semicolons', 'file;label\na;2\nb;0\nc;1\n'],
  ])('CSV: %s', (_, content) => {
    expect(labels(text('labels.csv', content))).toEqual([2, 0, 1]);
  });

  test('labels.txt is labels when it has one whole number for each sample', () => {
    expect(labels(text('labels.txt', '2\n0\n1\n\n'))).toEqual([2, 0, 1]);
  });

  test('labels.txt is the class names where labels come from elsewhere, or where nothing says otherwise', () => {
    const withLabels = read(integers('labels.npy', [1, 0, 1]), text('labels.txt', '0\n1\n'));
    expect(withLabels.classNames).toEqual(['0', '1']);
    const names = read(text('labels.txt', 'cat\ndog\nbird\n'));
    expect([names.labels, names.classNames]).toEqual([null, ['cat', 'dog', 'bird']]);
    const digits = read(text('labels.txt', '0\n1\n2\n3\n'));
    expect([digits.labels, digits.classNames?.length]).toEqual([null, 4]);
  });

  test('class names as labels need the list of classes', () => {
    const lines = text('labels.txt', 'dog\ncat\ndog\n');
    expect(labels(lines, text('classes.txt', 'cat\ndog\n'))).toEqual([1, 0, 1]);
    expect(() => labels(lines)).toThrow(/add classes.txt/);
    expect(() => labels(lines, text('classes.txt', 'cat\ncow\n'))).toThrow(/"dog", which is not among/);
    const csv = text('labels.csv', 'label\ndog\ncat\ndog\n');
    expect(labels(csv, text('labels.txt', 'cat\ndog\n'))).toEqual([1, 0, 1]);
  });

  test.each([
    ['too few', [integers('labels.npy', [0, 1])], /2 labels for 3 samples/],
    ['too many', [text('labels.csv', '1\n2\n3\n4\n')], /4 labels for 3 samples/],
    ['too many in a text', [text('labels.txt', '1\n2\n1\n1\n')], /4 labels for 3 samples/],
    ['negative', [integers('labels.npy', [0, -1, 1])], /Label 1 .* is -1/],
    ['broken', [floats('labels.npy', [3], [0, 0.5, 1])], /Label 1 .* is 0.5/],
    ['NaN', [floats('labels.npy', [3], [0, NaN, 1])], /is NaN/],
    [
      'above the class names',
      [integers('labels.npy', [0, 5, 1]), text('labels.txt', 'a\nb\n')],
      /class 5, but only 2/,
    ],
    ['not one-hot', [floats('labels.npy', [3, 2])], /not one-hot/],
    ['of many dimensions', [floats('labels.npy', [3, 2, 2])], /labels need \[samples\]/],
    ['a gap in CSV', [text('labels.csv', 'file,label\na,1\nb,\nc,0')], /no label on line 3/],
    ['CSV without a clear column', [text('labels.csv', 'a,b,1\nc,d,2\ne,f,0')], /none is headed "label"/],
    ['empty CSV', [text('labels.csv', '\n')], /is empty/],
  ])('%s: refused', (_, files, message) => {
    expect(() => labels(...files)).toThrow(ModelError);
    expect(() => labels(...files)).toThrow(message);
  });
});

test('CSV keeps quoted separators, quotes and line breaks', () => {
  expect(parseCsv('\uFEFFa,"b ""c"", d"\r\n"e\nf",\n')).toEqual([
    ['a', 'b "c", d'],
    ['e\nf', ''],
  ]);
  expect(parseCsv('')).toEqual([]);
});
