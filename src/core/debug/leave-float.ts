/** Recipes that treat some operators apart: left float, or with 16-bit activations. */
import { ModelError } from '../errors';
import type { Override, Recipe } from '../optimize/types';
import type { OperatorPlace } from './advice';

/** Passes that change number formats operator by operator. */
const QUANTIZING: ReadonlySet<string> = new Set(['integer', 'dynamic-range', 'weight-only', 'float16']);
const INT16 = { activations: 'int16' } as const;

/**
 * The recipe with `operators` (by their indexes in the model that it is applied to) left out of every step that changes
 * number formats. What it said before about others stays; saying it twice changes nothing.
 * @throws ModelError `bad-recipe` when no step quantizes operator by operator
 */
export function leaveFloat(recipe: Recipe, operators: readonly OperatorPlace[]): Recipe {
  const passes = quantizingPasses(recipe);
  if (passes.length === 0) {
    throw new ModelError(
      'bad-recipe',
      `No step of the recipe "${recipe.name}" can leave single operators float; use a recipe with one of ${[...QUANTIZING].join(', ')}.`,
    );
  }
  return withOverrides(
    recipe,
    operators.flatMap(({ subgraph, operator }) =>
      passes.map((pass): Override => ({ match: { operator, subgraph }, pass, skip: true })),
    ),
  );
}

/**
 * The recipe with 16-bit activations for `operators` (by their indexes in the model that it is applied to) in its integer
 * steps, also where it left them out before.
 * @throws ModelError `bad-recipe` when the recipe has no integer step
 */
export function giveInt16(recipe: Recipe, operators: readonly OperatorPlace[]): Recipe {
  if (!quantizingPasses(recipe).includes('integer')) {
    throw new ModelError(
      'bad-recipe',
      `The recipe "${recipe.name}" has no integer step, so there are no activations to make int16.`,
    );
  }
  const leavesOut = (recipe.overrides ?? []).some(
    ({ skip, pass = 'integer' }) => skip === true && pass === 'integer',
  );
  return withOverrides(
    recipe,
    operators.map(({ subgraph, operator }): Override => {
      const match = { operator, subgraph };
      return { match, pass: 'integer', ...(leavesOut ? { skip: false } : {}), options: INT16 };
    }),
  );
}

function quantizingPasses({ steps }: Recipe): string[] {
  return [...new Set(steps.map(({ pass }) => pass))].filter((pass) => QUANTIZING.has(pass));
}

/** Later overrides win, so new ones go to the end; the same ones further up are taken out. */
function withOverrides(recipe: Recipe, added: readonly Override[]): Recipe {
  if (added.length === 0) return recipe;
  const keys = new Map(added.map((override) => [keyOf(override), override]));
  const kept = (recipe.overrides ?? []).filter((override) => !keys.has(keyOf(override)));
  return { ...recipe, overrides: [...kept, ...keys.values()] };
}

/** The same for overrides that say the same, in whatever order their entries stand. */
function keyOf({ match, pass, skip, options = {} }: Override): string {
  const { name, kind, operator, subgraph } = match;
  const sorted = Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([name, kind, operator, subgraph, pass, skip, sorted]);
}
