/** Arithmetic on operator mappings (see `OperatorMapping` in `types.ts`). */
import type { Model } from '../model/types';
import type { OperatorMapping } from './types';

/** The mapping of a model that keeps every operator where it is. */
export function identityMapping(model: Model): OperatorMapping {
  return model.subgraphs.map((subgraph) => subgraph.operators.map((_, index) => [index]));
}

/** `first` and then `second` as one mapping. An operator that several old ones became is listed once for each. */
export function composeMappings(first: OperatorMapping, second: OperatorMapping): OperatorMapping {
  return first.map((operators, subgraph) =>
    operators.map((targets) => [...new Set(targets.flatMap((target) => second[subgraph]?.[target] ?? []))]),
  );
}

/**
 * The other direction: `result[subgraph][newOperator]` lists the old operators, empty where the operator is new.
 * `operatorCounts` are the numbers of new operators by subgraph.
 */
export function invertMapping(mapping: OperatorMapping, operatorCounts: readonly number[]): OperatorMapping {
  return operatorCounts.map((count, subgraph) => {
    const origins: number[][] = Array.from({ length: count }, () => []);
    mapping[subgraph]?.forEach((targets, old) => {
      for (const target of targets) origins[target]?.push(old);
    });
    return origins;
  });
}
