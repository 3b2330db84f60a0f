import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Change, diffGraphs, type GraphDiff } from '../../../src/core/graph/diff';
import { commonChain } from '../../../src/core/graph/diff-chain';
import type { Model } from '../../../src/core/model/types';
import { type OperatorSketch, sketchModel, type TensorSketch } from './models';

interface Layer {
  readonly kind: 'RELU' | 'TANH' | 'LOGISTIC';
  readonly name: string;
  readonly width: number;
}

/** A chain of operators of one input and one output. */
function chain(layers: readonly Layer[]): Model {
  return sketchModel({
    tensors: [{ name: 'in' }, ...layers.map(({ name, width }) => ({ name, shape: [1, width] }))],
    operators: layers.map(({ kind }, i) => ({ kind, inputs: [i], outputs: [i + 1] })),
    inputs: [0],
    outputs: [layers.length],
  });
}

const layers = fc.array(
  fc.record({
    kind: fc.constantFrom<Layer['kind']>('RELU', 'TANH', 'LOGISTIC'),
    name: fc.constantFrom('', 'a', 'a_int8', 'b', 'c', 'd'),
    width: fc.constantFrom(1, 2),
  }),
  { maxLength: 14 },
);

const countOf = ({ entries }: GraphDiff, change: Change) =>
  entries.filter((entry) => entry.changes.includes(change)).length;

/** in -> CONV_2D -> out, with a filter of some type and bytes. */
function conv(filter: TensorSketch, output: TensorSketch = {}, extra: readonly OperatorSketch[] = []): Model {
  return sketchModel({
    tensors: [
      { name: 'in', shape: [1, 8, 8, 3] },
      { name: 'filter', shape: [4, 3, 3, 3], ...filter },
      { name: 'conv', shape: [1, 6, 6, 4], ...output },
      { name: 'extra', shape: [1, 6, 6, 4] },
    ],
    operators: [{ kind: 'CONV_2D', inputs: [0, 1, -1], outputs: [2] }, ...extra],
    inputs: [0],
    outputs: [2],
  });
}

describe('diffGraphs', () => {
  it('finds nothing between a model and itself', () => {
    fc.assert(
      fc.property(layers, layers, (some, others) => {
        const diff = diffGraphs(chain(some), chain(some), 0);
        expect(diff.entries).toEqual([]);
        expect(diff.unchanged).toBe(some.length);
        // Whatever the names are, every operator is its own partner where kinds and names allow no other.
        const mixed = chain([...some, ...others]);
        expect(diffGraphs(mixed, mixed, 0).entries).toEqual([]);
      }),
    );
  });

  it('is symmetric: what one side has added the other has removed', () => {
    fc.assert(
      fc.property(layers, layers, (some, others) => {
        const there = diffGraphs(chain(some), chain(others), 0);
        const back = diffGraphs(chain(others), chain(some), 0);
        expect(countOf(there, 'added')).toBe(countOf(back, 'removed'));
        expect(countOf(there, 'removed')).toBe(countOf(back, 'added'));
        expect(there.unchanged).toBe(back.unchanged);
        expect([...there.partnerOfBefore]).toEqual([...back.partnerOfAfter]);
        expect(there.unchanged + there.entries.length - countOf(there, 'removed')).toBe(others.length);
      }),
    );
  });

  it('tells a new type, a new shape, new bytes and other values apart', () => {
    const before = conv({ bytes: 432 });
    const only = (after: Model) => diffGraphs(before, after, 0).entries;
    expect(only(conv({ type: 'INT8', bytes: 108 }))).toMatchObject([
      { before: 0, after: 0, kind: 'CONV_2D', changes: ['retyped', 'bytes'] },
    ]);
    expect(only(conv({ shape: [2, 3, 3, 3], bytes: 216 }, { shape: [1, 6, 6, 2] }))[0]).toMatchObject({
      changes: ['reshaped', 'bytes'],
      detail: '4×3×3×3 → 2×3×3×3, 432\u00a0B → 216\u00a0B',
    });
    const pruned = conv({ bytes: 432 });
    pruned.buffers[1]!.data![5] = 1;
    expect(only(pruned)).toMatchObject([{ changes: ['values'], detail: '' }]);
    expect(only(conv({ bytes: 432, scales: 1 }))).toMatchObject([
      { changes: ['settings'], detail: 'scales' },
    ]);
  });

  it('takes operands outside the list, operators without operands, and values read before they are written', () => {
    const broken = (name: string) =>
      sketchModel({
        tensors: [{ name: 'in' }, { name }, { name: 'out' }],
        operators: [
          { kind: 'RELU', inputs: [2, -1, 99], outputs: [1] },
          { kind: 'TANH', inputs: [1, -7], outputs: [2, 50] },
          { kind: 'ABS', inputs: [], outputs: [] },
        ],
        inputs: [0, 77],
        outputs: [2, -1, 60],
      });
    const diff = diffGraphs(broken('x'), broken('y'), 0);
    expect([...diff.partnerOfBefore]).toEqual([0, 1, 2]);
    expect(diff.entries).toEqual([]);
  });

  it('follows the mapping of the passes before any name, and lists what was removed where it was', () => {
    const before = conv({ bytes: 432 }, {}, [{ kind: 'RELU', inputs: [2], outputs: [3] }]);
    const after = conv({ bytes: 432 });
    const diff = diffGraphs(before, after, 0, [[[0], [0]]]);
    expect([...diff.partnerOfBefore]).toEqual([0, -1]);
    expect(diff.isMapped).toBe(true);
    expect(diff.entries).toEqual([
      {
        before: 1,
        after: -1,
        kind: 'RELU',
        name: 'extra',
        changes: ['removed'],
        detail: 'merged into CONV_2D 0',
      },
    ]);
  });
});

describe('matching by structure and names', () => {
  const partners = (before: Model, after: Model) => [...diffGraphs(before, after, 0).partnerOfBefore];

  it('sees through the names that quantizers give', () => {
    const before = sketchModel({
      tensors: [{ name: 'in' }, { name: 'x' }, { name: 'y' }],
      operators: [
        { kind: 'TANH', inputs: [0], outputs: [1] },
        { kind: 'TANH', inputs: [1], outputs: [2] },
      ],
      inputs: [0],
      outputs: [2],
    });
    const after = sketchModel({
      tensors: ['in', 'in_int8', 'z', 'x_int8', 'y_int8'].map((name) => ({ name, type: 'INT8' })),
      operators: [
        { kind: 'QUANTIZE', inputs: [0], outputs: [1] },
        { kind: 'TANH', inputs: [1], outputs: [2] },
        { kind: 'TANH', inputs: [2], outputs: [3] },
        { kind: 'TANH', inputs: [3], outputs: [4] },
      ],
      inputs: [0],
      outputs: [4],
    });
    expect(partners(before, after)).toEqual([2, 3]);
  });

  it('matches nameless chains along their longest common part', () => {
    const nameless = (type: TensorSketch['type'], ...kinds: readonly OperatorSketch['kind'][]) =>
      sketchModel({
        tensors: [{ name: 'in' }, ...kinds.map(() => ({ name: '', type: type! }))],
        operators: kinds.map((kind, i) => ({ kind, inputs: [i], outputs: [i + 1] })),
        inputs: [0],
        outputs: [kinds.length],
      });
    // Of other types, so that nothing that is computed is the same.
    const before = nameless('FLOAT32', 'RELU', 'TANH', 'LOGISTIC', 'ABS');
    const after = nameless('INT8', 'TANH', 'NEG', 'LOGISTIC', 'ABS', 'EXP');
    expect(partners(before, after)).toEqual([-1, 0, 2, 3]);
  });

  it('finds a chain as long as the table of all pairs does', () => {
    const text = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 24 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        const pairs = commonChain(Float64Array.from(a), Float64Array.from(b));
        pairs.forEach(([x, y], i) => {
          expect(a[x]).toBe(b[y]);
          if (i > 0) expect(x > pairs[i - 1]![0] && y > pairs[i - 1]![1]).toBe(true);
        });
        expect(pairs).toHaveLength(longestCommon(a, b));
      }),
    );
  });

  it('still finds an order-keeping chain in long lists that have little in common', () => {
    const [a, b] = [1, 5].map((step) => Float64Array.from({ length: 6000 }, (_, i) => (i * i * step) % 101));
    const pairs = commonChain(a!, b!);
    expect(pairs.length).toBeGreaterThan(600);
    expect(pairs.every(([x, y], i) => i === 0 || (x > pairs[i - 1]![0] && y > pairs[i - 1]![1]))).toBe(true);
  });
});

/** Length of the longest common subsequence, by the textbook table. */
function longestCommon(a: readonly number[], b: readonly number[]): number {
  const rows = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  a.forEach((x, i) =>
    b.forEach((y, j) => {
      rows[i + 1]![j + 1] = x === y ? rows[i]![j]! + 1 : Math.max(rows[i]![j + 1]!, rows[i + 1]![j]!);
    }),
  );
  return rows[a.length]![b.length]!;
}
