/** Operators that put all of their inputs on one scale, with inputs whose ranges differ much. */
import { formatNumber, plural } from '../format';
import { specOf } from '../ops';
import type { ValueRange } from '../optimize/calibrate/types';
import type { Graph } from '../optimize/quantize/integer/graph';
import { heldRange, unionOf } from './ranges';
import { isQuantized } from './quantized';
import type { LintRule, Remark, Subject } from './types';
import { kindOf, operatorWords, rangeWords } from './words';

const JOINING: ReadonlySet<string> = new Set(['CONCATENATION', 'PACK', 'MAXIMUM', 'MINIMUM']);
/** Bits left to an input from which on it is a remark, and a warning. */
const FEW_BITS = 6;
const TOO_FEW_BITS = 5;
/** Inputs known to lie within a range this wide are feared for beside one of unknown range. */
const NARROW = 6;

/** An input of a joining operator that loses by the scale it shares. */
interface Loss {
  readonly operator: number;
  readonly input: number;
  readonly own: ValueRange;
  /** Null: the other inputs' range is not known. */
  readonly shared: ValueRange | null;
  readonly bits: 8 | 16;
  /** Bits of the shared scale that the input's own range makes use of. */
  readonly bitsLeft: number;
}

/** Inputs of one scale whose ranges are unequal: the reason why detectors keep their boxes and lose their scores. */
export const concatRangesRule: LintRule = {
  name: 'concat-ranges',
  title: 'Unequal ranges on one scale',
  explanation:
    'CONCATENATION, PACK, MAXIMUM and MINIMUM put all inputs on one scale; an input of a much smaller range than its neighbours keeps few levels or none.',
  look(subject) {
    const losses = subject.graph.views.flatMap(({ kind }, operator) =>
      JOINING.has(kind) ? lossesOf(subject, operator) : [],
    );
    const measured = losses.filter(({ shared }) => shared !== null).sort((a, b) => a.bitsLeft - b.bitsLeft);
    const open = losses.filter(({ shared }) => shared === null);
    return [...measuredRemarks(subject, measured), ...openRemarks(subject, open)];
  },
};

function lossesOf({ graph, statistics, staticRange }: Subject, operator: number): Loss[] {
  const { tensors } = graph.subgraph;
  const { inputs, outputs } = graph.subgraph.operators[operator]!;
  const output = tensors[outputs[0] ?? -1];
  if (!output) return [];
  const bits = output.type === 'INT16' ? 16 : 8;
  const joined = Array.from(inputs, (tensor, input) => ({ tensor, input })).filter(
    ({ tensor }) => tensor >= 0,
  );
  let own: (ValueRange | null)[];
  let shared: ValueRange | null;
  if (isQuantized(output)) {
    shared = heldRange(output);
    own = joined.map(({ tensor }) => ownRange(graph, tensor) ?? staticRange(tensor));
  } else if (output.type === 'FLOAT32') {
    own = joined.map(({ tensor }) => measuredRange(statistics?.get(tensor)) ?? staticRange(tensor));
    shared = own.every((range) => range !== null) ? unionOf(own) : null;
  } else return [];
  const isOpen = shared === null;
  return joined.flatMap(({ input, tensor }, i) => {
    const range = own[i];
    // A constant needs no more than one of the steps: it is exact to half of one.
    if (!range || graph.constantOf(tensor) !== null || !(width(range) > 0)) return [];
    if (isOpen && width(range) > NARROW) return [];
    const bitsLeft = shared ? bits - Math.log2(width(shared) / width(range)) : bits;
    return isOpen || bitsLeft < FEW_BITS ? [{ operator, input, own: range, shared, bits, bitsLeft }] : [];
  });
}

/** Range of a quantized input before it was converted to the shared scale; null where it was not. */
function ownRange(graph: Graph, tensor: number): ValueRange | null {
  const writer = graph.writer[tensor]!;
  if (writer < 0 || graph.views[writer]!.kind !== 'QUANTIZE') return null;
  const source = graph.subgraph.tensors[graph.subgraph.operators[writer]!.inputs[0] ?? -1];
  return source ? heldRange(source) : null;
}

function measuredRange(
  seen: { readonly min: number; readonly max: number; readonly count: number } | undefined,
) {
  return seen && seen.count > 0 ? unionOf([seen]) : null;
}

const width = ({ min, max }: ValueRange) => Math.max(0, max) - Math.min(0, min);

function measuredRemarks({ graph, isQuantized: isInteger }: Subject, losses: readonly Loss[]): Remark[] {
  const worst = losses[0];
  if (!worst) return [];
  const operators = [...new Set(losses.map(({ operator }) => operator))];
  const step = width(worst.shared!) / (2 ** worst.bits - 1);
  const levels = width(worst.own) / step;
  const lead =
    operators.length > 1
      ? `${operators.length} operators put inputs of unequal range on one scale. The worst is ${operatorWords(graph, worst.operator)}: its`
      : `In ${operatorWords(graph, worst.operator)}`;
  const others = losses.filter(({ operator }) => operator === worst.operator).length - 1;
  const more = others > 0 ? `, and ${plural(others, 'other input')} of it little more` : '';
  return [
    {
      severity: worst.bitsLeft < TOO_FEW_BITS ? 'warning' : 'hint',
      message: `${lead} input ${worst.input} (${originWords(graph, worst)}, ${rangeWords(worst.own)}) ${isInteger ? 'shares' : 'would share'} a scale that covers ${rangeWords(worst.shared!)}: of ${worst.bits} bits it loses ${formatNumber(Math.min(worst.bits, worst.bits - worst.bitsLeft), 2)}, which leaves ${levels < 1 ? 'less than one step' : plural(Math.round(levels), 'step')} for its values${more}.`,
      advice: isInteger
        ? 'Quantize the float model again with the inputs brought to one range before they are joined (boxes divided by the image size), or with this operator left float.'
        : 'Bring the inputs to one range before they are joined (divide boxes by the image size), give them out separately, or leave this operator float when quantizing.',
      operators,
    },
  ];
}

function openRemarks({ graph }: Subject, losses: readonly Loss[]): Remark[] {
  const first = losses[0];
  if (!first) return [];
  const operators = [...new Set(losses.map(({ operator }) => operator))];
  const isSeen = operators.some((operator) => feedsOutput(graph, operator));
  const lead =
    operators.length > 1
      ? `${operators.length} operators join inputs of a narrow range with others whose range the file does not tell, first ${operatorWords(graph, first.operator)}: its`
      : `In ${operatorWords(graph, first.operator)}`;
  return [
    {
      severity: isSeen ? 'warning' : 'hint',
      message: `${lead} input ${first.input} (${originWords(graph, first)}) lies within ${rangeWords(first.own)}, beside inputs without bounds. In int8 all share one scale: beside values up to 100, ${formatNumber(Math.max(1, Math.round((255 * width(first.own)) / 100)), 2)} of 255 steps remain for it.`,
      advice:
        'Look at the ranges with samples (whittle lint --calibrate). Where they differ much, bring the inputs to one range before they are joined, or leave this operator float when quantizing.',
      operators: [...operators].sort((a, b) => Number(feedsOutput(graph, b)) - Number(feedsOutput(graph, a))),
    },
  ];
}

/** What makes the input, past operators that only move values: `LOGISTIC`, `the model's input`, `a constant`. */
function originWords(graph: Graph, { operator, input }: Loss): string {
  let tensor = graph.subgraph.operators[operator]!.inputs[input]!;
  for (;;) {
    if (graph.constantOf(tensor) !== null) return 'a constant';
    const writer = graph.writer[tensor]!;
    if (writer < 0) return 'an input of the model';
    const { kind, operator: source } = graph.views[writer]!;
    const isMover =
      kind === 'QUANTIZE' || (specOf(kind)?.quantization.kind === 'same-scale' && !JOINING.has(kind));
    const from = source.inputs[kind === 'SPLIT' ? 1 : 0] ?? -1;
    if (!isMover || from < 0) return kindOf(graph, writer);
    tensor = from;
  }
}

/** Whether nothing but movers lies between the operator and an output of the model. */
function feedsOutput(graph: Graph, operator: number): boolean {
  let at = operator;
  for (let step = 0; step < 8; step++) {
    const output = graph.subgraph.operators[at]!.outputs[0] ?? -1;
    if (graph.isOutput(output)) return true;
    const next = graph.readers(output)[0];
    if (!next) return false;
    const kind = graph.views[next.operator]!.kind;
    if (kind !== 'DEQUANTIZE' && specOf(kind)?.quantization.kind !== 'same-scale') return false;
    at = next.operator;
  }
  return false;
}
