/** Biases that do not fit into 32 bits, and biases with other scales than the kernel computes with. */
import { formatCount, formatNumber, formatPercent, plural } from '../format';
import { scaleInfo, tensorValues } from '../model/tensors';
import { chooseRange } from '../optimize/calibrate/ranges';
import type { RangeRule } from '../optimize/calibrate/types';
import { scaleFor } from '../optimize/quantize/integer/scale';
import { NARROWEST_RANGE } from '../optimize/quantize/weights/scales';
import { operandAt } from '../ops';
import type { Layer } from './layers';
import type { LintRule, Remark, Subject } from './types';
import { counted, operatorWords } from './words';

const LARGEST_INT32 = 2 ** 31 - 1;
/** Biases are rounded in float32 by some writers: this far below a bound counts as on it. */
const ROUNDING = 1 - 1e-6;
const minMax: RangeRule = { method: 'min-max', percentile: 100 };

/** How the biases of one layer lie in 32 bits: numbers of output channels. */
interface BiasCase {
  readonly layer: Layer;
  /** At the end of the 32 bits: the bias was cut off. */
  readonly cut: number;
  /** From half of the 32 bits on: the weight scale was widened for the bias, or the sum has little room left. */
  readonly wide: number;
  /** Among the latter, channels that keep integers of 16 or more. */
  readonly alive: number;
  /** Smallest scale among the latter. */
  readonly scale: number;
}

/** Biases at the end of 32 bits. */
export const biasOverflowRule: LintRule = {
  name: 'bias-overflow',
  title: 'Biases beyond 32 bits',
  explanation:
    'A bias is stored as a multiple of input scale times weight scale; where the weights of a channel are tiny it does not fit into 32 bits, and is cut off or costs the weights their steps.',
  look(subject) {
    const cases = subject.layers.flatMap((layer) => {
      const found = subject.isQuantized ? storedCase(subject, layer) : predictedCase(subject, layer);
      return found && found.cut + found.wide > 0 ? [found] : [];
    });
    if (cases.length === 0) return [];
    return subject.isQuantized
      ? [...cutRemarks(subject, cases), ...widenedRemarks(cases)]
      : predictedRemarks(cases);
  },
};

function biasOf({ graph }: Subject, { operator }: Layer): number | null {
  const view = graph.views[operator]!;
  const at = view.operator.inputs.findIndex((tensor, i) => tensor >= 0 && operandAt(view, i).role === 'bias');
  return at < 0 ? null : graph.constantOf(view.operator.inputs[at]!);
}

function inputOf({ graph }: Subject, { operator, kind }: Layer): number {
  return graph.subgraph.operators[operator]!.inputs[kind === 'TRANSPOSE_CONV' ? 2 : 0] ?? -1;
}

/** From the stored integers: |q| at 2^31 - 1 was cut off, |q| from 2^30 on is what the converter's widening leaves. */
function storedCase(subject: Subject, layer: Layer): BiasCase | null {
  const { model, index, subgraph } = subject.graph;
  const bias = biasOf(subject, layer);
  if (bias === null || subgraph.tensors[bias]!.type !== 'INT32' || layer.scales === null) return null;
  const values = tensorValues(model, index, bias);
  let [cut, wide, alive, smallest] = [0, 0, 0, Infinity];
  for (let c = 0; c < values.length; c++) {
    const size = Math.abs(Number(values[c]!));
    if (size < (LARGEST_INT32 / 2) * ROUNDING) continue;
    const scale = layer.scales[layer.scales.length === 1 ? 0 : c]!;
    if (size >= LARGEST_INT32 * ROUNDING) cut++;
    else {
      wide++;
      if (layer.spread.largest[c]! / scale >= 16) alive++;
      smallest = Math.min(smallest, scale);
    }
  }
  return { layer, cut, wide, alive, scale: smallest };
}

/** From the measured range of the input: |b| >= 0.5 * s_in * s_w * (2^31 - 1), the converter's own bound. */
function predictedCase(subject: Subject, layer: Layer): BiasCase | null {
  const bias = biasOf(subject, layer);
  const seen = subject.statistics?.get(inputOf(subject, layer));
  if (bias === null || !seen || seen.count === 0 || !layer.isFinite) return null;
  const inputScale = scaleFor(chooseRange(seen, minMax, 8), 'INT8').scale;
  const values = subject.graph.constantValues(bias);
  let [wide, alive, smallest] = [0, 0, Infinity];
  for (let c = 0; c < values.length; c++) {
    const largest = layer.spread.largest[c]!;
    const scale = Math.max(largest, NARROWEST_RANGE) / 127;
    const size = Math.abs(values[c]!);
    if (size < 0.5 * inputScale * scale * LARGEST_INT32) continue;
    wide++;
    if (largest / ((2 * size) / (LARGEST_INT32 * inputScale)) >= 16) alive++;
    smallest = Math.min(smallest, scale);
  }
  return { layer, cut: 0, wide, alive, scale: smallest };
}

const sumOf = (cases: readonly BiasCase[], key: 'cut' | 'wide' | 'alive') =>
  cases.reduce((sum, one) => sum + one[key], 0);
const worstFirst = (cases: readonly BiasCase[], key: 'cut' | 'wide') =>
  cases
    .filter((one) => one[key] > 0)
    .sort((a, b) => b[key] - a[key])
    .map(({ layer }) => layer.operator);

function cutRemarks({ graph }: Subject, cases: readonly BiasCase[]): Remark[] {
  const operators = worstFirst(cases, 'cut');
  if (operators.length === 0) return [];
  return [
    {
      severity: 'warning',
      message: `${counted(sumOf(cases, 'cut'), 'bias value', 'lies', 'lie')} at the end of 32 bits, in ${plural(operators.length, 'layer')}, most in ${operatorWords(graph, operators[0]!)}: cut off when the model was quantized, so that these channels give wrong numbers.`,
      advice:
        'Quantize again from the float model with a tool that widens the weight scale of such channels, as the recipe int8 does.',
      operators,
    },
  ];
}

function widenedRemarks(cases: readonly BiasCase[]): Remark[] {
  const operators = worstFirst(cases, 'wide');
  if (operators.length === 0) return [];
  const [wide, alive] = [sumOf(cases, 'wide'), sumOf(cases, 'alive')];
  const smallest = cases.reduce((least, { scale }) => Math.min(least, scale), Infinity);
  return [
    {
      severity: 'hint',
      message: `${counted(wide, 'bias value', 'takes', 'take')} up half of 32 bits, in ${plural(operators.length, 'layer')}: the weight scales of these channels, the smallest ${formatNumber(smallest, 3)}, were widened so that the bias fits. ${rest(wide, alive)}`,
      advice:
        alive < wide
          ? 'Nothing is lost where the weights were practically zero. Such channels give a constant: removing them before quantizing saves their bytes and time.'
          : 'Nothing is lost; the sums of these channels have one bit of room left.',
      operators,
    },
  ];
}

function rest(wide: number, alive: number): string {
  const flat = wide - alive;
  if (flat === wide) return 'Their weights keep fewer than 16 steps, or none.';
  if (flat === 0) return 'Their weights keep 16 steps or more.';
  return `In ${formatCount(flat)} of them (${formatPercent(flat / wide, 0)}) the weights keep fewer than 16 steps, or none.`;
}

function predictedRemarks(cases: readonly BiasCase[]): Remark[] {
  const operators = worstFirst(cases, 'wide');
  const [wide, alive] = [sumOf(cases, 'wide'), sumOf(cases, 'alive')];
  return [
    {
      severity: 'hint',
      message: `${counted(wide, 'bias value', 'needs', 'need')} more than half of 32 bits beside int8 weights, in ${plural(operators.length, 'layer')}: the weights of these channels are tiny beside their bias. ${rest(wide, alive)}`,
      advice:
        'The recipe int8 widens their weight scales, as the official converter does; tools without such a guard cut the biases off. Channels whose weights are practically zero are better removed before.',
      operators,
    },
  ];
}

/** Bias scales that differ from input scale times weight scale. */
export const biasScaleRule: LintRule = {
  name: 'bias-scale',
  title: 'Biases of another scale',
  explanation:
    'Kernels add biases as multiples of input scale times weight scale, whatever scale the bias says it has; a bias stored in another one counts too much or too little.',
  look(subject) {
    if (!subject.isQuantized) return [];
    const hits = subject.layers.flatMap((layer) => {
      const steps = scaleError(subject, layer);
      return steps > 0.5 ? [{ operator: layer.operator, steps }] : [];
    });
    if (hits.length === 0) return [];
    hits.sort((a, b) => b.steps - a.steps);
    const worst = hits[0]!;
    return [
      {
        severity: 'warning',
        message: `The bias of ${plural(hits.length, 'layer')} is stored in another scale than input scale times weight scale. In ${operatorWords(subject.graph, worst.operator)} that shifts an output by ${formatNumber(worst.steps, 2)} of its steps.`,
        advice:
          'Quantize again from the float model. A bias that two layers share needs a copy for each, as their scales differ.',
        operators: hits.map(({ operator }) => operator),
      },
    ];
  },
};

/** By how many steps of the output the bias is off at most. */
function scaleError(subject: Subject, layer: Layer): number {
  const { model, index, subgraph } = subject.graph;
  const bias = biasOf(subject, layer);
  const output = subgraph.tensors[subgraph.operators[layer.operator]!.outputs[0] ?? -1];
  const input = subgraph.tensors[inputOf(subject, layer)];
  const [biasInfo, outputInfo, inputInfo] = [
    bias === null ? null : scaleInfo(subgraph.tensors[bias]!),
    output ? scaleInfo(output) : null,
    input ? scaleInfo(input) : null,
  ];
  if (bias === null || !biasInfo || !outputInfo || !inputInfo || !layer.scales) return 0;
  const values = tensorValues(model, index, bias);
  let worst = 0;
  for (let c = 0; c < values.length; c++) {
    const used = inputInfo.scale[0]! * layer.scales[layer.scales.length === 1 ? 0 : c]!;
    const said = biasInfo.scale[biasInfo.scale.length === 1 ? 0 : c]!;
    worst = Math.max(worst, (Math.abs(Number(values[c]!)) * Math.abs(said - used)) / outputInfo.scale[0]!);
  }
  return worst;
}
