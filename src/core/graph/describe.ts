/** What one operator's card says. */
import { ModelError } from '../errors';
import { formatCount } from '../format';
import { operatorKind } from '../model/operators';
import { isConstant } from '../model/tensors';
import type { Model, Operator, Subgraph } from '../model/types';
import { specOf, viewOperator, type OpSpec, type OperatorView } from '../ops';
import type { Folding } from './fold';
import { constantDtype, shapeText } from './labels';
import type { ConstantRow, ViewNode } from './types';

/** Settings with more values than this show their shape. */
const MAX_VALUES = 6;

/** A card's content but for the bytes, which depend on who came first. */
export type OperatorCard = Pick<
  ViewNode,
  'title' | 'category' | 'activation' | 'rows' | 'cost' | 'macs' | 'bodies'
>;

/** Describes operator `index`; one whose code does not exist is called `UNKNOWN`. */
export function describeOperator(
  model: Model,
  subgraphIndex: number,
  index: number,
  folding: Folding,
  isWritten: Uint8Array,
): OperatorCard {
  const subgraph = model.subgraphs[subgraphIndex]!;
  const operator = subgraph.operators[index]!;
  const view = viewSafely(model, subgraphIndex, index);
  const spec = view && specOf(view.kind);
  const macs = view && spec ? macsSafely(spec, view) : 0;
  return {
    title: view ? operatorKind(model, operator) : 'UNKNOWN',
    category: spec?.category ?? 'other',
    activation: fusedActivation(operator),
    rows: constantRows(model, subgraph, operator, view, spec, folding, isWritten),
    cost: macs > 0 ? formatCount(macs) : null,
    macs,
    bodies: bodiesOf(model, operator),
  };
}

/** Null for an operator whose code is out of range: it is drawn all the same. */
function viewSafely(model: Model, subgraphIndex: number, index: number): OperatorView | null {
  try {
    return viewOperator(model, subgraphIndex, index);
  } catch (error) {
    if (error instanceof ModelError) return null;
    throw error;
  }
}

/** Shapes that do not fit the operator cost nothing rather than stop the picture. */
function macsSafely(spec: OpSpec, view: OperatorView): number {
  try {
    const macs = spec.macs(view);
    return Number.isFinite(macs) && macs > 0 ? macs : 0;
  } catch (error) {
    if (error instanceof ModelError) return 0;
    throw error;
  }
}

/** A constant whose bytes do not fit its shape shows its shape. */
function valuesSafely(view: OperatorView, input: number): readonly number[] | null {
  try {
    return view.constant(input);
  } catch (error) {
    if (error instanceof ModelError) return null;
    throw error;
  }
}

function fusedActivation(operator: Operator): string | null {
  const options = operator.builtinOptions?.value;
  if (!options || !('fusedActivationFunction' in options)) return null;
  const name = options.fusedActivationFunction;
  return name === 'NONE' ? null : name;
}

/** One row for each constant or variable operand. */
function constantRows(
  model: Model,
  subgraph: Subgraph,
  operator: Operator,
  view: OperatorView | null,
  spec: OpSpec | null,
  folding: Folding,
  isWritten: Uint8Array,
): ConstantRow[] {
  const rows: ConstantRow[] = [];
  operator.inputs.forEach((t, k) => {
    const source = folding.sourceOf[t];
    const tensor = source === undefined ? undefined : subgraph.tensors[source];
    if (source === undefined || !tensor || isWritten[source]) return;
    if (tensor.isVariable) {
      rows.push({ label: operandName(spec, k), text: shapeText(tensor), dtype: 'variable', tensor: source });
      return;
    }
    if (!isConstant(model, tensor)) return;
    const role = spec && (spec.inputs[k] ?? spec.inputs.at(-1))?.role;
    const isSetting = role === 'parameter' || role === 'index';
    const values = isSetting && source === t && view ? valuesSafely(view, k) : null;
    const text =
      values && values.length > 0 && values.length <= MAX_VALUES
        ? values.length === 1
          ? numberText(values[0]!)
          : `[${values.map(numberText).join(', ')}]`
        : shapeText(tensor);
    rows.push({ label: operandName(spec, k), text, dtype: constantDtype(tensor), tensor: source });
  });
  return rows;
}

function numberText(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3)));
}

function operandName(spec: OpSpec | null, k: number): string {
  if (!spec) return `input ${k}`;
  const named = spec.inputs[k];
  if (named && !(spec.variadicInputs && k >= spec.inputs.length - 1)) return named.name;
  const last = spec.inputs.at(-1);
  return last && spec.variadicInputs ? `${last.name} ${k - spec.inputs.length + 1}` : `input ${k}`;
}

/** Subgraphs named in the options (`bodySubgraphIndex`, `branchSubgraphIndices`, …) that exist. */
function bodiesOf(model: Model, operator: Operator): number[] {
  const bodies: number[] = [];
  for (const options of [operator.builtinOptions, operator.builtinOptions2]) {
    for (const [field, value] of Object.entries<unknown>(options?.value ?? {})) {
      if (!/subgraph(index|indices)?$/i.test(field)) continue;
      const indexes = value instanceof Int32Array ? [...value] : [value];
      for (const index of indexes) {
        if (typeof index === 'number' && model.subgraphs[index] && !bodies.includes(index))
          bodies.push(index);
      }
    }
  }
  return bodies;
}
