import fc from 'fast-check';
import { ByteBuffer } from 'flatbuffers';
import { describe, expect, it } from 'vitest';
import { ModelError } from '../../../src/core/errors';
import { openModel } from '../../../src/core/model/open';
import { readMetadata } from '../../../src/core/model/metadata';
import { readModel } from '../../../src/core/model/read';
import { makeModel, makeOperator, makeSubgraph } from '../../../src/core/model/edit';
import { tables, unionMembers, enumValues, type Field, type TableName } from '../../../src/core/model/schema';
import { tensorValues } from '../../../src/core/model/tensors';
import { writeModel } from '../../../src/core/model/write';
import { anyModel, anyTable } from './arbitrary-model';

/** What the bytes lead to: null, or the error if it is an expected one. */
function tryAll(bytes: Uint8Array): ModelError | null {
  try {
    const { model } = readModel(bytes);
    readMetadata(model);
    model.subgraphs.forEach((subgraph, i) =>
      subgraph.tensors.forEach((_, j) => {
        try {
          tensorValues(model, i, j);
        } catch (error) {
          if (!(error instanceof ModelError)) throw error;
        }
      }),
    );
    openModel(bytes);
    return null;
  } catch (error) {
    if (error instanceof ModelError) return error;
    throw error;
  }
}

describe('schema', () => {
  it('names only tables, unions and enumerations that exist, and no slot twice', () => {
    for (const [name, fields] of Object.entries(tables as Record<string, Record<string, Field>>)) {
      const slots: number[] = [];
      for (const field of Object.values(fields)) {
        slots.push(field.slot);
        if (field.kind === 'union') {
          slots.push(field.slot + 1);
          expect(unionMembers, name).toHaveProperty(field.of);
        }
        if (field.kind === 'table' || field.kind === 'tables') expect(tables, name).toHaveProperty(field.of);
        if (field.kind === 'enumeration' || field.kind === 'enums')
          expect(enumValues, name).toHaveProperty(field.of);
      }
      expect(new Set(slots).size, name).toBe(slots.length);
    }
    for (const members of Object.values(unionMembers)) {
      for (const member of members) expect(tables).toHaveProperty(member);
    }
  });
});

describe('write and read', () => {
  it('give back any model', () => {
    fc.assert(
      fc.property(anyModel, (model) => {
        expect(readModel(writeModel(model)).model).toEqual(model);
      }),
      { numRuns: 300 },
    );
  });

  it('give back the options of every operator kind', () => {
    const names = [...unionMembers.BuiltinOptions, ...unionMembers.BuiltinOptions2] as TableName[];
    for (const type of names) {
      const isNew = (unionMembers.BuiltinOptions2 as readonly string[]).includes(type);
      const values = fc.sample(anyTable(type), { numRuns: 4, seed: 7 });
      const operators = values.map((value) => {
        const options = { type, value } as never;
        return makeOperator(isNew ? { builtinOptions2: options } : { builtinOptions: options });
      });
      const model = makeModel({ subgraphs: [makeSubgraph({ operators })] });
      expect(readModel(writeModel(model)).model).toEqual(model);
    }
  });

  it('make the same bytes a second time', () => {
    fc.assert(
      fc.property(anyModel, (model) => {
        const bytes = writeModel(model);
        expect(writeModel(readModel(bytes).model)).toEqual(bytes);
      }),
      { numRuns: 100 },
    );
  });

  it('freeze what they read', () => {
    const [model] = fc.sample(anyModel, { numRuns: 1, seed: 3 });
    const read = readModel(writeModel(model!)).model;
    for (const part of [read, read.subgraphs, read.buffers, read.operatorCodes, ...read.subgraphs]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });
});

describe('writeModel', () => {
  const data = Uint8Array.from({ length: 100 }, (_, i) => i);
  const model = makeModel({
    buffers: [
      { data: null, outside: false },
      { data: data.subarray(1), outside: false },
      { data: data.subarray(3, 20), outside: true },
      { data: data.subarray(1), outside: false },
      { data: new Uint8Array(0), outside: false },
    ],
  });
  const bytes = writeModel(model);
  const buffer = new ByteBuffer(bytes);

  /** Position of field `slot` of the table at `table`, by the flatbuffers package; 0 when absent. */
  const field = (table: number, slot: number): number => {
    const offset = buffer.__offset(table, 4 + slot * 2);
    return offset === 0 ? 0 : table + offset;
  };
  const root = buffer.readInt32(0);
  const tableAt = (index: number): number => buffer.__indirect(buffer.__vector(field(root, 4)) + index * 4);

  it('carries the identifier', () => {
    expect(buffer.__has_identifier('TFL3')).toBe(true);
  });

  it('leaves absent data absent and keeps empty data empty', () => {
    expect(field(tableAt(0), 0)).toBe(0);
    expect(field(tableAt(4), 0)).not.toBe(0);
    expect(buffer.__vector_len(field(tableAt(4), 0))).toBe(0);
  });

  it('aligns data to 16 bytes and stores equal views once', () => {
    const first = buffer.__vector(field(tableAt(1), 0));
    expect(first % 16).toBe(0);
    expect(buffer.__vector(field(tableAt(3), 0))).toBe(first);
    expect([...bytes.subarray(first, first + 99)]).toEqual([...data.subarray(1)]);
  });

  it('puts outside bytes behind the root, aligned', () => {
    const offset = Number(buffer.readUint64(field(tableAt(2), 1)));
    expect(offset % 16).toBe(0);
    expect(Number(buffer.readUint64(field(tableAt(2), 2)))).toBe(17);
    expect([...bytes.subarray(offset, offset + 17)]).toEqual([...data.subarray(3, 20)]);
    expect(field(tableAt(2), 0)).toBe(0);
  });
});

describe('readModel of damaged files', () => {
  const samples = fc.sample(anyModel, { numRuns: 12, seed: 11 }).map((model) => writeModel(model));

  it('refuses or reads every truncation', () => {
    for (const bytes of samples) {
      for (let length = 0; length < bytes.length; length += 1 + Math.floor(bytes.length / 150)) {
        tryAll(bytes.slice(0, length));
      }
      const error = tryAll(bytes.slice(0, Math.floor(bytes.length / 2)));
      expect(error).toBeInstanceOf(ModelError);
    }
  });

  it('refuses or reads files with changed bytes, each in under a second', () => {
    let slowestMs = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 }),
        (bytes, changes) => {
          const damaged = bytes.slice();
          for (const [at, value] of changes) damaged[at % damaged.length] = value;
          const start = performance.now();
          tryAll(damaged);
          slowestMs = Math.max(slowestMs, performance.now() - start);
        },
      ),
      { numRuns: 1500 },
    );
    expect(slowestMs).toBeLessThan(1000);
  });

  it('names the place', () => {
    const bytes = writeModel(makeModel({ description: 'a description', buffers: [] })).slice();
    const buffer = new ByteBuffer(bytes);
    const root = buffer.readInt32(0);
    const at = root + buffer.__offset(root, 4 + 3 * 2);
    new DataView(bytes.buffer).setUint32(at, 0x7fffff00, true);
    const error = tryAll(bytes);
    expect(error?.code).toBe('broken-model');
    expect(error?.where).toBe('description');
    expect(error?.byteOffset).toBe(at + 0x7fffff00);
    expect(error?.message).toMatch(/damaged at description/);
  });

  it('does not unfold a small file into any amount of memory', () => {
    // A list of many references that all lead to one subgraph with a long name.
    const name = 'x'.repeat(200_000);
    const [subgraph] = fc.sample(
      anyModel.filter((model) => model.subgraphs.length > 0),
      { numRuns: 1, seed: 5 },
    );
    const many = Array.from({ length: 2000 }, () => ({
      ...subgraph!.subgraphs[0]!,
      name: null,
      operators: [],
      tensors: [],
    }));
    const bytes = writeModel({ ...subgraph!, subgraphs: [{ ...many[0]!, name }, ...many] });
    const view = new DataView(bytes.buffer);
    const buffer = new ByteBuffer(bytes);
    const root = buffer.readInt32(0);
    const list = buffer.__vector(root + buffer.__offset(root, 4 + 2 * 2));
    const target = buffer.__indirect(list);
    for (let i = 0; i <= 2000; i++) view.setUint32(list + i * 4, target - (list + i * 4), true);
    const error = tryAll(bytes);
    expect(error?.code).toBe('broken-model');
    expect(error?.message).toMatch(/unfold/);
  });
});
