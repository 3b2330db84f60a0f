import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ModelError } from '../../../src/core/errors';
import {
  figuresByOperator,
  isNodeData,
  readNodeData,
  writeNodeData,
} from '../../../src/core/graph/node-data';

const plain = { results: { a: { value: 1 }, b: { value: '2.5' }, c: { value: 'none' } } };

describe('readNodeData', () => {
  it('reads one graph, numbers as text too, and passes over what is no number', () => {
    const [set, ...others] = readNodeData(plain, 'latency.json');
    expect(others).toEqual([]);
    expect(set).toMatchObject({ name: 'latency', thresholds: [], gradient: [] });
    expect([...set!.results]).toEqual([
      ['a', 1],
      ['b', 2.5],
    ]);
  });

  it('reads several graphs by id, also below a model', () => {
    expect(readNodeData({ main: plain, other: plain }, 'x.json').map(({ name }) => name)).toEqual([
      'x main',
      'x other',
    ]);
    expect(readNodeData({ 'model.tflite': { main: plain } }, 'x.json')).toHaveLength(1);
  });

  it('sorts thresholds and gradients, keeps names of colours, and drops stops without one', () => {
    const [set] = readNodeData(
      {
        ...plain,
        thresholds: [
          { value: 9, bgColor: '#ff0000' },
          { value: 1, bgColor: '#0f0' },
          { value: 5, bgColor: 'rebeccapurple' },
        ],
        gradient: [{ stop: 1, bgColor: '#000000' }, { stop: 0 }],
      },
      'x.json',
    );
    expect(set!.thresholds).toEqual([
      { value: 1, color: '#0f0' },
      { value: 5, color: 'rebeccapurple' },
      { value: 9, color: '#ff0000' },
    ]);
    expect(set!.gradient).toEqual([{ stop: 1, color: '#000000' }]);
  });

  it.each([
    [{ steps: [] }, /no node data/],
    [[1, 2], /no node data/],
    [{ results: { a: { value: 'none' } } }, /none of its values is a number/],
    [{ results: { a: { value: 1 } }, thresholds: 3 }, /thresholds does not fit/],
    [{ results: { a: {} } }, /none of its values is a number/],
  ])('says what is wrong with %j', (json, words) => {
    const read = () => readNodeData(json, 'bad.json');
    expect(read).toThrow(ModelError);
    expect(read).toThrow(words);
    expect(read).toThrow(/bad\.json/);
  });

  it('tells node data from recipes', () => {
    expect(isNodeData(plain)).toBe(true);
    expect(isNodeData({ name: 'int8', version: 1, steps: [] })).toBe(false);
    expect(isNodeData([{ regex: '.*', operation: '*' }])).toBe(false);
    expect(isNodeData(null)).toBe(false);
  });
});

describe('figuresByOperator', () => {
  const names = [['a', 'a2'], ['b'], ['b'], []];
  const byOperator = (results: Record<string, number>) =>
    Object.fromEntries(figuresByOperator(readNodeData({ results }, 'x.json')[0]!, names));

  it('finds operators by any of their outputs, else by index', () => {
    expect(byOperator({ a2: 1, b: 2, '3': 3, '9': 4, nowhere: 5 })).toEqual({ 0: 1, 1: 2, 3: 3 });
  });

  it('lets indexes go before names', () => {
    expect(byOperator({ '0': 7, a: 1 })).toEqual({ 0: 7 });
  });
});

describe('writeNodeData', () => {
  it('is read back as it was, whatever the names are', () => {
    const name = fc.oneof(
      fc.constantFrom('', 'x', 'y', '0', '3', 'constructor'),
      fc.string({ maxLength: 4 }),
    );
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.array(name, { maxLength: 2 }).map((list) => list.filter((one) => one !== '')),
            fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: null }),
          ),
          { minLength: 1, maxLength: 12 },
        ),
        (operators) => {
          const names = operators.map(([outputs]) => outputs);
          const values = new Map(
            operators.flatMap(([, value], i) => (value === null ? [] : [[i, value || 0] as const])),
          );
          fc.pre(values.size > 0);
          const text = JSON.stringify(writeNodeData('figures', values, names, {}));
          const [set] = readNodeData(JSON.parse(text), 'x.json');
          const found = figuresByOperator(set!, names);
          expect(new Map([...found].sort((a, b) => a[0] - b[0]))).toEqual(values);
        },
      ),
    );
  });

  it('keeps colours and leaves out what JSON cannot say', () => {
    const thresholds = [{ value: 2, color: '#00ff00' }];
    const gradient = [{ stop: 0, color: '#ffffff' }];
    const values = new Map([
      [0, Infinity],
      [1, 3],
    ]);
    const written = writeNodeData('f', values, [['a'], ['b']], { thresholds, gradient });
    expect(written).toEqual({
      name: 'f',
      results: { b: { value: 3 } },
      thresholds: [{ value: 2, bgColor: '#00ff00' }],
      gradient: [{ stop: 0, bgColor: '#ffffff' }],
    });
    expect(readNodeData(written, 'x.json')[0]).toMatchObject({ thresholds, gradient });
  });
});
