/** Plain rounding for every weight of a plan: what all finer methods are held against. */
import type { SubgraphPlan } from './plan';
import { channelsOf, type OperatorConstants } from './write';
import { rangesForBias, roundNearest, schemeOf, type WeightChoice } from './weights';

/** Real values of an operator's bias as the model has it, or null for none. */
export function biasOf({ graph, decisions }: SubgraphPlan, operator: number): Float32Array | null {
  const { bias } = decisions[operator]!.operands;
  return bias?.constant == null ? null : graph.constantValues(bias.constant);
}

/** Scale and type of the data that the weights are multiplied with. */
export function inputScaleOf(plan: SubgraphPlan, operator: number) {
  return plan.scales.operandScale(operator, plan.decisions[operator]!.operands.data[0]!.input);
}

/** Weights rounded to the nearest, biases as they are. */
export function nearestConstants(plans: readonly SubgraphPlan[]): OperatorConstants {
  const choices = new Map<string, readonly WeightChoice[]>();
  const planOf = (subgraph: number) => plans.find(({ graph }) => graph.index === subgraph)!;
  return {
    weights(subgraph, operator) {
      const key = `${subgraph}/${operator}`;
      const known = choices.get(key);
      if (known) return known;
      const plan = planOf(subgraph);
      const made = plan.decisions[operator]!.operands.weights.map((weight) => {
        const scheme = schemeOf(plan, operator, weight);
        const ranges = rangesForBias(
          scheme,
          scheme.ranges,
          biasOf(plan, operator),
          inputScaleOf(plan, operator),
        );
        return roundNearest(scheme, ranges);
      });
      choices.set(key, made);
      return made;
    },
    bias(subgraph, operator) {
      const plan = planOf(subgraph);
      return channelsOf(plan, operator) > 0 ? biasOf(plan, operator) : null;
    },
  };
}
