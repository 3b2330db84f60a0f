/** What one operator's card says. */
import { ModelError } from '../errors';
import { formatCount, plural } from '../format';
import { describeValue } from '../inspect/attributes';
import { customOptionsOf } from '../model/flexbuffers';
import { operatorKind, operatorName } from '../model/operators';
import { isConstant, isFloat } from '../model/tensors';
import type { Model, Operator, Subgraph } from '../model/types';
import { specOf, viewOperator, type OpSpec, type OperatorView } from '../ops';
import type { Folding } from './fold';
import { constantDtype, dtypeText, shapeText } from './labels';
import type { Attribute, Border, Call, ConstantRow, ViewNode } from './types';

/** Settings with more values than this show their shape. */
const MAX_VALUES = 6;
/** Options of a custom operator that are decoded, and characters of each. */
const MAX_ATTRIBUTES = 24;
const MAX_ATTRIBUTE_TEXT = 120;
/** Types that weights and activations are quantized to. */
const INTEGERS = new Set(['INT2', 'INT4', 'UINT4', 'INT8', 'UINT8', 'INT16', 'UINT16']);

/** A card's content but for the bytes, which depend on who came first. */
export type OperatorCard = Pick<
  ViewNode,
  | 'title'
  | 'category'
  | 'activation'
  | 'rows'
  | 'cost'
  | 'macs'
  | 'bodies'
  | 'calls'
  | 'dtype'
  | 'isIsland'
  | 'attributes'
  | 'borders'
>;

/** What an operator computes in, as its card says it. */
export type ComputesIn = Pick<ViewNode, 'dtype' | 'isIsland'>;

/**
 * What each operator of a subgraph computes in: nothing said where all of it is float; else float operators among mostly
 * integer ones are islands. `isHidden` tells which operators have no card.
 */
export function findFormats(
  model: Model,
  subgraph: Subgraph,
  isHidden: (operator: number) => boolean,
): readonly ComputesIn[] {
  let [floats, integers] = [0, 0];
  const dtypes = subgraph.operators.map((operator, i) => {
    const dtype = isHidden(i) ? null : computingDtype(model, subgraph, operator);
    if (dtype === null) return null;
    if (isFloatText(dtype)) floats++;
    else integers++;
    return dtype;
  });
  return dtypes.map((dtype) => {
    if (dtype === null || integers === 0) return {};
    return isFloatText(dtype) && integers > floats ? { dtype, isIsland: true } : { dtype };
  });
}

/** Describes operator `index`; one whose code does not exist is called `UNKNOWN`. */
export function describeOperator(
  model: Model,
  subgraphIndex: number,
  index: number,
  folding: Folding,
  isWritten: Uint8Array,
  format: ComputesIn,
): OperatorCard {
  const subgraph = model.subgraphs[subgraphIndex]!;
  const operator = subgraph.operators[index]!;
  const view = viewSafely(model, subgraphIndex, index);
  const spec = view && specOf(view.kind);
  const macs = view && spec ? macsSafely(spec, view) : 0;
  const calls = callsOf(model, operator);
  const attributes = customAttributes(operator);
  const borders = bordersOf(subgraph, index, folding);
  return {
    title: view ? operatorKind(model, operator) : 'UNKNOWN',
    category: spec?.category ?? 'other',
    activation: fusedActivation(operator),
    rows: constantRows(model, subgraph, operator, view, spec, folding, isWritten),
    cost: macs > 0 ? formatCount(macs) : null,
    macs,
    bodies: calls.map((call) => call.subgraph),
    ...(calls.length > 0 ? { calls } : {}),
    ...format,
    ...(attributes.length > 0 ? { attributes } : {}),
    ...(borders.length > 0 ? { borders } : {}),
  };
}

/** Type of the first computed operand that is float or quantized; null for QUANTIZE and the like, and without one. */
function computingDtype(model: Model, subgraph: Subgraph, operator: Operator): string | null {
  const code = model.operatorCodes[operator.opcodeIndex];
  if (code && specOf(operatorName(model, operator))?.category === 'quantization') return null;
  for (const operands of [operator.inputs, operator.outputs]) {
    for (const t of operands) {
      const tensor = subgraph.tensors[t];
      if (!tensor || isConstant(model, tensor)) continue;
      if (isFloat(tensor.type) || INTEGERS.has(tensor.type)) return dtypeText(tensor.type);
    }
  }
  return null;
}

/** Whether a dtype of a card is a floating-point one. */
function isFloatText(dtype: string): boolean {
  return /^b?f\d/.test(dtype) || dtype.startsWith('float');
}

/** Decoded options of a custom operator or composite. */
function customAttributes(operator: Operator): Attribute[] {
  const options = customOptionsOf(operator);
  if (options === null || typeof options !== 'object' || options instanceof Uint8Array) return [];
  const entries: [string, unknown][] = Array.isArray(options)
    ? options.map((value, i) => [String(i), value])
    : Object.entries(options);
  const limited = (text: string) =>
    text.length <= MAX_ATTRIBUTE_TEXT ? text : `${text.slice(0, MAX_ATTRIBUTE_TEXT - 1)}…`;
  const shown = entries.slice(0, MAX_ATTRIBUTES).map(([label, value]) => ({
    label: limited(label),
    text: limited(describeValue(value)),
  }));
  const rest = entries.length - shown.length;
  return rest > 0 ? [...shown, { label: '…', text: plural(rest, 'more option') }] : shown;
}

/** QUANTIZE and DEQUANTIZE that the operator's card shows, inputs first. */
function bordersOf(subgraph: Subgraph, index: number, { borders }: Folding): Border[] {
  const found = (side: Border['side'], border: number): Border => {
    const { outputs } = subgraph.operators[border]!;
    const tensor = subgraph.tensors[outputs[0]!]!;
    return {
      side,
      // A border turns float into integers, or integers into float.
      kind: isFloat(tensor.type) ? 'dq' : 'q',
      operator: border,
      name: tensor.name ?? '',
      isShared: side === 'in' && (borders.readerCount.get(border) ?? 0) > 1,
    };
  };
  const reads = [...new Set(subgraph.operators[index]!.inputs)].flatMap((t) => {
    const border = borders.readBy.get(t);
    return border === undefined ? [] : [found('in', border)];
  });
  return [...reads, ...(borders.servedBy.get(index) ?? []).map((border) => found('out', border))];
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
      rows.push({
        label: operandName(spec, k),
        text: shapeText(model, tensor),
        dtype: 'variable',
        tensor: source,
      });
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
        : shapeText(model, tensor);
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

/** Subgraphs named in the options (`bodySubgraphIndex`, `branchSubgraphIndices`, …) that exist, each once. */
function callsOf(model: Model, operator: Operator): Call[] {
  const calls: Call[] = [];
  for (const options of [operator.builtinOptions, operator.builtinOptions2]) {
    for (const [field, value] of Object.entries<unknown>(options?.value ?? {})) {
      const role = /^(.*?)_?subgraph(index|indices)?$/i.exec(field)?.[1];
      if (role === undefined) continue;
      const indexes = value instanceof Int32Array ? [...value] : [value];
      for (const index of indexes) {
        const called = typeof index === 'number' ? model.subgraphs[index] : undefined;
        if (typeof index !== 'number' || !called || calls.some(({ subgraph }) => subgraph === index))
          continue;
        calls.push({ role: role === '' ? 'calls' : role, subgraph: index, name: called.name ?? '' });
      }
    }
  }
  return calls;
}
