/** Scales that XNNPACK does not take. */
import { formatNumber, plural } from '../format';
import type { Tensor } from '../model/types';
import { type Scale, scaleOf } from './quantized';
import type { LintRule, Remark, Subject } from './types';
import { kindWords, operatorWords } from './words';

/** What XNNPACK, the runtime's CPU path, asks of the scales of quantized operators (`xnnpack_delegate.cc`). */
export const scaleLimitsRule: LintRule = {
  name: 'scale-limits',
  title: "Scales beyond XNNPACK's limits",
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
    // Constants that DEQUANTIZE unpacks may be of any kind.
    if (graph.readers(index).every(({ operator }) => graph.views[operator]!.kind === 'DEQUANTIZE')) return;
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
        'They run in slower kernels, and what is so much smaller than the result hardly counts in it. Check the ranges with samples, or leave these operators float when quantizing.',
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
