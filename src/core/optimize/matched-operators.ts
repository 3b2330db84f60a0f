/** Which operators of a model the overrides of a recipe speak of, for showing them before anything runs. */
import { operatorKind } from '../model/operators';
import type { Model } from '../model/types';
import { matchOverrides, resolveOptions } from './overrides';
import { passes } from './passes';
import type { Recipe } from './types';

export interface MatchedOperator {
  readonly subgraph: number;
  readonly operator: number;
  readonly kind: string;
  /** Name of its first output; may be empty. */
  readonly name: string;
}

export interface RecipeMatches {
  /** For each override: how many operators it holds for, and the first of them. */
  readonly overrides: readonly { readonly count: number; readonly first: readonly MatchedOperator[] }[];
  /** Operators that at least one step of the recipe leaves out. */
  readonly leftOut: number;
}

/** A list is for reading; the count tells the rest. */
const longestList = 50;

/** Matches the overrides of a checked recipe against a model. */
export function matchRecipe(model: Model, recipe: Recipe): RecipeMatches {
  const overrides = recipe.overrides ?? [];
  const found = overrides.map(() => ({ count: 0, first: [] as MatchedOperator[] }));
  const steps = recipe.steps.flatMap((step) =>
    passes[step.pass] ? [{ step, pass: passes[step.pass]! }] : [],
  );
  let leftOut = 0;
  matchOverrides(model, overrides).forEach((operators, subgraph) => {
    operators.forEach((matched, operator) => {
      if (matched.length === 0) return;
      const isLeftOut = steps.some(
        ({ step, pass }) => resolveOptions(pass, step, overrides, matched) === null,
      );
      if (isLeftOut) leftOut += 1;
      const source = model.subgraphs[subgraph]!;
      const item = source.operators[operator]!;
      const described = {
        subgraph,
        operator,
        kind: operatorKind(model, item),
        name: source.tensors[item.outputs[0] ?? -1]?.name ?? '',
      };
      for (const index of matched) {
        const entry = found[index]!;
        entry.count += 1;
        if (entry.first.length < longestList) entry.first.push(described);
      }
    });
  });
  return { overrides: found, leftOut };
}
