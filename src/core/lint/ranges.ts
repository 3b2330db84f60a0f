/** Ranges of values that the file alone tells: from operators with bounded outputs, constants, and arithmetic on both. */
import { elementCount, scaleInfo } from '../model/tensors';
import type { Tensor } from '../model/types';
import { specOf } from '../ops';
import type { ValueRange } from '../optimize/calibrate/types';
import type { Graph } from '../optimize/quantize/integer/graph';
import { rangeOfValues } from '../optimize/quantize/integer/scales';
import { isQuantized } from './quantized';

const unit: ValueRange = { min: 0, max: 1 };
const signedUnit: ValueRange = { min: -1, max: 1 };

const BOUNDED: Readonly<Record<string, ValueRange>> = {
  LOGISTIC: unit,
  SOFTMAX: unit,
  RELU_0_TO_1: unit,
  RELU6: { min: 0, max: 6 },
  RELU_N1_TO_1: signedUnit,
  TANH: signedUnit,
  L2_NORMALIZATION: signedUnit,
  SIN: signedUnit,
  COS: signedUnit,
  SIGN: signedUnit,
};
/** Constants with more elements than this are not looked through for their range. */
const LARGEST_CONSTANT = 1 << 20;

export type RangeLookup = (tensor: number) => ValueRange | null;

/**
 * Bounds of each float or quantized tensor as far as the file tells them (null: not known). One walk over the operators,
 * which the file lists in the order in which they run.
 */
export function staticRanges(graph: Graph): RangeLookup {
  const { tensors } = graph.subgraph;
  const ranges = new Map<number, ValueRange>();
  const rangeOf: RangeLookup = (tensor) => {
    const known = ranges.get(tensor);
    if (known) return known;
    const found = constantRange(graph, tensor);
    if (found) ranges.set(tensor, found);
    return found;
  };
  graph.views.forEach(({ kind, operator }, index) => {
    const output = operator.outputs[0] ?? -1;
    const type = tensors[output]?.type;
    if (type !== 'FLOAT32' && !(tensors[output] && isQuantized(tensors[output]))) return;
    const range = outputRange(graph, index, rangeOf);
    if (!range) return;
    const isSplit = kind === 'SPLIT' || kind === 'SPLIT_V' || kind === 'UNPACK';
    for (const tensor of isSplit ? operator.outputs : [output]) ranges.set(tensor, range);
  });
  return rangeOf;
}

/** The real values that a quantized tensor can hold; null for one without a single scale. */
export function heldRange(tensor: Tensor): ValueRange | null {
  const info = scaleInfo(tensor);
  if (!isQuantized(tensor) || info?.scale.length !== 1) return null;
  const [scale, zero] = [info.scale[0]!, info.zeroPoint[0]!];
  const [low, high] =
    tensor.type === 'UINT8' ? [0, 255] : tensor.type === 'INT8' ? [-128, 127] : [-32768, 32767];
  return { min: scale * (low - zero), max: scale * (high - zero) };
}

/** The smallest range that holds all of them and 0. */
export function unionOf(ranges: readonly ValueRange[]): ValueRange {
  return {
    min: ranges.reduce((least, { min }) => Math.min(least, min), 0),
    max: ranges.reduce((most, { max }) => Math.max(most, max), 0),
  };
}

function constantRange(graph: Graph, tensor: number): ValueRange | null {
  const source = tensor < 0 ? null : graph.constantOf(tensor);
  const item = source === null ? null : graph.subgraph.tensors[source];
  if (source === null || !item || (item.type !== 'FLOAT32' && !isQuantized(item) && item.type !== 'FLOAT16'))
    return null;
  if (elementCount(item) > LARGEST_CONSTANT) return null;
  return rangeOfValues(graph.constantValues(source));
}

function outputRange(graph: Graph, index: number, rangeOf: RangeLookup): ValueRange | null {
  const view = graph.views[index]!;
  const { kind, operator } = view;
  const bounded = BOUNDED[kind];
  if (bounded) return bounded;
  const fused = fusedRange(operator.builtinOptions?.value);
  if (fused) return fused;
  const of = (input: number) => rangeOf(operator.inputs[input] ?? -1);
  switch (kind) {
    case 'ADD':
    case 'SUB':
    case 'MUL':
      return hasActivation(operator.builtinOptions?.value) ? null : arithmetic(kind, of(0), of(1));
    case 'CONCATENATION':
    case 'PACK':
    case 'MAXIMUM':
    case 'MINIMUM': {
      const ranges = Array.from(operator.inputs, (_, i) => of(i));
      return ranges.every((range) => range !== null) ? unionOf(ranges) : null;
    }
    case 'SPLIT':
      return of(1);
    case 'PADV2':
    case 'SELECT':
    case 'SELECT_V2':
    case 'SCATTER_ND':
    case 'DYNAMIC_UPDATE_SLICE':
    case 'FILL':
      return null;
    case 'QUANTIZE':
    case 'DEQUANTIZE':
    case 'MEAN':
      return of(0);
    case 'PAD': {
      const range = of(0);
      return range && unionOf([range]);
    }
    default:
      return specOf(kind)?.quantization.kind === 'same-scale' ? of(0) : null;
  }
}

function arithmetic(
  kind: 'ADD' | 'SUB' | 'MUL',
  a: ValueRange | null,
  b: ValueRange | null,
): ValueRange | null {
  if (!a || !b) return null;
  if (kind === 'ADD') return { min: a.min + b.min, max: a.max + b.max };
  if (kind === 'SUB') return { min: a.min - b.max, max: a.max - b.min };
  const products = [a.min * b.min, a.min * b.max, a.max * b.min, a.max * b.max];
  return { min: Math.min(...products), max: Math.max(...products) };
}

function fusedRange(options: object | undefined): ValueRange | null {
  const fused = fusedActivation(options);
  return BOUNDED[fused] ?? null;
}

function hasActivation(options: object | undefined): boolean {
  return fusedActivation(options) !== 'NONE';
}

/** Name of the activation in an operator's options, `NONE` where there is none. */
export function fusedActivation(options: object | undefined): string {
  return options && 'fusedActivationFunction' in options ? String(options.fusedActivationFunction) : 'NONE';
}
