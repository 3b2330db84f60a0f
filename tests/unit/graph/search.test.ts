import { describe, expect, it } from 'vitest';
import { buildSearchIndex, search } from '../../../src/core/graph/search';
import { sketchModel } from './models';

const model = sketchModel({
  tensors: [
    { name: 'image', shape: [1, 8, 8, 3] },
    { name: 'block/add', type: 'INT8', shape: [1, 8, 8, 3] },
    { name: 'address', shape: [2] },
  ],
  operators: [
    { kind: 'QUANTIZE', inputs: [0], outputs: [1] },
    { kind: 'ADD', inputs: [1, 1], outputs: [2] },
    { kind: 'ADD_N', inputs: [1, 1], outputs: [2] },
    { kind: 'CUSTOM', custom: 'MyOp', inputs: [0], outputs: [1] },
  ],
});
const find = (query: string) => search(buildSearchIndex(model, 0), query).hits.map(({ title }) => title);

describe('search', () => {
  it('puts exact titles before beginnings, word starts and the rest, operators and tensors apart', () => {
    expect(find('add')).toEqual(['ADD', 'ADD_N', 'QUANTIZE', 'MyOp', 'address', 'block/add']);
    expect(search(buildSearchIndex(model, 0), 'add').groups).toEqual([
      { kind: 'operator', count: 4 },
      { kind: 'tensor', count: 2 },
    ]);
  });
  it('puts tensors first where one of them is the best hit', () => {
    const { groups, hits } = search(buildSearchIndex(model, 0), 'block/add');
    expect(groups[0]).toEqual({ kind: 'tensor', count: 1 });
    expect(hits[0]).toMatchObject({ kind: 'tensor', index: 1 });
    expect(search(buildSearchIndex(model, 0), 'kind:add').groups).toEqual([{ kind: 'operator', count: 2 }]);
  });
  it('takes a name with a colon for a name', () => {
    const named = sketchModel({ tensors: [{ name: 'serving_default_x:0' }, { name: 'x' }], operators: [] });
    const { hits } = search(buildSearchIndex(named, 0), 'serving_default_x:0');
    expect(hits.map(({ title }) => title)).toEqual(['serving_default_x:0']);
  });
  it('gives pages that make up the whole', () => {
    const index = buildSearchIndex(model, 0);
    const all = search(index, 'a').hits;
    const pages = [0, 2, 4, 6].flatMap((offset) => search(index, 'a', 2, offset).hits);
    expect(pages).toEqual(all);
    expect(search(index, 'a', 2, 4)).toMatchObject({ offset: 4, total: all.length });
    expect(search(index, 'a', 2, 100).hits).toEqual([]);
  });
  it('wants every word, in any order, over kind, names, dtype and shape', () => {
    expect(find('int8 8x8')).toEqual(['QUANTIZE', 'MyOp', 'block/add']);
    expect(find('1×8×8×3 float32')).toEqual(['image']);
    expect(find('myop')).toEqual(['MyOp']);
    expect(find('add nothing')).toEqual([]);
  });
  it('finds nothing for nothing, and says how many there are beyond the limit', () => {
    expect(find('  ')).toEqual([]);
    const result = search(buildSearchIndex(model, 0), 'a', 2);
    expect(result.hits).toHaveLength(2);
    expect(result.total).toBeGreaterThan(2);
  });
  it('compares every text once for a query of 20,000 operators, and gives a page of what it finds', () => {
    const tensors = Array.from({ length: 60_000 }, (_, i) => ({
      name: `stage_${i % 7}/block_${i}/conv`,
      shape: [1, i % 64, 8],
    }));
    const operators = Array.from({ length: 20_000 }, (_, i) => ({
      kind: 'ADD' as const,
      inputs: [i],
      outputs: [i + 1],
    }));
    const plain = buildSearchIndex(sketchModel({ tensors, operators }), 0);
    let reads = 0;
    const count = <Value extends object>(list: Value): Value =>
      new Proxy(list, {
        get(target, key) {
          if (typeof key === 'string' && /^\d+$/.test(key)) reads++;
          return Reflect.get(target, key) as unknown;
        },
      });
    const index = { ...plain, texts: count(plain.texts) };
    for (const query of [
      'add',
      'block_19',
      'conv float32 stage_3',
      'kind:add shape:1x7',
      'bytes>=1 macs<5',
    ]) {
      reads = 0;
      const first = search(index, query);
      expect(first.problem).toBeNull();
      expect(first.hits).toHaveLength(Math.min(200, first.total));
      // A word each at most; fields look elsewhere.
      expect(reads).toBeLessThanOrEqual(3 * 80_000);
      reads = 0;
      for (let offset = 200; offset < Math.min(first.total, 2000); offset += 200)
        expect(search(index, query, 200, offset).hits[0]).not.toEqual(first.hits[0]);
      expect(reads).toBe(0);
    }
    expect(search(index, 'add').total).toBe(20_000);
  });
});
