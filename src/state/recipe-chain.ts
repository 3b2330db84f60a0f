/** Two recipes one after the other as one, so that a variant of a variant can be made again from the original. */
import type { Override, Recipe } from '../core/optimize/types';

/**
 * The steps of `first`, then those of `then`. An override for every step is kept to the passes of its own recipe;
 * where both run the same pass, the overrides of both hold for it.
 */
export function chainRecipes(first: Recipe, then: Recipe): Recipe {
  const overrides = [...ownOverrides(first), ...ownOverrides(then)];
  return {
    name: `${first.name} + ${then.name}`,
    version: 1,
    steps: [...first.steps, ...then.steps],
    ...(overrides.length === 0 ? {} : { overrides }),
  };
}

function ownOverrides({ steps, overrides = [] }: Recipe): readonly Override[] {
  const passes = [...new Set(steps.map((step) => step.pass))];
  return overrides.flatMap((override) =>
    override.pass === undefined ? passes.map((pass) => ({ ...override, pass })) : [override],
  );
}
