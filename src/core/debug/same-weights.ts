/** Whether a variant was made from the original at all. */
import { type Layer, layersOf } from '../lint/layers';
import { realValues } from '../model/dequantize';
import type { Model } from '../model/types';
import { graphOf } from '../optimize/quantize/integer/graph';
import { plural } from '../format';
import { MAIN } from './plan';
import type { DebugReport, OperatorDebug } from './types';

/** Quantized weights, even of few bits or equalized, point far more into the direction of the original's than this. */
const LEAST_COSINE = 0.5;

/**
 * A sentence about layers of a variant whose weights are not those of the original, or null: the figures of such a report
 * are differences between two models. Reads every weight.
 */
export function foreignWeights(report: DebugReport, original: Model, variant: Model): string | null {
  const before = new Map(layersOf(graphOf(original, MAIN)).map((layer) => [layer.operator, layer]));
  const after = new Map(layersOf(graphOf(variant, MAIN)).map((layer) => [layer.operator, layer]));
  const pairs = report.operators.flatMap((operator) => {
    const [one, other] = [before.get(operator.operator), after.get(operator.variantOperator)];
    return one && other && isComparable(one, other) ? [{ operator, one, other }] : [];
  });
  const foreign: OperatorDebug[] = pairs
    .filter(({ one, other }) => {
      const [a, b] = [realValues(original, MAIN, one.constant), realValues(variant, MAIN, other.constant)];
      return a.length === b.length && cosine(a, b) < LEAST_COSINE;
    })
    .map(({ operator }) => operator);
  const [first] = foreign;
  if (!first) return null;
  return `The weights of ${foreign.length} of ${plural(pairs.length, 'layer')} are not those of the original (first ${first.kind} ${first.operator}): the variant was made from another model, so that these figures say nothing about quantization.`;
}

function isComparable(a: Layer, b: Layer): boolean {
  return a.isFinite && b.isFinite && a.channels === b.channels && a.depth === b.depth;
}

/** Cosine of the angle between two lists of one length; 1 where one of them is zero. */
function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [dot, first, second] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    first += a[i]! * a[i]!;
    second += b[i]! * b[i]!;
  }
  return first > 0 && second > 0 ? dot / Math.sqrt(first * second) : 1;
}
