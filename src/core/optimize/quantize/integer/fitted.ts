/** Weights rounded with a view to the samples: clipped ranges and GPTQ, judged layer by layer on held-out samples. */
import type { Model } from '../../../model/types';
import { runTraced, type TraceContext } from '../../calibrate/trace-run';
import type { Calibration } from '../../calibrate/types';
import { countBufferReaders } from '../../constants';
import type { WeightRule } from '../weights/candidates';
import { chooseWeights, layerRows } from '../weights/choose';
import { geometryOf, type LayerGeometry, momentBytes } from '../weights/geometry';
import { type InputMoments, LayerInputs, rowsPerSample } from '../weights/gram';
import { scalesOf } from '../weights/scales';
import { scalesForBias } from './constants';
import { biasOf, inputScaleOf, nearestConstants } from './nearest';
import type { SubgraphPlan } from './plan';
import type { ModelSettings } from './settings';
import { schemeOf, type WeightChoice } from './weights';
import type { OperatorConstants } from './write';

/** Second moments that are kept at a time. */
const LARGEST_MOMENTS_BYTES = 384 * 1024 * 1024;

/** A layer of a plan whose weights can be fitted. */
export interface FittedLayer {
  readonly plan: SubgraphPlan;
  readonly operator: number;
  readonly geometry: LayerGeometry;
  /** The tensor that the weights are multiplied with. */
  readonly input: number;
}

export interface FittedConstants extends OperatorConstants {
  /** Mean change of each output by the rounding of the weights alone, by operator of the main subgraph. */
  readonly shifts: ReadonlyMap<number, Float64Array>;
}

/**
 * Constants in which each layer whose settings ask for it has its weights clipped or rounded by GPTQ, wherever that is
 * better on held-out samples; all others are rounded to the nearest.
 */
export async function fitConstants(
  model: Model,
  plans: readonly SubgraphPlan[],
  { correctBias }: ModelSettings,
  calibration: Calibration,
  context: TraceContext,
): Promise<FittedConstants> {
  const nearest = nearestConstants(plans);
  const chosen = new Map<string, readonly WeightChoice[]>();
  const shifts = new Map<number, Float64Array>();
  const wanted = plans.flatMap((plan) => layersOf(model, plan, correctBias));
  let done = 0;
  for (const layers of batches(wanted)) {
    const moments = await gather(model, layers, calibration, {
      progress: (part, of) =>
        context.progress(
          done + (layers.length * part) / of / 2,
          wanted.length,
          'looking at inputs of layers',
        ),
      signal: context.signal,
    });
    for (const [i, layer] of layers.entries()) {
      context.signal?.throwIfAborted();
      context.progress(done + layers.length / 2 + i / 2, wanted.length, 'rounding weights');
      const key = `${layer.plan.graph.index}/${layer.operator}`;
      const { choice, shift } = chooseFor(layer, moments[i]!, correctBias);
      chosen.set(key, [choice]);
      if (shift && layer.plan.graph.index === 0) shifts.set(layer.operator, shift);
    }
    done += layers.length;
  }
  return {
    weights: (subgraph, operator) =>
      chosen.get(`${subgraph}/${operator}`) ?? nearest.weights(subgraph, operator),
    bias: (subgraph, operator) => nearest.bias(subgraph, operator),
    shifts,
  };
}

/** Layers of a plan whose settings ask for fitting; with `correctBias` all whose weights are not shared. */
export function layersOf(model: Model, plan: SubgraphPlan, correctBias: boolean): FittedLayer[] {
  const { graph, decisions, settings } = plan;
  const readers = countBufferReaders(model);
  return decisions.flatMap(({ dtype, operands }, operator) => {
    const own = settings[operator];
    if (dtype === null || !own || operands.weights.length !== 1) return [];
    if (own.rounding === 'nearest' && own.clip === 'none' && !correctBias) return [];
    const geometry = geometryOf(model, graph.index, operator);
    const [weight] = operands.weights;
    // Weights that others use too cannot be fitted to the inputs of one layer.
    const isShared = readers[graph.subgraph.tensors[weight!.constant!]!.buffer]! > 1;
    if (typeof geometry === 'string' || isShared) return [];
    const input = graph.views[operator]!.operator.inputs[geometry.input]!;
    return graph.constantOf(input) === null ? [{ plan, operator, geometry, input }] : [];
  });
}

/** Layers whose moments fit into memory together; those of one subgraph at a time. */
function batches(layers: readonly FittedLayer[]): FittedLayer[][] {
  const groups: FittedLayer[][] = [];
  let bytes = Infinity;
  for (const layer of layers) {
    const size = 3 * momentBytes(layer.geometry);
    const isOther = groups.at(-1)?.[0]?.plan !== layer.plan;
    if (isOther || bytes + size > LARGEST_MOMENTS_BYTES) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)!.push(layer);
    bytes += size;
  }
  return groups;
}

interface Moments {
  readonly fit: InputMoments;
  readonly heldOut: InputMoments;
}

async function gather(
  model: Model,
  layers: readonly FittedLayer[],
  calibration: Calibration,
  context: { progress(part: number, of: number): void; readonly signal: TraceContext['signal'] },
): Promise<Moments[]> {
  const { fit, heldOut, samples } = calibration.set;
  const isFit = new Set(fit);
  const isHeldOut = new Set(heldOut);
  const collectors = layers.map(({ geometry }) => ({
    fit: new LayerInputs(geometry, rowsPerSample(fit.length)),
    heldOut: new LayerInputs(geometry, rowsPerSample(heldOut.length)),
  }));
  const byTensor = new Map<number, number[]>();
  layers.forEach(({ input }, i) => byTensor.set(input, [...(byTensor.get(input) ?? []), i]));
  const subgraph = layers[0]!.plan.graph.index;
  await runTraced(
    model,
    subgraph,
    [...byTensor.keys()],
    calibration,
    samples,
    (tensor, { values, shape }, sample) => {
      if (!(values instanceof Float32Array)) return;
      for (const i of byTensor.get(tensor)!) {
        if (isFit.has(sample)) collectors[i]!.fit.add(values, shape);
        if (isHeldOut.has(sample)) collectors[i]!.heldOut.add(values, shape);
      }
    },
    { progress: (part, of) => context.progress(part, of), signal: context.signal },
  );
  return collectors.map((collector) => ({
    fit: collector.fit.finish(),
    heldOut: collector.heldOut.finish(),
  }));
}

/** How the weights of a layer are to be rounded. */
export function ruleOf({ plan, operator }: FittedLayer, correctsBias: boolean): WeightRule {
  const own = plan.settings[operator]!;
  const weight = plan.decisions[operator]!.operands.weights[0]!;
  const { axis, bits, ranges } = schemeOf(plan, operator, weight);
  const bias = biasOf(plan, operator);
  const input = inputScaleOf(plan, operator);
  return {
    bits,
    grain: axis === null ? 'tensor' : 'channel',
    rounding: own.rounding,
    clip: own.clip,
    correctsBias,
    leastScales:
      bias && input.dtype === 'INT8' ? scalesForBias(bias, input.scale, scalesOf(ranges, bits), bits) : null,
  };
}

function chooseFor(
  layer: FittedLayer,
  moments: Moments,
  correctsBias: boolean,
): { readonly choice: WeightChoice; readonly shift: Float64Array | null } {
  const { plan, operator, geometry } = layer;
  const own = plan.settings[operator]!;
  const weight = plan.decisions[operator]!.operands.weights[0]!;
  const { values, shape, axis, bits } = schemeOf(plan, operator, weight);
  const result = chooseWeights(
    values,
    shape,
    { ...layerRows(shape, geometry.channelAxis), groups: geometry.groups, depth: geometry.depth },
    ruleOf(layer, correctsBias),
    moments,
  );
  return {
    choice: {
      values: result.values,
      scales: result.scales,
      axis,
      bits,
      note: own.rounding === 'nearest' && own.clip === 'none' ? null : result.sentence,
    },
    shift: result.shifts,
  };
}
