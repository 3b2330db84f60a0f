/**
 * Layers fitted once more, one after the other, to what the integer model really feeds them: weights and biases make up for
 * the errors of the layers before, as far as samples show them. (Empirical bias correction, Nagel et al., arXiv 1906.04721,
 * and GPTQ with the variant's own inputs against the original's outputs, Li et al., "GPTAQ", arXiv 2504.02692.)
 */
import { dequantize } from '../../../model/dequantize';
import { modelUpTo } from '../../../model/trace';
import type { Model } from '../../../model/types';
import { writeModel } from '../../../model/write';
import type { RunnableModel } from '../../../measure/runtime';
import { feederFor, type TraceContext } from '../../calibrate/trace-run';
import type { Calibration } from '../../calibrate/types';
import { chooseWeights, layerRows } from '../weights/choose';
import type { LayerRows } from '../weights/candidates';
import { type InputMoments, rowsPerSample } from '../weights/gram';
import { leftByBias, outputErrors, outputShifts } from '../weights/output-errors';
import { PairedInputs, type PairedMoments } from '../weights/paired-inputs';
import { fromRows, rowsOf } from '../weights/rows';
import { dequantizeWith } from '../weights/scales';
import type { IntegerBuild } from './build';
import { type FittedLayer, layersOf, ruleOf } from './fitted';
import { schemeOf, type WeightChoice } from './weights';
import type { IntegerModel, OperatorConstants } from './write';

export interface Refit {
  /** By operator of the main subgraph. */
  readonly weights: ReadonlyMap<number, WeightChoice>;
  /** What is added to biases, by operator of the main subgraph. */
  readonly corrections: ReadonlyMap<number, Float64Array>;
}

/** Both inputs of a layer together have four times the moments of one. */
const LARGEST_DEPTH = 1_152;
/** Runs of either model in all before a layer gets fewer samples. */
const MOST_RUNS = 1_000;
const LEAST_SAMPLES = 6;
/** How strongly weights are drawn to the original's, from hardly to nearly all the way. */
const DAMPINGS = [0.03, 0.3, 3];

export async function refit(
  build: IntegerBuild,
  write: (constants: OperatorConstants) => IntegerModel,
  calibration: Calibration,
  context: TraceContext,
): Promise<Refit> {
  const plan = build.plans.find(({ graph }) => graph.index === 0)!;
  const layers = layersOf(build.source, plan, true).filter(({ geometry }) => geometry.depth <= LARGEST_DEPTH);
  const weights = new Map<number, WeightChoice>();
  const corrections = new Map(build.corrections);
  const samples = affordable(calibration, layers.length);
  for (const [position, layer] of layers.entries()) {
    context.signal?.throwIfAborted();
    context.progress(position, layers.length, 'fitting layers to the integers before them');
    const written = write(withOverrides(build.base, { weights, corrections }));
    const moments = await gatherBoth(build.source, written, layer, calibration, samples, context);
    if (moments === null) continue;
    const current = weights.get(layer.operator) ?? build.base.weights(0, layer.operator)[0]!;
    const better = fitLayer(layer, current, corrections.get(layer.operator) ?? null, moments);
    if (better === null) continue;
    weights.set(layer.operator, better.choice);
    corrections.set(layer.operator, better.correction);
  }
  return { weights, corrections };
}

/** Constants with other weights and biases for some operators of the main subgraph. */
export function withOverrides(base: OperatorConstants, { weights, corrections }: Refit): OperatorConstants {
  return {
    weights(subgraph, operator) {
      const other = subgraph === 0 ? weights.get(operator) : undefined;
      return other ? [other] : base.weights(subgraph, operator);
    },
    bias(subgraph, operator) {
      const own = base.bias(subgraph, operator);
      const correction = subgraph === 0 ? corrections.get(operator) : undefined;
      if (correction === undefined) return own;
      return Float32Array.from(correction, (value, c) => (own?.[c] ?? 0) + value);
    },
  };
}

interface Samples {
  readonly fit: readonly number[];
  readonly heldOut: readonly number[];
}

function affordable({ set }: Calibration, layers: number): Samples {
  const most = Math.max(LEAST_SAMPLES, Math.floor(MOST_RUNS / Math.max(1, layers)));
  const total = set.fit.length + set.heldOut.length;
  if (total <= most) return set;
  const heldOut = Math.max(1, Math.floor((most * set.heldOut.length) / total));
  return { fit: set.fit.slice(0, most - heldOut), heldOut: set.heldOut.slice(0, heldOut) };
}

interface BothMoments {
  readonly fit: PairedMoments;
  readonly heldOut: PairedMoments;
}

async function gatherBoth(
  source: Model,
  { model: variant, mapping }: IntegerModel,
  { operator, geometry, input }: FittedLayer,
  calibration: Calibration,
  samples: Samples,
  context: TraceContext,
): Promise<BothMoments | null> {
  const [target] = mapping[0]![operator]!;
  const stored = variant.subgraphs[0]!.operators[target!]!.inputs[geometry.input]!;
  const before = await openUpTo(source, input, calibration);
  try {
    const after = await openUpTo(variant, stored, calibration);
    try {
      const gather = async (which: readonly number[]) => {
        const inputs = new PairedInputs(geometry, Math.ceil(rowsPerSample(which.length) / 2));
        for (const sample of which) {
          context.signal?.throwIfAborted();
          const [original, own] = [await before.run(sample), await after.run(sample)];
          if (original.values.length !== own.values.length) return null;
          inputs.add(own.values, original.values, original.shape);
        }
        return inputs.finish();
      };
      const fit = await gather(samples.fit);
      const heldOut = await gather(samples.heldOut);
      return fit && heldOut && { fit, heldOut };
    } finally {
      after.dispose();
    }
  } finally {
    before.dispose();
  }
}

interface UpTo {
  run(sample: number): Promise<{ readonly values: Float32Array; readonly shape: readonly number[] }>;
  dispose(): void;
}

/** Runs a model up to one tensor and gives its real values; an input of the model is what it is fed. */
async function openUpTo(model: Model, tensor: number, calibration: Calibration): Promise<UpTo> {
  const main = model.subgraphs[0]!;
  const fed = Array.from(main.inputs).indexOf(tensor);
  const part = fed >= 0 ? model : modelUpTo(model, [tensor]);
  const interpreter: RunnableModel = await calibration.runtime.createInterpreter(writeModel(part), {
    signature: null,
    accelerator: 'wasm',
  });
  const feeder = feederFor(model, interpreter, calibration);
  return {
    async run(sample) {
      const feed = feeder.feed(sample);
      const { values, shape } = fed >= 0 ? feed[fed]! : (await interpreter.run(feed))[0]!;
      const real = dequantize(values, main.tensors[tensor]!, [...shape]);
      return { values: Float32Array.from(real), shape };
    },
    dispose: () => interpreter.dispose(),
  };
}

function fitLayer(
  layer: FittedLayer,
  current: WeightChoice,
  correction: Float64Array | null,
  { fit, heldOut }: BothMoments,
): { readonly choice: WeightChoice; readonly correction: Float64Array } | null {
  const { plan, operator, geometry } = layer;
  const weight = plan.decisions[operator]!.operands.weights[0]!;
  const { values, shape } = schemeOf(plan, operator, weight);
  const original = rowsOf(values, shape, geometry.channelAxis);
  const rows = layerRows(shape, geometry.channelAxis);
  const both = { ...rows, groups: geometry.groups, depth: 2 * geometry.depth };
  const samples = { fit: fit.both, heldOut: heldOut.both };
  const candidates: WeightChoice[] = [current];
  if (plan.settings[operator]!.rounding === 'gptq') {
    const { bits, axis } = current;
    const own = { fit: fit.variant(), heldOut: heldOut.variant() };
    for (const wanted of fit.leastSquares(original, DAMPINGS)) {
      const fitted = chooseWeights(
        fromRows(wanted, shape, geometry.channelAxis),
        shape,
        { ...rows, groups: geometry.groups, depth: geometry.depth },
        ruleOf(layer, true),
        own,
      );
      candidates.push({ values: fitted.values, scales: fitted.scales, axis, bits, note: null });
    }
  }
  const deltasOf = (choice: WeightChoice) => {
    const variant = dequantizeWith(choice.values, shape, choice.axis, choice.scales);
    return fit.pair(rowsOf(variant, shape, geometry.channelAxis), original);
  };
  const found = candidates.map((choice) => {
    const deltas = deltasOf(choice);
    const errors = outputErrors(deltas, both, samples.heldOut);
    const shifts = outputShifts(deltas, both, samples.fit).map((value) => -value);
    return { choice, shifts, deltas, errors, left: leftByBias(errors, deltas, both, samples) };
  });
  const [first] = found;
  let least = total(withBias(first!.errors, first!.deltas, both, samples.heldOut, correction));
  let best: { readonly choice: WeightChoice; readonly correction: Float64Array } | null = null;
  for (const { choice, shifts, left } of found) {
    if (!(total(left) < least)) continue;
    least = total(left);
    best = { choice, correction: shifts };
  }
  return best;
}

function total(errors: Float64Array): number {
  return errors.reduce((sum, error) => sum + error, 0);
}

/** Errors of the outputs with `correction` in the biases. */
function withBias(
  errors: Float64Array,
  deltas: Float32Array,
  both: LayerRows,
  moments: InputMoments,
  correction: Float64Array | null,
): Float64Array {
  if (correction === null) return errors;
  const shifts = outputShifts(deltas, both, moments);
  return errors.map((error, i) => error + correction[i]! * (2 * shifts[i]! + correction[i]!));
}
