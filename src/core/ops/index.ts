/** The operator table: facts about every builtin operator of the schema. */
import { activation } from './activation';
import { arithmetic } from './arithmetic';
import { control } from './control';
import { convolution } from './convolution';
import { dense } from './dense';
import { normalization } from './normalization';
import { other } from './other';
import { pooling } from './pooling';
import { quantization } from './quantization';
import { basicLstmInputs, isBasicLstm, recurrent } from './recurrent';
import { shape } from './shape';
import { slicing } from './slicing';
import type { KnownBuiltin, Operand, OperatorView, OpSpec, Shape } from './spec';
import { stablehlo } from './stablehlo';

export { optionsOf, viewOperator, viewSubgraph } from './operator-view';
export type * from './spec';

/** One row per builtin operator, by its name in the schema. */
export const ops: { readonly [Name in KnownBuiltin]: OpSpec } = {
  ...convolution,
  ...dense,
  ...activation,
  ...pooling,
  ...arithmetic,
  ...shape,
  ...slicing,
  ...normalization,
  ...quantization,
  ...recurrent,
  ...control,
  ...other,
  ...stablehlo,
};

/** The families in the order in which they are shown. */
export const families = {
  convolution,
  dense,
  activation,
  pooling,
  arithmetic,
  shape,
  slicing,
  normalization,
  quantization,
  recurrent,
  control,
  other,
  stablehlo,
} satisfies Record<string, Partial<Record<KnownBuiltin, OpSpec>>>;

/** Facts about an operator by name, or null for a name that the schema does not know (`UNKNOWN_n`). */
export function specOf(kind: string): OpSpec | null {
  return Object.hasOwn(ops, kind) ? ops[kind as KnownBuiltin] : null;
}

const isSize = (size: number) => Number.isSafeInteger(size) && size >= -1;

/**
 * Shape of every output of an operator as its inputs, options and constants tell it: one entry per output, -1 for
 * an unknown size, null where nothing is known (data decides, the code is foreign, or the parts do not fit).
 */
export function inferShapes(view: OperatorView): readonly (Shape | null)[] {
  const inferred = specOf(view.kind)?.shapes(view) ?? [];
  return view.outputs.map((_, i) => {
    const shape = inferred[i] ?? null;
    return shape?.every(isSize) ? shape : null;
  });
}

/** Multiply-accumulates of one run of an operator itself (not of subgraphs that it calls); 0 for unknown ones. */
export function macsOf(view: OperatorView): number {
  return specOf(view.kind)?.macs(view) ?? 0;
}

const unknownOperand: Operand = { name: 'input', role: 'activation', optional: true, channelAxis: null };

/**
 * What input `position` of an operator is. Further inputs of a variadic operator are like its last one; an input
 * that the table does not list, or one of an unknown operator, counts as an optional activation. The basic LSTM
 * cell (five inputs) has operands of its own.
 */
export function operandAt(view: Pick<OperatorView, 'kind' | 'operator'>, position: number): Operand {
  const spec = specOf(view.kind);
  const inputs = isBasicLstm(view) ? basicLstmInputs : (spec?.inputs ?? []);
  return inputs[position] ?? (spec?.variadicInputs ? inputs.at(-1) : undefined) ?? unknownOperand;
}
