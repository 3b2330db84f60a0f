import { describe, expect, it } from 'vitest';
import { byteItems, groupBytes } from '../../../src/core/inspect';
import type { ByteItem } from '../../../src/core/inspect/types';
import { writeModel } from '../../../src/core/model/write';
import { buildModel, fullyConnected, randomValues } from '../optimize/fixtures';
import { blockwiseModel } from './models';
import { sampleModel } from './sample';

const sum = (items: readonly { readonly sizeBytes: number }[]) =>
  items.reduce((total, { sizeBytes }) => total + sizeBytes, 0);

describe('byteItems', () => {
  it('adds up to the file', () => {
    for (const model of [sampleModel(), blockwiseModel()]) {
      const { length } = writeModel(model);
      expect(sum(byteItems(model, length))).toBe(length);
    }
  });

  it('tells operators, types and what nobody reads', () => {
    const items = byteItems(sampleModel(), 10_000);
    const find = (kind: string, dtype: string) =>
      items.find((item) => item.kind === kind && item.dtype === dtype);
    expect(find('CONV_2D', 'int8')).toMatchObject({ operator: 0, category: 'convolution', sizeBytes: 4 });
    expect(find('CONV_2D', 'int32')).toMatchObject({ operator: 0, sizeBytes: 8 });
    // Behind DEQUANTIZE, for the operator that reads the result.
    expect(find('FULLY_CONNECTED', 'float16')).toMatchObject({ operator: 3, sizeBytes: 32 });
    expect(find('read by no operator', 'int4')).toMatchObject({ operator: null, sizeBytes: 2 });
  });

  it('counts a shared buffer once, at the first operator', () => {
    const model = buildModel({
      tensors: {
        input: { shape: [1, 8] },
        first: { shape: [8, 8], data: randomValues(64) },
        second: { shape: [8, 8], sharesWith: 'first' },
        middle: { shape: [1, 8] },
        output: { shape: [1, 8] },
      },
      operators: [
        fullyConnected(['input', 'first', '-'], 'middle'),
        fullyConnected(['middle', 'second', '-'], 'output'),
      ],
      inputs: ['input'],
      outputs: ['output'],
    });
    const items = byteItems(model, 1000).filter(({ operator }) => operator !== null);
    expect(items).toMatchObject([{ operator: 0, sizeBytes: 256 }]);
  });
});

describe('groupBytes', () => {
  const item = (operator: number, kind: string, dtype: string, sizeBytes: number): ByteItem => ({
    subgraph: 0,
    operator,
    kind,
    category: 'other',
    name: `n${operator}`,
    dtype,
    sizeBytes,
  });
  const items = [
    item(0, 'CONV_2D', 'int8', 100),
    item(0, 'CONV_2D', 'int32', 8),
    item(1, 'ADD', 'int8', 5),
    item(2, 'CONV_2D', 'int8', 40),
  ];

  it('groups by kind, by type and not at all', () => {
    expect(groupBytes(items, 'kind', 99)).toMatchObject([
      {
        label: 'CONV_2D',
        sizeBytes: 148,
        leaves: [{ sizeBytes: 108, dtype: 'int8, int32' }, { sizeBytes: 40 }],
      },
      { label: 'ADD', sizeBytes: 5 },
    ]);
    expect(groupBytes(items, 'dtype', 99)).toMatchObject([
      { label: 'int8', sizeBytes: 145 },
      { label: 'int32', sizeBytes: 8 },
    ]);
    expect(groupBytes(items, 'operator', 99)).toMatchObject([
      { leaves: [{ operator: 0 }, { operator: 2 }, { operator: 1 }] },
    ]);
  });

  it('sums up what is small, and keeps the whole', () => {
    const many = Array.from({ length: 20_000 }, (_, i) =>
      item(i, i % 3 === 0 ? 'CONV_2D' : 'ADD', 'int8', 1 + (i % 500)),
    );
    for (const view of ['kind', 'dtype', 'operator'] as const) {
      const groups = groupBytes(many, view, 300);
      const leaves = groups.flatMap((group) => group.leaves);
      expect(leaves.length).toBeLessThanOrEqual(300 + groups.length);
      expect(sum(leaves)).toBe(sum(many));
      expect(leaves.reduce((all, { others }) => all + (others || 1), 0)).toBe(many.length);
    }
  });
});
