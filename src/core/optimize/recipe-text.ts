/** Recipe files of every format that is read: Whittle's own, and ai-edge-quantizer's. */
import { recipeFromAeq } from './aeq/from-aeq';
import { parseJson, parseRecipe } from './recipe';
import type { Recipe } from './types';

export interface ReadRecipe {
  readonly recipe: Recipe;
  /** What reading it from another format changed, in whole sentences. */
  readonly notes: readonly string[];
}

/**
 * Reads a recipe from the text of a JSON file: a list is ai-edge-quantizer's and gets `name`, anything else is Whittle's.
 * @throws ModelError `bad-recipe`, also when the text is no JSON.
 */
export function readRecipeText(text: string, name: string): ReadRecipe {
  const json = parseJson(text);
  return Array.isArray(json) ? recipeFromAeq(json, name) : { recipe: parseRecipe(json), notes: [] };
}
