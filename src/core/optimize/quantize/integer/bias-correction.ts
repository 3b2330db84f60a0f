/** Takes the mean error of each channel out of the biases, as seen when the integer model runs. */
import type { Model } from '../../../model/types';
import { channelMeans } from '../../calibrate/run';
import type { TraceContext } from '../../calibrate/trace-run';
import type { Calibration } from '../../calibrate/types';
import type { SubgraphPlan } from './plan';
import type { IntegerModel, OperatorConstants } from './write';

/** Samples that means are taken over: more change them little. */
const MOST_SAMPLES = 16;
const LEAST_SAMPLES = 4;
/** Runs of the model in all that a correction may take before it takes fewer samples for each layer. */
const MOST_RUNS = 600;

/** Constants with `corrections` (by operator of the main subgraph, one for each channel) added to the biases. */
export function withBiases(
  constants: OperatorConstants,
  corrections: ReadonlyMap<number, Float64Array>,
): OperatorConstants {
  return {
    weights: (subgraph, operator) => constants.weights(subgraph, operator),
    bias(subgraph, operator) {
      const own = constants.bias(subgraph, operator);
      const correction = subgraph === 0 ? corrections.get(operator) : undefined;
      if (correction === undefined) return own;
      return Float32Array.from(correction, (value, c) => (own?.[c] ?? 0) + value);
    },
  };
}

/**
 * Corrections found by running: layer after layer, each with those before it corrected,
 * b[c] -= mean(quantized output[c]) - mean(float output[c]). (Empirical bias correction of Nagel et al., arXiv 1906.04721.)
 * `start` are corrections to begin with; `write` makes the integer model with given constants.
 */
export async function correctBiases(
  model: Model,
  plan: SubgraphPlan,
  write: (corrections: ReadonlyMap<number, Float64Array>) => IntegerModel,
  start: ReadonlyMap<number, Float64Array>,
  calibration: Calibration,
  context: TraceContext,
): Promise<ReadonlyMap<number, Float64Array>> {
  const layers = correctable(plan);
  const affordable = Math.max(LEAST_SAMPLES, Math.floor(MOST_RUNS / Math.max(1, layers.length)));
  const samples = calibration.set.fit.slice(0, Math.min(MOST_SAMPLES, affordable));
  const outputOf = (operator: number) => plan.graph.views[operator]!.operator.outputs[0]!;
  const wanted = await channelMeans(model, layers.map(outputOf), calibration, samples, context.signal);
  const corrections = new Map(start);
  for (const [position, operator] of layers.entries()) {
    context.signal?.throwIfAborted();
    context.progress(position, layers.length, 'correcting biases');
    const written = write(corrections);
    const tensor = writtenOutput(written, plan, operator);
    const means = await channelMeans(written.model, [tensor], calibration, samples, context.signal);
    const have = means.get(tensor);
    const want = wanted.get(outputOf(operator));
    if (!have || have.length !== want?.length) continue;
    const before = corrections.get(operator);
    const shift = have.map((value, c) => (before?.[c] ?? 0) + want[c]! - value);
    if (shift.every(Number.isFinite)) corrections.set(operator, shift);
  }
  return corrections;
}

/** Layers whose bias can be changed, in order. */
function correctable({ decisions, graph }: SubgraphPlan): number[] {
  return decisions.flatMap(({ dtype, operands }, operator) => {
    const canHaveBias = operands.biasInput !== null && operands.weights.length > 0;
    const hasBias = operands.bias !== null || graph.views[operator]!.kind !== 'TRANSPOSE_CONV';
    return dtype !== null && canHaveBias && hasBias ? [operator] : [];
  });
}

/** The tensor in which the written model has the output of an operator. */
function writtenOutput({ model, mapping }: IntegerModel, plan: SubgraphPlan, operator: number): number {
  const [target] = mapping[plan.graph.index]![operator]!;
  return model.subgraphs[plan.graph.index]!.operators[target!]!.outputs[0]!;
}
