/** The ways to store one layer's weights that are worth comparing. */
import { type ClipRule, clippedRanges } from './clip';
import type { LayerGeometry } from './geometry';
import { gptq } from './gptq';
import type { InputMoments } from './gram';
import { recoveredScales } from './recover';
import {
  blockScales,
  blockShape,
  fullRanges,
  type IntegerWeights,
  largestInteger,
  quantizeToRanges,
  quantizeWith,
  scalesOf,
  type WeightBits,
} from './scales';

/** One scale for all, one per output, or one per block of that many inputs of an output. */
export type ScaleGrain = 'tensor' | 'channel' | { readonly blockSize: number };

/** How a layer's weights are to be stored. */
export interface WeightRule {
  readonly bits: WeightBits;
  readonly grain: ScaleGrain;
  readonly rounding: 'nearest' | 'gptq';
  readonly clip: 'none' | ClipRule;
  /** Whether the caller takes the mean change of each output from the bias (`ChosenWeights.shifts`): errors are those left then. */
  readonly correctsBias: boolean;
  /** Scales that a bias needs in order to fit 32 bits (0 where any will do), as many as there are; null: no bias to mind. */
  readonly leastScales: Float32Array | null;
}

/** Where the weights of each output lie, and which inputs they see. */
export type LayerRows = Pick<LayerGeometry, 'channelAxis' | 'outputs' | 'depth' | 'groups'>;

/** Integers [outputs, depth] and their scales, and how they came about. */
export interface Candidate extends IntegerWeights {
  readonly range: 'full' | 'clipped' | 'recovered';
  readonly rounding: 'nearest' | 'gptq';
}

/**
 * Candidates for weights given as rows [outputs, depth], plain rounding with full ranges first. Those of one range share
 * their scales. GPTQ is among them when the rule asks for it and `fit` has seen inputs.
 */
export function makeCandidates(
  rows: Float32Array,
  layer: LayerRows,
  rule: WeightRule,
  fit: InputMoments | null,
): Candidate[] {
  const candidates: Candidate[] = [];
  const { shape, axis } = scaleLayout(rows.length, layer, rule.grain);
  const { bits } = rule;
  const add = (range: Candidate['range'], rounded: IntegerWeights) => {
    candidates.push({ range, rounding: 'nearest', ...rounded });
    if (rule.rounding !== 'gptq' || fit === null || fit.rows === 0) return;
    const values = gptqLayer(rows, layer, rounded, rule, fit);
    if (values !== null) candidates.push({ range, rounding: 'gptq', values, scales: rounded.scales });
  };
  const withRanges = (ranges: Float32Array): IntegerWeights => {
    const bounded = atLeast(ranges, rule.leastScales, bits);
    if (typeof rule.grain === 'string') return quantizeToRanges(rows, shape, axis, bounded, bits);
    const scales = blockScales(scalesOf(bounded, bits));
    return { values: quantizeWith(rows, shape, axis, scales, bits), scales };
  };
  add('full', withRanges(fullRanges(rows, shape, axis, bits)));
  if (rule.clip !== 'none') add('clipped', withRanges(clippedRanges(rows, shape, axis, bits, rule.clip)));
  // Weights that lie on a grid gain nothing from GPTQ; a grid finer than the bias bears is of no use.
  const recovered = typeof rule.grain === 'string' ? recoveredScales(rows, shape, axis, bits) : null;
  if (recovered?.every((scale, i) => scale >= (rule.leastScales?.[i] ?? 0))) {
    const values = quantizeWith(rows, shape, axis, recovered, bits);
    candidates.push({ range: 'recovered', rounding: 'nearest', values, scales: recovered });
  }
  return candidates;
}

/** The shape and axis along which rows of weights have scales of their own. */
export function scaleLayout(
  length: number,
  { outputs, depth }: LayerRows,
  grain: ScaleGrain,
): { readonly shape: readonly number[]; readonly axis: number | null } {
  if (grain === 'tensor') return { shape: [outputs, depth], axis: null };
  if (grain === 'channel') return { shape: [outputs, depth], axis: 0 };
  return { shape: blockShape(length, grain.blockSize), axis: 0 };
}

function atLeast(ranges: Float32Array, leastScales: Float32Array | null, bits: WeightBits): Float32Array {
  if (leastScales === null) return ranges;
  const largest = largestInteger(bits);
  return ranges.map((range, i) => Math.max(range, leastScales[i]! * largest));
}

/** GPTQ for each group that has inputs; the others, and all when no group has, keep the plain integers. */
function gptqLayer(
  rows: Float32Array,
  { outputs, depth, groups }: LayerRows,
  { values, scales }: IntegerWeights,
  { bits, correctsBias }: WeightRule,
  fit: InputMoments,
): Int8Array | null {
  const perRow = scales.length === 1 ? new Float32Array(outputs).fill(scales[0]!) : scales;
  const integers = values.slice();
  let isChanged = false;
  const groupOutputs = outputs / groups;
  const groupScales = perRow.length / groups;
  for (let group = 0; group < groups; group++) {
    const from = group * groupOutputs * depth;
    const part = gptq({
      rows: rows.subarray(from, from + groupOutputs * depth),
      outputs: groupOutputs,
      depth,
      gram: fit.grams[group]!,
      mean: correctsBias ? fit.means[group]! : null,
      scales: perRow.subarray(group * groupScales, (group + 1) * groupScales),
      bits,
    });
    if (part === null) continue;
    integers.set(part, from);
    isChanged = true;
  }
  return isChanged ? integers : null;
}
