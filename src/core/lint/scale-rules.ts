/** Scales that the kernels of quantized operators take for granted. */
import { formatNumber, plural } from '../format';
import { operandAt, specOf } from '../ops';
import type { FixedScale } from '../ops';
import { isQuantized, scaleOf } from './quantized';
import type { LintRule, Remark } from './types';
import { counted, kindWords, operatorWords } from './words';

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
        message: `${counted(fine.length, 'comparison', 'reads', 'read')} values in finer steps than 1/256, the step in which the kernel compares: values less than 0.0039 apart may count as equal. (${kindWords(graph, fine)})`,
        advice: 'Leave these operators float, or multiply both sides by a number before they are compared.',
        operators: fine,
      });
    }
    if (unequal.length > 0) {
      remarks.push({
        severity: 'hint',
        message: `${counted(unequal.length, 'comparison', 'holds', 'hold')} values of two scales against each other (${kindWords(graph, unequal)}). LiteRT converts them in steps of 1/256; readers that compare the integers as they are answer wrongly.`,
        advice: 'Give both sides one scale: convert one of them with QUANTIZE before.',
        operators: unequal,
      });
    }
    return remarks;
  },
};

const isSame = (a: FixedScale, b: FixedScale) =>
  a.zeroPoint === b.zeroPoint && Math.abs(a.scale / b.scale - 1) < 1e-6;
const scaleWords = ({ scale, zeroPoint }: FixedScale) =>
  `scale ${formatNumber(scale)}, zero point ${formatNumber(zeroPoint)}`;
const others = (number: number, word: string, verb: string) =>
  number > 0 ? ` ${plural(number, `other ${word}`)}${verb}.` : '';
