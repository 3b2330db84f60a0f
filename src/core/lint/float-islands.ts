/** Floats in the midst of integers. */
import type { Graph } from '../optimize/quantize/integer/graph';
import { plural } from '../format';
import { isQuantized } from './quantized';
import type { LintRule, Remark, Subject } from './types';
import { decisionsOf } from './unsupported';
import { counted, kindWords, operatorWords } from './words';

/** Float operators in a quantized model. */
export const floatIslandsRule: LintRule = {
  name: 'float-islands',
  title: 'Floats within a quantized model',
  explanation:
    'Operators left float in a quantized model cost a DEQUANTIZE before, a QUANTIZE after, and float arithmetic between.',
  look(subject) {
    if (!subject.isQuantized) return [];
    const parts = floatParts(subject.graph);
    return [
      ...islandRemarks(
        subject,
        parts.filter(({ isEntered, isLeft }) => isEntered && isLeft),
      ),
      ...endRemarks(
        subject,
        parts.filter(({ isEntered, isLeft }) => isEntered !== isLeft),
      ),
      ...roundTrips(subject),
    ];
  },
};

/** Float operators that hang together. */
interface FloatPart {
  readonly operators: number[];
  /** Reads what DEQUANTIZE makes of integers. */
  isEntered: boolean;
  /** Gives values to QUANTIZE. */
  isLeft: boolean;
}

function floatParts(graph: Graph): FloatPart[] {
  const parent = new Map<number, number>();
  const find = (tensor: number): number => {
    let root = tensor;
    while ((parent.get(root) ?? root) !== root) root = parent.get(root)!;
    for (let at = tensor; at !== root;) {
      const next = parent.get(at) ?? at;
      parent.set(at, root);
      at = next;
    }
    return root;
  };
  const inner: { readonly operator: number; readonly tensor: number }[] = [];
  graph.views.forEach(({ kind, operator }, index) => {
    if (kind === 'QUANTIZE' || kind === 'DEQUANTIZE') return;
    const floats = [...operator.inputs, ...operator.outputs].filter((tensor) =>
      isComputedFloat(graph, tensor),
    );
    if (floats.length === 0) return;
    for (const tensor of floats) parent.set(find(tensor), find(floats[0]!));
    inner.push({ operator: index, tensor: floats[0]! });
  });
  const parts = new Map<number, FloatPart>();
  for (const { operator, tensor } of inner) {
    const root = find(tensor);
    const part = parts.get(root) ?? { operators: [], isEntered: false, isLeft: false };
    part.operators.push(operator);
    parts.set(root, part);
  }
  graph.views.forEach(({ kind, operator }) => {
    const [from, to] = [operator.inputs[0] ?? -1, operator.outputs[0] ?? -1];
    if (kind === 'DEQUANTIZE' && graph.constantOf(from) === null) {
      const part = parts.get(find(to));
      if (part) part.isEntered = true;
    } else if (kind === 'QUANTIZE' && isComputedFloat(graph, from)) {
      const part = parts.get(find(from));
      if (part) part.isLeft = true;
    }
  });
  return [...parts.values()];
}

function isComputedFloat(graph: Graph, tensor: number): boolean {
  return graph.subgraph.tensors[tensor]?.type === 'FLOAT32' && graph.constantOf(tensor) === null;
}

function islandRemarks(subject: Subject, islands: readonly FloatPart[]): Remark[] {
  const { graph } = subject;
  if (islands.length === 0) return [];
  const operators = islands.flatMap((part) => part.operators);
  return [
    {
      severity: 'warning',
      message: `${counted(operators.length, 'operator', 'computes', 'compute')} with floats between integers, in ${plural(islands.length, 'place')}: ${kindWords(graph, operators)}. Each place costs a DEQUANTIZE and a QUANTIZE.`,
      advice: whyIsland(subject, operators),
      operators,
    },
  ];
}

function whyIsland(subject: Subject, operators: readonly number[]): string {
  const decisions = decisionsOf(subject);
  const able = operators.filter((operator) => decisions[operator]!.dtype !== null);
  return able.length > 0
    ? `int8 kernels exist for ${kindWords(subject.graph, able)}: quantize again from the float model to make them integer, unless they were left float for accuracy.`
    : 'None of them has an int8 kernel; only other operators in their place would avoid the conversions.';
}

function endRemarks({ graph }: Subject, ends: readonly FloatPart[]): Remark[] {
  return [true, false].flatMap((isTail): Remark[] => {
    const operators = ends.filter(({ isEntered }) => isEntered === isTail).flatMap((part) => part.operators);
    if (operators.length === 0) return [];
    const side = `${isTail ? 'last' : 'first'} ${operators.length === 1 ? 'operator computes' : `${operators.length} operators compute`}`;
    return [
      {
        severity: 'hint',
        message: `The ${side} with floats: ${kindWords(graph, operators)}.`,
        advice:
          'Often this is meant, for post-processing or exact inputs. A device without floats cannot run the whole model.',
        operators,
      },
    ];
  });
}

/** DEQUANTIZE whose result goes to QUANTIZE alone. */
function roundTrips({ graph }: Subject): Remark[] {
  const operators = graph.views.flatMap(({ kind, operator }, index) => {
    const output = operator.outputs[0] ?? -1;
    const input = graph.subgraph.tensors[operator.inputs[0] ?? -1];
    if (kind !== 'DEQUANTIZE' || !input || !isQuantized(input) || graph.isOutput(output)) return [];
    const readers = graph.readers(output);
    const isOnlyBack =
      readers.length > 0 && readers.every((reader) => graph.views[reader.operator]!.kind === 'QUANTIZE');
    return isOnlyBack ? [index] : [];
  });
  if (operators.length === 0) return [];
  return [
    {
      severity: 'hint',
      message: `${counted(operators.length, 'tensor', 'is', 'are')} turned into floats only to be quantized again, first ${operatorWords(graph, operators[0]!)}.`,
      advice: 'One QUANTIZE from integers to integers does the same without floats.',
      operators,
    },
  ];
}
