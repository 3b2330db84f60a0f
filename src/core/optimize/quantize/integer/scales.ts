/**
 * Which scale each activation gets. Tensors that must share a scale (the two ends of a RESHAPE, the inputs of a
 * CONCATENATION) form a class. An operator with several inputs on one scale takes an input into its output's class
 * where nobody else would lose by it: no value that counts is cut off, and steps hardly grow. The others are converted
 * before it.
 */
import { specOf } from '../../../ops';
import { chooseRange } from '../../calibrate/ranges';
import type { ActivationStatistics, RangeRule, ValueRange } from '../../calibrate/types';
import type { Decision } from './decide';
import type { Graph } from './graph';
import { leastLogit } from './logits';
import { scaleFor, type TensorScale } from './scale';
import type { ActivationType, OperatorSettings } from './settings';
import type { VariableScales } from './variables';

export interface ScalePlan {
  /** Scale of a computed tensor as integers of this type. */
  tensorScale(tensor: number, dtype: ActivationType): TensorScale;
  /** Scale in which an integer operator reads its data operand at `input`. */
  operandScale(operator: number, input: number): TensorScale;
}

/** Range of everything while no sample has been run. */
const OPEN_RANGE: ValueRange = { min: -1, max: 1 };
/** An input joins the output's class in spite of other readers where neither's range grows by more than this. */
const LARGEST_GROWTH = 1.25;
/** Operators on one scale whose outputs mix values, so that an input cut off changes them though they lie within. */
const MIXES_VALUES: ReadonlySet<string> = new Set(['AVERAGE_POOL_2D', 'RESIZE_BILINEAR']);
/** Kernels that fill gaps with the integer 0 whatever the zero point is. */
const FILLS_WITH_ZEROS: ReadonlySet<string> = new Set(['SCATTER_ND']);
const minMax: RangeRule = { method: 'min-max', percentile: 100 };

/** A tensor as integers of one type. */
type Node = number;
const nodeOf = (tensor: number, dtype: ActivationType): Node => tensor * 2 + (dtype === 'INT16' ? 1 : 0);
const tensorOf = (node: Node): number => node >> 1;
const dtypeOf = (node: Node): ActivationType => (node % 2 === 1 ? 'INT16' : 'INT8');

interface ScaleClass {
  readonly members: Node[];
  /** The tensors whose ranges count, together. */
  rangesOf: readonly number[];
  /** Prescribed scale, or null. */
  fixed: TensorScale | null;
  /** The integer 0 must stand for 0. */
  isSymmetric: boolean;
}

/** Plans the scales of one subgraph. */
export function planScales(
  graph: Graph,
  decisions: readonly Decision[],
  settings: readonly (OperatorSettings | null)[],
  statistics: ActivationStatistics | null,
  variables: VariableScales,
): ScalePlan {
  const classes = new Map<Node, ScaleClass>();
  const ranges = new Map<string, ValueRange>();
  /** Operators that read all of their data in one scale: the node that has it. */
  const sharedNode = new Map<number, Node>();
  /** Scale in which an assignment takes its value. */
  const prescribed = new Map<number, TensorScale>();

  function classOf(node: Node): ScaleClass {
    const known = classes.get(node);
    if (known) return known;
    const made: ScaleClass = {
      members: [node],
      rangesOf: [tensorOf(node)],
      fixed: givenScale(graph, node),
      isSymmetric: false,
    };
    classes.set(node, made);
    return made;
  }
  function join(node: Node, into: ScaleClass): void {
    const from = classOf(node);
    if (from === into) return;
    into.members.push(...from.members);
    into.isSymmetric ||= from.isSymmetric;
    for (const member of from.members) classes.set(member, into);
  }
  function rangeOf(tensor: number, dtype: ActivationType): ValueRange {
    const key = `${tensor}/${dtype}`;
    let range = ranges.get(key);
    if (range === undefined) {
      range = findRange(graph, tensor, dtype, ruleFor(graph, settings, tensor), statistics);
      const seen = dtype === 'INT8' ? statistics?.get(tensor) : undefined;
      const least = seen ? leastLogit(graph, decisions, settings, tensor, seen) : null;
      if (least !== null) range = { min: Math.max(range.min, Math.min(0, least)), max: range.max };
      ranges.set(key, range);
    }
    return range;
  }
  const scaleOfRanges = (
    tensors: readonly number[],
    dtype: ActivationType,
    isSymmetric: boolean,
  ): TensorScale =>
    scaleFor(tensors.map((tensor) => rangeOf(tensor, dtype)).reduce(unite), dtype, isSymmetric);
  const scaleOfClass = ({ fixed, rangesOf, isSymmetric }: ScaleClass, dtype: ActivationType): TensorScale =>
    fixed ?? scaleOfRanges(rangesOf, dtype, isSymmetric);

  decisions.forEach(({ dtype, operands }, operator) => {
    if (dtype === null) return;
    const rule = specOf(graph.views[operator]!.kind)!.quantization;
    const { data, outputs } = operands;
    const variable = variables.scaleAt(graph.index, operator);
    if (variable !== null) {
      prescribed.set(operator, variable);
      for (const tensor of outputs) classOf(nodeOf(tensor, dtype)).fixed = variable;
    } else if (rule.kind === 'fixed-output') {
      const fixed = dtype === 'INT8' ? rule.int8 : rule.int16!;
      for (const tensor of outputs) classOf(nodeOf(tensor, dtype)).fixed = { dtype, ...fixed };
    } else if (rule.kind === 'same-scale' && data.length === 1) {
      const into = classOf(nodeOf(data[0]!.tensor, dtype));
      for (const tensor of outputs) join(nodeOf(tensor, dtype), into);
      into.isSymmetric ||= FILLS_WITH_ZEROS.has(graph.views[operator]!.kind);
    } else if (rule.kind === 'same-scale' && outputs.length > 0) {
      sharedNode.set(operator, nodeOf(outputs[0]!, dtype));
    }
  });
  for (const [operator, node] of sharedNode) takeInputs(operator, node);
  for (const [operator, scale] of prescribed) {
    for (const { tensor, constant } of decisions[operator]!.operands.data) {
      const own = classOf(nodeOf(tensor, scale.dtype));
      // What is computed for the variable alone is computed in its scale.
      if (
        constant === null &&
        own.fixed === null &&
        own.members.every((node) => isOnlyFor(node, operator, own))
      )
        own.fixed = scale;
    }
  }
  decisions.forEach(({ dtype, operands: { data } }, operator) => {
    const rule = specOf(graph.views[operator]!.kind)?.quantization.kind;
    if (dtype === null || rule !== 'index-only' || data.length < 2) return;
    const computed = data.filter(({ constant }) => constant === null);
    const nodes = (computed.length > 0 ? computed : data).map(({ tensor }) => nodeOf(tensor, dtype));
    const widest = nodes.reduce((a, b) => (width(b) > width(a) ? b : a));
    const all = nodes.flatMap((node) => classOf(node).rangesOf);
    const covering = scaleOfRanges(all, dtype, false);
    // One side may reach further up, the other further down.
    if (covering.scale > width(widest)) prescribed.set(operator, covering);
    else sharedNode.set(operator, widest);
  });

  function width(node: Node): number {
    return scaleOfClass(classOf(node), dtypeOf(node)).scale;
  }
  /** Lets inputs of an operator with one scale for all use the scale of its output. */
  function takeInputs(operator: number, output: Node): void {
    const { dtype, operands } = decisions[operator]!;
    for (const { tensor, constant } of operands.data) {
      if (constant !== null) continue;
      const input = nodeOf(tensor, dtype!);
      const [from, into] = [classOf(input), classOf(output)];
      if (from === into || from.fixed !== null) continue;
      const hasNoOther = from.members.every((member) => isOnlyFor(member, operator, from));
      // What the output does not reach may then be cut off, unless it was mixed into other values before.
      if (!hasNoOther || from.members.some((member) => isMixed(member, from))) {
        const both = [...from.rangesOf, ...into.rangesOf];
        const isSymmetric = from.isSymmetric || into.isSymmetric;
        const { scale } = scaleOfRanges(both, dtype!, isSymmetric);
        const growsInput = !hasNoOther && scale > LARGEST_GROWTH * width(input);
        if (into.fixed !== null || growsInput || scale > LARGEST_GROWTH * width(output)) continue;
        into.rangesOf = both;
      }
      join(input, into);
    }
  }
  /** The tensor holds means of values of another one of its class. */
  function isMixed(node: Node, within: ScaleClass): boolean {
    const writer = graph.writer[tensorOf(node)]!;
    if (writer < 0 || !MIXES_VALUES.has(graph.views[writer]!.kind)) return false;
    const { data } = decisions[writer]!.operands;
    return data.some(({ tensor }) => classes.get(nodeOf(tensor, dtypeOf(node))) === within);
  }
  /** Nobody but this operator, and those that hand the values on to it, reads the tensor. */
  function isOnlyFor(node: Node, operator: number, within: ScaleClass): boolean {
    const tensor = tensorOf(node);
    if (graph.isOutput(tensor)) return false;
    return graph.readers(tensor).every((reader) => {
      if (reader.operator === operator) return true;
      const { dtype, operands } = decisions[reader.operator]!;
      return (
        dtype === dtypeOf(node) &&
        specOf(graph.views[reader.operator]!.kind)!.quantization.kind === 'same-scale' &&
        operands.outputs.length > 0 &&
        operands.outputs.every((other) => classes.get(nodeOf(other, dtype)) === within)
      );
    });
  }

  const tensorScale = (tensor: number, dtype: ActivationType): TensorScale =>
    scaleOfClass(classOf(nodeOf(tensor, dtype)), dtype);
  return {
    tensorScale,
    operandScale(operator, input) {
      const { dtype, operands } = decisions[operator]!;
      const given = prescribed.get(operator);
      if (given) return given;
      const shared = sharedNode.get(operator);
      if (shared !== undefined) return scaleOfClass(classOf(shared), dtype!);
      const operand = operands.data.find((candidate) => candidate.input === input)!;
      return tensorScale(operand.tensor, dtype!);
    },
  };
}

/** The range that holds both. */
function unite(a: ValueRange, b: ValueRange): ValueRange {
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}

/** The scale that a tensor comes with: what DEQUANTIZE makes of integers keeps theirs. */
function givenScale(graph: Graph, node: Node): TensorScale | null {
  const tensor = tensorOf(node);
  const source = dequantizedFrom(graph, tensor);
  if (source === null) return null;
  const { type, quantization } = graph.subgraph.tensors[source]!;
  if (type !== dtypeOf(node)) return null;
  return {
    dtype: type,
    scale: quantization!.scale![0]!,
    zeroPoint: Number(quantization!.zeroPoint?.[0] ?? 0n),
  };
}

/** The computed INT8 or INT16 tensor (one scale) of which this one is the real values, or null. */
export function dequantizedFrom(graph: Graph, tensor: number): number | null {
  const writer = graph.writer[tensor] ?? -1;
  if (writer < 0 || graph.constantOf(tensor) !== null) return null;
  const { kind, operator } = graph.views[writer]!;
  const source = operator.inputs[0] ?? -1;
  const { type, quantization } = graph.subgraph.tensors[source] ?? { type: 'FLOAT32', quantization: null };
  const isPlain = (type === 'INT8' || type === 'INT16') && quantization?.scale?.length === 1;
  return kind === 'DEQUANTIZE' && isPlain ? source : null;
}

/** The rule of the operator that writes the tensor, or of the first integer operator that reads it. */
function ruleFor(graph: Graph, settings: readonly (OperatorSettings | null)[], tensor: number): RangeRule {
  const writer = graph.writer[tensor]!;
  const readers = graph.readers(tensor).map(({ operator }) => operator);
  for (const operator of writer >= 0 ? [writer, ...readers] : readers) {
    const own = settings[operator];
    if (own) return own.ranges;
  }
  return minMax;
}

function findRange(
  graph: Graph,
  tensor: number,
  dtype: ActivationType,
  rule: RangeRule,
  statistics: ActivationStatistics | null,
): ValueRange {
  const constant = graph.constantOf(tensor);
  if (constant !== null) return rangeOfValues(graph.constantValues(constant));
  if (statistics === null) return OPEN_RANGE;
  const seen = statistics.get(tensor);
  return seen === undefined ? OPEN_RANGE : chooseRange(seen, rule, dtype === 'INT8' ? 8 : 16);
}

/** Least and greatest finite value; 0 for none. */
export function rangeOfValues(values: Float32Array): ValueRange {
  let min = 0;
  let max = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min, max };
}
