/** Debug reports made up for tests. */
import type { DebugReport, ErrorFigures, OperatorDebug } from '../../../src/core/debug/types';
import type { Model } from '../../../src/core/model/types';
import { buildModel, fullyConnected, type OperatorPlan, randomValues } from '../optimize/fixtures';

const size = 4;

/** Error figures of values of this SQNR and this error in steps of a scale of 1. */
export function figures(sqnrDb: number, changes: Partial<ErrorFigures> = {}): ErrorFigures {
  return { sqnrDb, rmse: 0.289, rmsePerScale: 0.289, meanError: 0, maxAbsError: 1, ...changes };
}

/** An int8 operator of 40 dB, for itself and as run in the variant. */
export function operatorDebug(operator: number, changes: Partial<OperatorDebug> = {}): OperatorDebug {
  return {
    subgraph: 0,
    operator,
    variantOperator: operator,
    kind: 'FULLY_CONNECTED',
    name: `t${operator}`,
    dtype: 'int8',
    isQuantized: true,
    depth: operator,
    local: figures(40),
    accumulated: figures(40),
    rangeUsed: 1,
    saturated: 0,
    reason: null,
    ...changes,
  };
}

export function reportOf(operators: readonly OperatorDebug[]): DebugReport {
  return { operators, outputs: [{ name: 'out', sqnrDb: 40 }], samples: 4, notes: [] };
}

/** Operators in a row, of these kinds; `FULLY_CONNECTED` where nothing else is said. Outputs are `t0`, `t1` and so on. */
export function rowOf(count: number, kinds: Readonly<Record<number, OperatorPlan['kind']>> = {}): Model {
  const indexes = Array.from({ length: count }, (_, i) => i);
  return buildModel({
    tensors: {
      input: { shape: [1, size] },
      weights: { shape: [size, size], data: randomValues(size * size) },
      ...Object.fromEntries(indexes.map((i) => [`t${i}`, { shape: [1, size] }])),
    },
    operators: indexes.map((i) => {
      const from = i === 0 ? 'input' : `t${i - 1}`;
      const kind = kinds[i];
      return kind === undefined
        ? fullyConnected([from, 'weights', '-'], `t${i}`)
        : { kind, inputs: [from], outputs: [`t${i}`] };
    }),
    inputs: ['input'],
    outputs: [`t${count - 1}`],
  });
}
