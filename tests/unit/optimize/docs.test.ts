import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { recipesMarkdown } from '../../../scripts/print-recipes';
import { parseRecipeText } from '../../../src/core/optimize/recipe';

const page = readFileSync(new URL('../../../docs/recipes.md', import.meta.url), 'utf8');

it('docs/recipes.md is what the passes and presets say (else run npx tsx scripts/print-recipes.ts)', () => {
  expect(recipesMarkdown(page)).toBe(page);
});

it('docs/recipes.md shows a recipe that validates', () => {
  const example = /```json\n([\s\S]*?)```/.exec(page)![1]!;
  expect(parseRecipeText(example).overrides).toHaveLength(2);
});
