/** Scales that the kernels of quantized operators take for granted. */
import { formatNumber } from '../format';
import { scaleInfo } from '../model/tensors';
import type { Tensor } from '../model/types';
import { operandAt, specOf } from '../ops';
import type { FixedScale } from '../ops';
import { plural } from '../optimize/report';
import { isQuantized } from './quantized';
import type { LintRule, Remark, Subject } from './types';
import { kindWords, operatorWords } from './words';

/** The kernels allow for rounding of this share. */
const TOLERANCE = 1e-3;
/** The step in which comparison kernels hold both sides against each other: they keep 8 bits behind the point. */
const COMPARED_STEP = 1 / 256;
const COMPARISONS: ReadonlySet<string> = new Set([
  'EQUAL',
  'NOT_EQUAL',
  'GREATER',
  'GREATER_EQUAL',
  'LESS',
  'LESS_EQUAL',
]);

interface Scale extends FixedScale {
  readonly type: string;
}

/** Operators whose output has a prescribed scale and does not have it. */
export const fixedOutputRule: LintRule = {
  name: 'fixed-output',
  title: 'Wrong output scale',
  explanation:
    'LOGISTIC, SOFTMAX, TANH, LOG_SOFTMAX and L2_NORMALIZATION write integers of one prescribed scale; a file that says another one is refused or read wrongly.',
  look({ graph }) {
    const hits = graph.views.flatMap(({ kind, operator, inputs }, index) => {
      const output = scaleOf(graph.subgraph.tensors[operator.outputs[0] ?? -1]);
      const wanted = output && inputs[0] && isQuantized(inputs[0]) ? prescribed(kind, output.type) : null;
      if (!output || !wanted) return [];
      const isRight =
        Math.abs(output.scale / wanted.scale - 1) <= TOLERANCE && output.zeroPoint === wanted.zeroPoint;
      return isRight ? [] : [{ index, output, wanted }];
    });
    const first = hits[0];
    if (!first) return [];
    return [
      {
        severity: 'warning',
        message: `The output of ${operatorWords(graph, first.index)} says ${scaleWords(first.output)}; the kernel writes ${scaleWords(first.wanted)}.${others(hits.length - 1, 'operator', ' likewise')}`,
        advice:
          'Quantize again from the float model with these outputs in the prescribed scale; the recipe int8 does so.',
        operators: hits.map(({ index }) => index),
      },
    ];
  },
};

/** Scale and zero point that the kernel writes; uint8 is int8 shifted by 128. */
function prescribed(kind: string, type: string): FixedScale | null {
  const rule = specOf(kind)?.quantization;
  if (rule?.kind !== 'fixed-output') return null;
  if (type === 'INT16') return rule.int16;
  return type === 'INT8' ? rule.int8 : { scale: rule.int8.scale, zeroPoint: rule.int8.zeroPoint + 128 };
}

/** Operators that hand integers on as they are, between tensors of different scales. */
export const sameScaleRule: LintRule = {
  name: 'same-scale',
  title: 'Scales that should be equal',
  explanation:
    'Operators that only move or choose values copy the integers; where input and output have different scales the numbers change, or the kernel refuses.',
  look({ graph }) {
    const hits = graph.views.flatMap(({ kind, operator }, index) => {
      const output = scaleOf(graph.subgraph.tensors[operator.outputs[0] ?? -1]);
      // The uint8 kernel of CONCATENATION converts its inputs itself.
      if (!output || specOf(kind)?.quantization.kind !== 'same-scale') return [];
      if (kind === 'CONCATENATION' && output.type === 'UINT8') return [];
      for (const [input, tensor] of operator.inputs.entries()) {
        if (operandAt(graph.views[index]!, input).role !== 'activation') continue;
        const scale = scaleOf(graph.subgraph.tensors[tensor]);
        if (scale?.type === output.type && !isSame(scale, output)) return [{ index, scale, output }];
      }
      return [];
    });
    const first = hits[0];
    if (!first) return [];
    return [
      {
        severity: 'warning',
        message:
          `${operatorWords(graph, first.index)} copies integers, but its input has ${scaleWords(first.scale)} and its output ${scaleWords(first.output)}.${others(
            hits.length - 1,
            'operator',
            ` do the same: ${kindWords(
              graph,
              hits.slice(1).map(({ index }) => index),
            )}`,
          )}`.replace(/^o/, 'O'),
        advice:
          'Quantize again from the float model; a tool that keeps such operands on one scale, or converts them with QUANTIZE, is needed.',
        operators: hits.map(({ index }) => index),
      },
    ];
  },
};

/** Comparisons of integers that come out other than those of the numbers. */
export const comparisonScalesRule: LintRule = {
  name: 'comparison-scales',
  title: 'Comparisons of fine or unequal scales',
  explanation:
    'Comparison kernels bring both sides to steps of 1/256 first, so that finer differences vanish; some readers compare the integers as they are, which needs equal scales.',
  look({ graph }) {
    const fine: number[] = [];
    const unequal: number[] = [];
    graph.views.forEach(({ kind, operator }, index) => {
      if (!COMPARISONS.has(kind)) return;
      const [a, b] = Array.from(operator.inputs, (tensor) => scaleOf(graph.subgraph.tensors[tensor]));
      if (!a || !b) return;
      if (Math.min(a.scale, b.scale) < COMPARED_STEP * (1 - TOLERANCE)) fine.push(index);
      if (!isSame(a, b)) unequal.push(index);
    });
    const remarks: Remark[] = [];
    if (fine.length > 0) {
      remarks.push({
        severity: 'warning',
        message: `${plural(fine.length, 'comparison')} (${kindWords(graph, fine)}) read values in finer steps than 1/256, the step in which the kernel compares: values less than 0.0039 apart may count as equal.`,
        advice: 'Leave these operators float, or multiply both sides by a number before they are compared.',
        operators: fine,
      });
    }
    if (unequal.length > 0) {
      remarks.push({
        severity: 'hint',
        message: `${plural(unequal.length, 'comparison')} (${kindWords(graph, unequal)}) hold values of two scales against each other. LiteRT converts them in steps of 1/256; readers that compare the integers as they are answer wrongly.`,
        advice: 'Give both sides one scale: convert one of them with QUANTIZE before.',
        operators: unequal,
      });
    }
    return remarks;
  },
};

function scaleOf(tensor: Tensor | undefined): Scale | null {
  const info = tensor && isQuantized(tensor) ? scaleInfo(tensor) : null;
  if (!tensor || info?.scale.length !== 1) return null;
  return { scale: info.scale[0]!, zeroPoint: info.zeroPoint[0]!, type: tensor.type };
}

const isSame = (a: FixedScale, b: FixedScale) =>
  a.zeroPoint === b.zeroPoint && Math.abs(a.scale / b.scale - 1) < 1e-6;
const scaleWords = ({ scale, zeroPoint }: FixedScale) =>
  `scale ${formatNumber(scale)}, zero point ${formatNumber(zeroPoint)}`;
const others = (number: number, word: string, verb: string) =>
  number > 0 ? ` ${plural(number, `other ${word}`)}${verb}.` : '';

/** What XNNPACK, the runtime's CPU path, asks of the scales of quantized operators (`xnnpack_delegate.cc`). */
export const scaleLimitsRule: LintRule = {
  name: 'scale-limits',
  title: 'Scales beyond XNNPACK’s limits',
  explanation:
    'XNNPACK takes positive normal scales, and ratios of scales within bounds; operators beyond them run in slower kernels, or the model is refused.',
  look(subject) {
    return [...invalidScales(subject), ...ratioRemarks(subject)];
  },
};

const SMALLEST_NORMAL = 2 ** -126;

function invalidScales({ graph }: Subject): Remark[] {
  const zero: number[] = [];
  const offsets: number[] = [];
  graph.subgraph.tensors.forEach((tensor, index) => {
    const { quantization } = tensor;
    if (!quantization?.scale || !QUANTIZED_TYPES.has(tensor.type)) return;
    const { scale, zeroPoint } = quantization;
    // Biases have no scale of their own: some writers leave a 0 there that nobody reads.
    if (tensor.type !== 'INT32' && scale.some((one) => !(one >= SMALLEST_NORMAL && one < Infinity)))
      zero.push(index);
    const points = zeroPoint?.length ?? 0;
    const isPerChannel = scale.length > 1;
    if (
      (points > 1 && points !== scale.length) ||
      (isPerChannel && tensor.type !== 'UINT8' && zeroPoint?.some((one) => one !== 0n) === true)
    )
      offsets.push(index);
  });
  const remarks: Remark[] = [];
  if (zero.length > 0) {
    remarks.push({
      severity: 'warning',
      message: `${plural(zero.length, 'tensor')} have scales that are zero, negative, not finite or too small for a normal float32, first ${nameOf(graph.subgraph.tensors[zero[0]!]!, zero[0]!)}.`,
      advice:
        'Quantize again from the float model with scales of at least 3.9e−9 for practically zero ranges, as the recipe int8 writes them.',
      operators: [],
      tensors: zero,
    });
  }
  if (offsets.length > 0) {
    remarks.push({
      severity: 'warning',
      message: `${plural(offsets.length, 'tensor')} with one scale per channel have zero points other than 0, or more or fewer zero points than scales, first ${nameOf(graph.subgraph.tensors[offsets[0]!]!, offsets[0]!)}.`,
      advice: 'Quantize weights symmetrically (zero point 0).',
      operators: [],
      tensors: offsets,
    });
  }
  return remarks;
}

const QUANTIZED_TYPES: ReadonlySet<string> = new Set(['INT8', 'UINT8', 'INT4', 'INT32']);
const nameOf = ({ name }: Tensor, index: number) => name ?? `tensor ${index}`;

interface Ratio {
  readonly words: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

function ratioRemarks({ graph }: Subject): Remark[] {
  const hits = graph.views.flatMap(({ kind, operator }, index) => {
    const [a, b] = Array.from(operator.inputs, (tensor) => scaleOf(graph.subgraph.tensors[tensor]));
    const out = scaleOf(graph.subgraph.tensors[operator.outputs[0] ?? -1]);
    if (!a || !out || out.type === 'INT16' || a.type === 'INT16') return [];
    const ratio = ratiosOf(kind, a, b ?? null, out).find(
      ({ value, low, high }) => value < low || value >= high,
    );
    return ratio ? [{ index, ratio }] : [];
  });
  const first = hits[0];
  if (!first) return [];
  const { words, value, low, high } = first.ratio;
  return [
    {
      severity: 'warning',
      message: `${plural(hits.length, 'operator')} (${kindWords(
        graph,
        hits.map(({ index }) => index),
      )}) have scales too far apart for XNNPACK: in ${operatorWords(graph, first.index)} ${words} is ${formatNumber(value, 3)}, and has to lie from ${formatNumber(low, 3)} to ${formatNumber(high, 3)}.`,
      advice:
        'They run in slower kernels. Such ratios come from ranges that hardly overlap: look at the ranges with samples, or leave these operators float.',
      operators: hits.map(({ index }) => index),
    },
  ];
}

function ratiosOf(kind: string, a: Scale, b: Scale | null, out: Scale): Ratio[] {
  switch (kind) {
    case 'ADD':
    case 'SUB':
      return [a, b].flatMap((one) =>
        one
          ? [
              {
                words: 'input scale / output scale',
                value: one.scale / out.scale,
                low: 2 ** -10,
                high: 2 ** 8,
              },
            ]
          : [],
      );
    case 'MUL':
      return b
        ? [
            {
              words: 'the product of the input scales / output scale',
              value: (a.scale * b.scale) / out.scale,
              low: 2 ** -16,
              high: 2 ** 8,
            },
          ]
        : [];
    case 'LEAKY_RELU':
      return [
        {
          words: 'input scale / output scale',
          value: a.scale / out.scale,
          low: 2 ** -8,
          high: 2 ** 7 + 1e-6,
        },
      ];
    case 'QUANTIZE':
      return [
        {
          words: 'input scale / output scale',
          value: a.scale / out.scale,
          low: 2 ** -8,
          high: 2 ** 7 + 1e-6,
        },
      ];
    default:
      return [];
  }
}
