/**
 * Which overrides of a recipe hold for which operator. Operators are named as they are in the model that the recipe
 * is applied to; as steps insert and remove operators, the matches travel along with the mapping.
 */
import { operatorKind, operatorName } from '../model/operators';
import type { Model, Operator } from '../model/types';
import { invertMapping } from './mapping';
import { presetOptions } from './options';
import type { OperatorMapping, Options, Override, Pass, RecipeStep } from './types';

/** `matches[subgraph][operator]`: indexes of the overrides that hold for it, ascending. */
export type OverrideMatches = readonly (readonly (readonly number[])[])[];

/** Matches the overrides against the operators of a model. */
export function matchOverrides(model: Model, overrides: readonly Override[]): OverrideMatches {
  const patterns = compilePatterns(overrides);
  return model.subgraphs.map((subgraph, subgraphIndex) =>
    subgraph.operators.map((operator, operatorIndex) =>
      overrides.flatMap((override, index) => {
        const { operator: wanted } = override.match;
        const isThere = wanted === undefined || wanted === operatorIndex;
        return isThere && matches(model, subgraphIndex, operator, override, patterns[index]!) ? [index] : [];
      }),
    ),
  );
}

/**
 * The matches after a step: an operator has those of the operators that it came from. A new operator is matched
 * by its own names and kind, but never by an index, which speaks of the model at the start.
 */
export function mapMatches(
  before: OverrideMatches,
  mapping: OperatorMapping,
  after: Model,
  overrides: readonly Override[],
): OverrideMatches {
  const patterns = compilePatterns(overrides);
  const origins = invertMapping(
    mapping,
    after.subgraphs.map((subgraph) => subgraph.operators.length),
  );
  return origins.map((operators, subgraph) =>
    operators.map((old, index) => {
      if (old.length > 0) {
        const all = old.flatMap((origin) => before[subgraph]?.[origin] ?? []);
        return [...new Set(all)].sort((a, b) => a - b);
      }
      const operator = after.subgraphs[subgraph]!.operators[index]!;
      return overrides.flatMap((override, which) =>
        override.match.operator === undefined &&
        matches(after, subgraph, operator, override, patterns[which]!)
          ? [which]
          : [],
      );
    }),
  );
}

/** Options of a step for an operator with these matches, or null when an override leaves the operator out. */
export function resolveOptions(
  pass: Pass,
  step: RecipeStep,
  overrides: readonly Override[],
  matched: readonly number[],
): Options | null {
  const options = { ...presetOptions(pass), ...step.options };
  let isSkipped = false;
  for (const index of matched) {
    const override = overrides[index]!;
    if (override.pass !== undefined && override.pass !== pass.name) continue;
    isSkipped = override.skip ?? isSkipped;
    for (const [key, value] of Object.entries(override.options ?? {})) {
      if (key in pass.options) options[key] = value;
    }
  }
  return isSkipped ? null : options;
}

function compilePatterns(overrides: readonly Override[]): (RegExp | null)[] {
  return overrides.map(({ match }) => (match.name === undefined ? null : new RegExp(match.name)));
}

/** Every condition but the operator's index. */
function matches(
  model: Model,
  subgraph: number,
  operator: Operator,
  override: Override,
  pattern: RegExp | null,
): boolean {
  const { match } = override;
  if (match.subgraph !== undefined && match.subgraph !== subgraph) return false;
  if (match.kind !== undefined) {
    const isKind =
      match.kind === operatorName(model, operator) || match.kind === operatorKind(model, operator);
    if (!isKind) return false;
  }
  if (pattern === null) return true;
  const { tensors } = model.subgraphs[subgraph]!;
  return operator.outputs.some((tensor) => pattern.test(tensors[tensor]?.name ?? ''));
}
