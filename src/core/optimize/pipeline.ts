/** Runs recipes with every pass that there is. */
import type { Model } from '../model/types';
import { passes } from './passes';
import { type RecipeResult, type RunOptions, runSteps } from './steps';
import type { PassReport, Recipe } from './types';

export { hasChanges, type RecipeResult, type RunOptions } from './steps';

/**
 * Applies a recipe: `runSteps` with all passes.
 * @throws ModelError `bad-recipe` for a pass that does not exist; whatever `signal.throwIfAborted` throws when cancelled.
 */
export function runRecipe(
  model: Model,
  recipe: Recipe,
  options: RunOptions,
  isPlan = false,
): Promise<RecipeResult> {
  return runSteps(passes, model, recipe, options, isPlan);
}

/**
 * A dry run: what each step of the recipe would do to this model, and why it would leave things alone. Nothing is
 * written. The steps really run, because what a step finds depends on those before it.
 */
export async function planRecipe(
  model: Model,
  recipe: Recipe,
  options: RunOptions,
): Promise<readonly PassReport[]> {
  return (await runRecipe(model, recipe, options, true)).reports;
}
