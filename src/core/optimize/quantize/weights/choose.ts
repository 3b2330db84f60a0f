/** The best way to store one layer's weights, judged by what it does to the layer's outputs on samples held back. */
import { count, formatPercent } from '../../../format';
import { type Candidate, type LayerRows, makeCandidates, scaleLayout, type WeightRule } from './candidates';
import type { InputMoments } from './gram';
import { leftByBias, outputErrors, outputShifts, squaredLengths } from './output-errors';
import { fromRows, rowsOf } from './rows';
import { dequantizeWith } from './scales';

/** What one candidate would do when used for the whole layer, and for how many outputs it was taken. */
export interface CandidateError {
  readonly range: Candidate['range'];
  readonly rounding: Candidate['rounding'];
  /** Expected squared error, summed over the layer's outputs. */
  readonly error: number;
  readonly outputs: number;
}

export interface ChosenWeights {
  /** Integers in the order of the operator's weights. */
  readonly values: Int8Array;
  /** One scale, one per output, or one per block, [outputs, blocks]. */
  readonly scales: Float32Array;
  /** Expected squared error of the choice, summed over outputs, and that of plain rounding with full ranges. */
  readonly error: number;
  readonly plainError: number;
  readonly candidates: readonly CandidateError[];
  /** Mean change of each output on the samples it was fitted to (to be taken from the bias); null without samples. */
  readonly shifts: Float64Array | null;
  /** For the report: "GPTQ: output error 62 % lower on held-out samples". */
  readonly sentence: string;
}

/** Weights of another operator as rows along `axis`: one group of inputs. */
export function layerRows(shape: readonly number[], axis: number): LayerRows {
  const outputs = shape[axis]!;
  const elements = shape.reduce((a, b) => a * b, 1);
  return { channelAxis: axis, outputs, depth: elements / outputs, groups: 1 };
}

/**
 * Rounds a layer's weights under a rule. Candidates (plain rounding, clipped ranges, GPTQ, both, and the grid that the
 * weights lie on already) are fitted to `fit` and judged on `heldOut`: the expected squared error of each output. Outputs
 * are independent, so each takes its own best, except that outputs which share one scale share its choice. Plain rounding
 * stays where nothing else is better. Without held-out samples the squared error of the weights decides and there is no
 * GPTQ. `values` has the row-major `shape`; they must be finite.
 */
export function chooseWeights(
  values: Float32Array,
  shape: readonly number[],
  layer: LayerRows,
  rule: WeightRule,
  samples: { readonly fit: InputMoments; readonly heldOut: InputMoments } | null,
): ChosenWeights {
  const { outputs, depth, channelAxis } = layer;
  const seen = samples !== null && samples.heldOut.rows > 0 ? samples : null;
  const rows = rowsOf(values, shape, channelAxis);
  const candidates = makeCandidates(rows, layer, rule, seen?.fit ?? null);
  const layout = scaleLayout(rows.length, layer, rule.grain);
  const deltasOf = (integers: Int8Array, scales: Float32Array) =>
    differences(dequantizeWith(integers, layout.shape, layout.axis, scales), rows);
  const errors = candidates.map((candidate) => {
    const deltas = deltasOf(candidate.values, candidate.scales);
    if (seen === null) return squaredLengths(deltas, depth);
    const outputError = outputErrors(deltas, layer, seen.heldOut);
    return rule.correctsBias ? leftByBias(outputError, deltas, layer, seen) : outputError;
  });
  const picks = rule.grain === 'tensor' ? pickShared(candidates, errors) : pickEach(errors);
  const integers = new Int8Array(rows.length);
  const first = candidates[0]!;
  const scales = new Float32Array(first.scales.length);
  const perOutput = scales.length / outputs;
  const taken = new Array<number>(candidates.length).fill(0);
  let error = 0;
  for (let output = 0; output < outputs; output++) {
    const pick = picks[output]!;
    const from = candidates[pick]!;
    integers.set(from.values.subarray(output * depth, (output + 1) * depth), output * depth);
    if (rule.grain === 'tensor') scales.set(from.scales);
    else scales.set(from.scales.subarray(output * perOutput, (output + 1) * perOutput), output * perOutput);
    taken[pick] = taken[pick]! + 1;
    error += errors[pick]![output]!;
  }
  const summaries = candidates.map(({ range, rounding }, i) => ({
    range,
    rounding,
    error: sum(errors[i]!),
    outputs: taken[i]!,
  }));
  const plainError = summaries[0]!.error;
  return {
    values: fromRows(integers, shape, channelAxis),
    scales,
    error,
    plainError,
    candidates: summaries,
    shifts: seen && outputShifts(deltasOf(integers, scales), layer, seen.fit),
    sentence: describe(summaries, error, plainError, seen !== null),
  };
}

/** The candidate with the least error for each output; the first of equals. */
function pickEach(errors: readonly Float64Array[]): Int32Array {
  const picks = new Int32Array(errors[0]!.length);
  for (let i = 1; i < errors.length; i++) {
    for (let output = 0; output < picks.length; output++) {
      if (errors[i]![output]! < errors[picks[output]!]![output]!) picks[output] = i;
    }
  }
  return picks;
}

/** As `pickEach`, among the candidates of the one range that is best for all outputs together. */
function pickShared(candidates: readonly Candidate[], errors: readonly Float64Array[]): Int32Array {
  let best: Int32Array | null = null;
  let least = Infinity;
  for (const range of new Set(candidates.map((candidate) => candidate.range))) {
    const members = candidates.flatMap((candidate, i) => (candidate.range === range ? [i] : []));
    const picks = pickEach(members.map((i) => errors[i]!)).map((pick) => members[pick]!);
    const total = picks.reduce((all, pick, output) => all + errors[pick]![output]!, 0);
    if (best === null || total < least) {
      best = picks;
      least = total;
    }
  }
  return best!;
}

function differences(values: Float32Array, from: Float32Array): Float32Array {
  for (let i = 0; i < values.length; i++) values[i] = values[i]! - from[i]!;
  return values;
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

function describe(
  candidates: readonly CandidateError[],
  error: number,
  plainError: number,
  hasSamples: boolean,
): string {
  const outputs = candidates.reduce((total, candidate) => total + candidate.outputs, 0);
  const taken = (isMeant: (candidate: CandidateError) => boolean) =>
    candidates.reduce((total, candidate) => total + (isMeant(candidate) ? candidate.outputs : 0), 0);
  const changed = outputs - candidates[0]!.outputs;
  if (changed === 0 || !(error < plainError)) return 'rounding to the nearest was as good';
  const words = [
    taken(({ rounding }) => rounding === 'gptq') > 0 ? 'GPTQ' : null,
    taken(({ range }) => range === 'clipped') > 0 ? 'clipped ranges' : null,
    taken(({ range }) => range === 'recovered') > 0 ? "the grid of the weights' training" : null,
  ].filter((word) => word !== null);
  const methods = words.join(' and ');
  const share = formatPercent(1 - error / plainError, 0);
  const what = hasSamples
    ? `output error ${share} lower on held-out samples`
    : `squared error of the weights ${share} lower`;
  const channels = changed === outputs ? '' : ` (${count(changed)} of ${count(outputs)} channels)`;
  return `${methods}: ${what}${channels}`;
}
