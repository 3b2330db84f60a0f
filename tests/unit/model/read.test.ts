import { describe, expect, it } from 'vitest';
import { compileSchema } from '../../../src/core/model/codec/compiled-schema';
import { encodeRoot } from '../../../src/core/model/codec/encode';
import { makeModel, makeOperator, makeSubgraph, makeTensor } from '../../../src/core/model/edit';
import { readModel } from '../../../src/core/model/read';
import { enumStorage, enumValues, tables, unionMembers } from '../../../src/core/model/schema';
import { scalar, string } from '../../../src/core/model/schema/field';
import { makeTable } from '../../../src/core/model/schema/tflite';
import { writeModel } from '../../../src/core/model/write';

describe('what the schema does not know', () => {
  /** A schema of the future: one more field, one more kind of options. */
  const future = compileSchema({
    tables: {
      ...tables,
      Model: { ...tables.Model, licence: string(12) },
      FutureOptions: { depth: scalar(0, 'int32') },
    },
    enumValues,
    enumStorage,
    unionMembers: { ...unionMembers, BuiltinOptions: [...unionMembers.BuiltinOptions, 'FutureOptions'] },
  });

  it('becomes a warning that names the place', () => {
    const operator = {
      ...makeTable('Operator'),
      inputs: new Int32Array(0),
      builtinOptions: { type: 'FutureOptions', value: { depth: 3 } },
    };
    const bytes = encodeRoot(
      future,
      'Model',
      {
        version: 3,
        licence: 'MIT',
        subgraphs: [{ tensors: [makeTensor({ type: 'UNKNOWN_77' })], operators: [operator] }],
        buffers: [],
      },
      'TFL3',
    );
    const { model, warnings } = readModel(bytes);
    const said = warnings.map(({ where, message }) => `${where}: ${message}`);
    expect(said).toEqual([
      'subgraphs[0].tensors[0].type: TensorType 77 is not known to this program.',
      expect.stringMatching(
        /^subgraphs\[0\]\.operators\[0\]\.builtinOptions: BuiltinOptions of type 127 is not known/,
      ),
      expect.stringMatching(/^root: Field 12 of Model is newer than this program/),
    ]);
    expect(model.subgraphs[0]?.tensors[0]?.type).toBe('UNKNOWN_77');
    expect(model.subgraphs[0]?.operators[0]?.builtinOptions).toBeNull();
  });

  it('is said of bytes at the end that nothing refers to, but not of a few', () => {
    const bytes = writeModel(makeModel({}));
    const withTail = (size: number) => {
      const file = new Uint8Array(bytes.length + size).fill(7);
      file.set(bytes);
      return readModel(file).warnings;
    };
    expect(withTail(100)).toEqual([]);
    expect(withTail(1000)[0]?.message).toMatch(/\d{4} bytes at the end/);
  });

  it('is said of texts that are not UTF-8', () => {
    const bytes = writeModel(makeModel({ description: 'abcdefgh' })).slice();
    bytes[Buffer.from(bytes).indexOf('cdef')] = 0xff;
    const { model, warnings } = readModel(bytes);
    expect(model.description).toBe('ab\uFFFDdefgh');
    expect(warnings[0]?.where).toBe('description');
  });
});

describe('reading', () => {
  it('keeps a leading byte order mark in texts', () => {
    const model = makeModel({ description: '\uFEFFtext' });
    expect(readModel(writeModel(model)).model.description).toBe('\uFEFFtext');
  });

  it('takes 28 MB in under 50 ms without copying the weights', () => {
    const weights = Array.from({ length: 250 }, (_, i) => new Uint8Array(112_000).fill(i));
    const model = makeModel({
      buffers: [{ data: null, outside: false }, ...weights.map((data) => ({ data, outside: false }))],
      subgraphs: [
        makeSubgraph({
          tensors: Array.from({ length: 1000 }, (_, i) =>
            makeTensor({
              name: `model/block_${i}/conv/weights`,
              shape: Int32Array.of(1, 8, 8, 4),
              buffer: i % 250,
            }),
          ),
          operators: Array.from({ length: 700 }, (_, i) =>
            makeOperator({
              inputs: Int32Array.of(i, i + 1),
              outputs: Int32Array.of(i + 2),
              builtinOptions: {
                type: 'Conv2DOptions',
                value: makeTable('Conv2DOptions', { strideW: 1, strideH: 1 }),
              },
            }),
          ),
        }),
      ],
    });
    const bytes = writeModel(model);
    let fastestMs = Infinity;
    for (let i = 0; i < 8; i++) {
      const start = performance.now();
      const { buffers } = readModel(bytes).model;
      fastestMs = Math.min(fastestMs, performance.now() - start);
      expect(buffers.every(({ data }) => data === null || data.buffer === bytes.buffer)).toBe(true);
    }
    expect(fastestMs).toBeLessThan(50);
  });
});
