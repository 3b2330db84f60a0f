/** Every operator with an integer form, alone in a model, quantized and run in the real runtime. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operatorName } from '../../../src/core/model/operators';
import type { Model } from '../../../src/core/model/types';
import { ops } from '../../../src/core/ops';
import type { Engine } from '../../../src/engines/interpreter';
import { loadLitertInNode } from '../../../src/engines/litert/node';
import { quantized, sqnrDb, uniformDataset } from './calibrating';
import { operatorCases } from './operators';

let engine: Engine;
beforeAll(async () => {
  engine = await loadLitertInNode();
});
afterAll(() => engine.dispose());

/** Types of the data that the operator of this kind reads and writes. */
function typesAt(model: Model, kind: string): string[] {
  const { operators, tensors } = model.subgraphs[0]!;
  const operator = operators.find((candidate) => operatorName(model, candidate) === kind)!;
  return [...operator.inputs, ...operator.outputs].flatMap((tensor) => tensors[tensor]?.type ?? []);
}

describe.each([
  ['int8', 'int8Db'],
  ['int16', 'int16Db'],
] as const)('%s activations', (activations, floor) => {
  it.each(operatorCases.map((entry) => [entry.name, entry] as const))('%s', async (_, entry) => {
    const data = uniformDataset(entry.model, 12, entry.range);
    const { model, reports, isChanged } = await quantized(entry.model, data, engine, { activations });
    const least = entry[floor];
    if (least === null) {
      expect(isChanged).toBe(false);
      expect(reports[0]!.entries).toMatchObject([{ action: 'skipped', kind: entry.kind }]);
      return;
    }
    expect(typesAt(model, entry.kind)).not.toContain('FLOAT32');
    expect(typesAt(model, entry.kind)).toContain(activations.toUpperCase());
    expect(await sqnrDb(engine, entry.model, model, data, entry.compared)).toBeGreaterThan(least);
  });
});

describe('the table', () => {
  it('has a case for every operator with an integer form that runs by itself', () => {
    const elsewhere = ['QUANTIZE', 'DEQUANTIZE', 'LSTM', 'UNIDIRECTIONAL_SEQUENCE_LSTM', 'SVDF'];
    const special = ['READ_VARIABLE', 'ASSIGN_VARIABLE', 'SHAPE', 'RANK', 'WHERE'];
    const withRule = Object.entries(ops).flatMap(([kind, { quantization }]) =>
      quantization.kind === 'float-only' ? [] : [kind],
    );
    const covered = new Set<string>(operatorCases.map(({ kind }) => kind));
    expect(withRule.filter((kind) => !covered.has(kind)).sort()).toEqual([...elsewhere, ...special].sort());
  });
});
