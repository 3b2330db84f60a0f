/** Operators that compute with floats where integers were wanted. */
import { presetOptions } from '../optimize/options';
import { passes } from '../optimize/passes';
import { decide } from '../optimize/quantize/integer/decide';
import type { Graph } from '../optimize/quantize/integer/graph';
import { operatorSettings } from '../optimize/quantize/integer/settings';
import { plural } from '../optimize/report';
import { isQuantized } from './quantized';
import type { LintRule, Remark, Subject } from './types';
import { kindWords, operatorWords } from './words';

const NO_KERNEL = /^\S+ has no int8 kernel$/;
const none = new Float32Array(0);

/** Operators of a float model that stay float. */
export const unsupportedInt8Rule: LintRule = {
  name: 'unsupported-int8',
  title: 'No int8 form',
  explanation:
    'Operators that cannot compute with 8-bit integers stay float between DEQUANTIZE and QUANTIZE when the model is quantized.',
  look({ graph, isQuantized: isInteger }) {
    if (isInteger) return [];
    const settings = operatorSettings(presetOptions(passes.integer!));
    // The values of weights are looked at by another rule; not reading them here saves the time.
    const light: Graph = { ...graph, constantValues: () => none };
    const byReason = new Map<string, number[]>();
    graph.views.forEach((_, operator) => {
      const { reason } = decide(light, operator, settings);
      if (reason === '') return;
      const key = NO_KERNEL.test(reason) ? '' : reason;
      const list = byReason.get(key);
      if (list) list.push(operator);
      else byReason.set(key, [operator]);
    });
    return [...byReason].map(([reason, operators]) => ({
      severity: 'hint',
      message:
        reason === ''
          ? `${plural(operators.length, 'operator')} without int8 kernel: ${kindWords(graph, operators)}.`
          : `${plural(operators.length, 'operator')} without int8 form (${kindWords(graph, operators)}): ${reason}.`,
      advice:
        'Quantizing leaves them float between DEQUANTIZE and QUANTIZE. Devices without floats need another operator in their place.',
      operators,
    }));
  },
};

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

function islandRemarks({ graph }: Subject, islands: readonly FloatPart[]): Remark[] {
  if (islands.length === 0) return [];
  const operators = islands.flatMap((part) => part.operators);
  return [
    {
      severity: 'warning',
      message: `${plural(operators.length, 'operator')} ${operators.length === 1 ? 'computes' : 'compute'} with floats between integers, in ${plural(islands.length, 'place')}: ${kindWords(graph, operators)}.`,
      advice: whyIsland(graph, operators),
      operators,
    },
  ];
}

function whyIsland(graph: Graph, operators: readonly number[]): string {
  const able = operators.filter((operator) => hasIntegerKernel(graph, operator));
  return able.length > 0
    ? `${kindWords(graph, able)} ${able.length === 1 ? 'has' : 'have'} an int8 kernel: quantize again from the float model to drop the conversions, unless accuracy was the reason.`
    : 'None of them has an int8 kernel. Each island costs two conversions; another operator in their place would avoid it.';
}

function hasIntegerKernel(graph: Graph, operator: number): boolean {
  const settings = operatorSettings(presetOptions(passes.integer!));
  return decide({ ...graph, constantValues: () => none }, operator, settings).dtype !== null;
}

function endRemarks({ graph }: Subject, ends: readonly FloatPart[]): Remark[] {
  return [true, false].flatMap((isTail): Remark[] => {
    const operators = ends.filter(({ isEntered }) => isEntered === isTail).flatMap((part) => part.operators);
    if (operators.length === 0) return [];
    const side = isTail ? 'last' : 'first';
    return [
      {
        severity: 'hint',
        message: `The ${side} ${plural(operators.length, 'operator')} compute with floats: ${kindWords(graph, operators)}.`,
        advice:
          'Often meant so, for post-processing or exact inputs. A device without floats cannot run the model whole.',
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
      message: `${plural(operators.length, 'tensor')} turned to floats only to be quantized again, first ${operatorWords(graph, operators[0]!)}.`,
      advice: 'One QUANTIZE from integers to integers does the same without floats.',
      operators,
    },
  ];
}
