/** Nothing that a broken file may hold makes shape inference or cost throw, hang or answer nonsense. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeOperator } from '../../../src/core/model/edit';
import { tables } from '../../../src/core/model/schema';
import type { Field, TableName } from '../../../src/core/model/schema';
import { makeTable } from '../../../src/core/model/schema/tflite';
import { unionMembers } from '../../../src/core/model/schema/unions';
import type { Operator } from '../../../src/core/model/types';
import { inferShapes, macsOf, ops } from '../../../src/core/ops';
import type { KnownBuiltin, OperatorView } from '../../../src/core/ops';
import { data, viewOf } from './one-operator';

const size = fc.oneof(fc.constantFrom(-1, 0, 1, 2), fc.integer({ min: -3, max: 9 }));
const shape = fc.array(size, { maxLength: 6 });
const constant = fc.option(fc.array(fc.integer({ min: -4, max: 9 }), { maxLength: 8 }));

/** Options of a table with every number, list and flag drawn at random. */
function anyTable(name: TableName): fc.Arbitrary<object> {
  const fields: Record<string, fc.Arbitrary<unknown>> = {};
  for (const [key, field] of Object.entries(tables[name]) as [string, Field][]) {
    if (field.kind === 'bool') fields[key] = fc.boolean();
    else if (field.kind === 'scalar') {
      fields[key] = field.storage.endsWith('int64') ? fc.bigInt(-2n, 6n) : fc.integer({ min: -2, max: 6 });
    } else if (field.kind === 'vector' && field.storage === 'int64') {
      fields[key] = fc.option(
        fc.array(fc.bigInt(-2n, 6n), { maxLength: 5 }).map((v) => BigInt64Array.from(v)),
      );
    } else if (field.kind === 'vector' && field.storage === 'int32') {
      fields[key] = fc.option(fc.array(size, { maxLength: 5 }).map((v) => Int32Array.from(v)));
    }
  }
  return fc.record(fields).map((value) => makeTable(name, value));
}

const optionTypes = [...unionMembers.BuiltinOptions, ...unionMembers.BuiltinOptions2];
/** The options table that belongs to an operator by its name, where there is one; else any. */
function anyOptions(kind: KnownBuiltin): fc.Arbitrary<Operator> {
  const plain = kind.replaceAll('_', '').toLowerCase();
  const own = optionTypes.filter((type) => type.toLowerCase() === `${plain}options`);
  const special: Partial<Record<string, TableName>> = {
    MEAN: 'ReducerOptions',
    SUM: 'ReducerOptions',
    REDUCE_MAX: 'ReducerOptions',
    MAX_POOL_2D: 'Pool2DOptions',
    STABLEHLO_COMPOSITE: 'StableHLOCompositeOptions',
  };
  const type = special[kind] ?? own[0];
  if (type === undefined) return fc.constant(makeOperator({}));
  return anyTable(type).map((value) =>
    makeOperator({ builtinOptions: { type, value } as unknown as Operator['builtinOptions'] }),
  );
}

function anyView(kind: KnownBuiltin): fc.Arbitrary<OperatorView> {
  return fc
    .record({
      operator: anyOptions(kind),
      inputs: fc.array(fc.record({ shape: fc.option(shape, { freq: 9 }), constant }), { maxLength: 9 }),
      outputs: fc.array(shape, { maxLength: 4 }),
    })
    .map(({ operator, inputs, outputs }) => ({
      ...viewOf({
        kind,
        inputs: inputs.map((input) =>
          input.shape ? data(...input.shape.map((n) => Math.max(n, -1))) : null,
        ),
        outputs,
      }),
      operator,
      inputShapes: inputs.map((input) => input.shape),
      outputShapes: outputs,
      constant: (input: number) => inputs[input]?.constant ?? null,
    }));
}

describe('any operator of a broken file', () => {
  it.each(Object.keys(ops) as KnownBuiltin[])('%s', (kind) => {
    fc.assert(
      fc.property(anyView(kind), (view) => {
        const shapes = inferShapes(view);
        expect(shapes).toHaveLength(view.outputs.length);
        for (const inferred of shapes) {
          for (const n of inferred ?? []) expect(Number.isSafeInteger(n) && n >= -1).toBe(true);
        }
        expect(macsOf(view)).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 60 },
    );
  });
});
