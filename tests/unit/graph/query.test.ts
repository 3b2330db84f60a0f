import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  containsWhole,
  numberFields,
  parseQuery,
  printQuery,
  queryExamples,
  textFields,
  whatFollows,
} from '../../../src/core/graph/query';
import { buildSearchIndex, search } from '../../../src/core/graph/search';
import { optionsOf } from '../integer/operators';
import { buildModel, fullyConnected } from '../optimize/fixtures';

const model = buildModel({
  tensors: {
    image: { shape: [1, 8, 8, 3] },
    filter: { shape: [4, 3, 3, 3], data: new Float32Array(108) },
    bias: { shape: [4], data: new Float32Array(4) },
    'block_1/conv': { shape: [1, 4, 4, 4] },
    shape: { shape: [2], type: 'INT32', data: Int32Array.of(1, 64) },
    flat: { shape: [1, 64] },
    weights: { shape: [10, 64], data: new Float32Array(640) },
    'block_2/dense out': { shape: [1, 10] },
  },
  operators: [
    {
      kind: 'CONV_2D',
      inputs: ['image', 'filter', 'bias'],
      outputs: ['block_1/conv'],
      builtinOptions: optionsOf('Conv2DOptions', { padding: 'SAME', strideW: 2, strideH: 2 }),
    },
    { kind: 'RESHAPE', inputs: ['block_1/conv', 'shape'], outputs: ['flat'] },
    fullyConnected(['flat', 'weights', '-'], 'block_2/dense out'),
  ],
  inputs: ['image'],
  outputs: ['block_2/dense out'],
});
const index = buildSearchIndex(model, 0);
const find = (query: string) => search(index, query).hits.map(({ title }) => title);

describe('the language of the search', () => {
  it.each([
    ['kind:conv', ['CONV_2D']],
    ['kind:conv -kind:2d', []],
    ['CONV_2D dtype:float32 macs>1', ['CONV_2D']],
    ['name:block_2 kind:fully', ['FULLY_CONNECTED']],
    ['in:block_1', ['RESHAPE']],
    ['out:flat', ['RESHAPE']],
    ['shape:1×64', ['RESHAPE', 'flat']],
    ['bytes>2k', ['FULLY_CONNECTED', 'weights']],
    ['bytes>=448 kind:2d', ['CONV_2D']],
    ['bytes:>2k', ['FULLY_CONNECTED', 'weights']],
    ['params=640', ['FULLY_CONNECTED']],
    ['macs<1 kind:', ['RESHAPE']],
    ['stride:2', ['CONV_2D']],
    ['padding:same', ['CONV_2D']],
    ['keep_num_dims:no', ['FULLY_CONNECTED']],
    ['"dense out"', ['FULLY_CONNECTED', 'block_2/dense out']],
    ['"dense out" -kind:fully', ['block_2/dense out']],
    ['-float32 int32', ['shape']],
    [
      'dtype:float',
      [
        'CONV_2D',
        'FULLY_CONNECTED',
        'RESHAPE',
        'image',
        'filter',
        'bias',
        'block_1/conv',
        'flat',
        'weights',
        'block_2/dense out',
      ],
    ],
    ['dtype:loat', []],
    ['shape:4x4', ['CONV_2D', 'block_1/conv']],
    ['shape:0x64', []],
    ['shape:1x6', []],
    ['stride_h:2', ['CONV_2D']],
    ['strideH:2 stride:2x2', ['CONV_2D']],
    ['stride_h:3', []],
    ['"dense out"kind:fully', ['FULLY_CONNECTED']],
    ['-"dense out" kind:fully', []],
    ['kind:"conv_2d"', ['CONV_2D']],
  ])('%s', (query, titles) => {
    expect(find(query).sort()).toEqual([...titles].sort());
  });

  it('says what it cannot read, and finds nothing then', () => {
    expect(search(index, 'bytes>many')).toMatchObject({
      hits: [],
      total: 0,
      problem: 'bytes needs a number such as bytes>100k.',
    });
    expect(parseQuery('dtype>int8').problem).toBe('dtype cannot be compared with >; write dtype:int8.');
    expect(parseQuery('macs<x').problem).toBe('macs needs a number such as macs<100k.');
    expect(parseQuery(`bytes>${'9'.repeat(400)}`).problem).toContain('needs a number');
  });

  it('asks for nothing while a part is unfinished', () => {
    for (const query of ['', '  ', 'dtype:', '-', 'bytes>', '"']) {
      expect(parseQuery(query).terms, query).toEqual([]);
      expect(parseQuery(query).problem, query).toBeNull();
    }
  });

  it('reads its own examples', () => {
    for (const { query } of queryExamples) {
      const { terms, problem } = parseQuery(query);
      expect(problem, query).toBeNull();
      expect(printQuery(terms), query).toBe(query.replace('100k', '100000').replace('1m', '1000000'));
    }
  });

  it('reads what it prints, whatever was typed', () => {
    const typed = fc.oneof(
      fc.string({ maxLength: 16, unit: fc.constantFrom(...Array.from('abx_1.5ek"-:<>= ')) }),
      fc.string({ maxLength: 16 }),
    );
    fc.assert(
      fc.property(typed, (text) => {
        const { terms } = parseQuery(text);
        expect(parseQuery(printQuery(terms))).toEqual({ terms, problem: null });
      }),
      { numRuns: 2000 },
    );
  });

  it('says what may follow a field that was begun, with an example that can be read', () => {
    expect(whatFollows('dtype:')).toBe('dtype: goes on with a type, as in dtype:int8.');
    expect(whatFollows('conv bytes>')).toBe('bytes> goes on with a number, as in bytes>100k.');
    expect(whatFollows('-Stride_H:')).toBe(
      'stride_h: goes on with a value of that attribute, as in stride_h:2.',
    );
    for (const query of ['', 'dtype', 'dtype:int8', 'dtype: conv', '"dtype:"', '-'])
      expect(whatFollows(query), query).toBeNull();
    for (const field of [...textFields, ...numberFields]) {
      const example = /as in (.+)\.$/.exec(whatFollows(`${field}:`) ?? '')?.[1] ?? '';
      expect(parseQuery(example)).toMatchObject({ terms: [{ what: field }], problem: null });
    }
  });

  it('finds numbers as wholes', () => {
    const shape = fc.array(fc.nat({ max: 300 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(shape, fc.nat({ max: 300 }), (sizes, size) => {
        expect(containsWhole(sizes.join('x'), String(size))).toBe(sizes.includes(size));
      }),
    );
  });

  it('never throws, and every part narrows', () => {
    const part = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.constantFrom('kind:conv', 'bytes>1k', '-flat', '"dense', 'macs<', 'x:y:z', 'shape:1x', '::', '-"'),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), part, (parts, more) => {
        const narrow = search(index, [...parts, more].join(' '));
        expect(narrow.total).toBeGreaterThanOrEqual(narrow.hits.length);
        const wide = search(index, parts.join(' '));
        if (wide.total === 0 || [...parts, more].some((text) => text.includes('"'))) return;
        expect(narrow.total).toBeLessThanOrEqual(wide.total);
      }),
    );
  });

  it('finds what it should in any case', () => {
    fc.assert(
      fc.property(fc.constantFrom(...index.hits.keys()), (i) => {
        const { title } = index.hits[i]!;
        expect(find(`"${title}"`)).toContain(title);
        expect(find(title.toUpperCase())).toContain(title);
      }),
    );
  });
});
