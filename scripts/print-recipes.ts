/** Prints presets and passes into docs/recipes.md: `npx tsx scripts/print-recipes.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { describeAllowed } from '../src/core/optimize/options';
import { passes } from '../src/core/optimize/passes';
import { presetNames, presets } from '../src/core/optimize/presets';
import type { Pass, Recipe } from '../src/core/optimize/types';

const page = new URL('../docs/recipes.md', import.meta.url);

/** The page with its printed parts, between `<!-- presets -->` and `<!-- end -->` and the like, made anew. */
export function recipesMarkdown(text: string): string {
  return fill(
    fill(text, 'presets', presetNames.map((name) => presetItem(presets[name])).join('\n')),
    'passes',
    Object.values(passes).map(passSection).join('\n\n'),
  );
}

function fill(text: string, part: string, content: string): string {
  const pattern = new RegExp(`(<!-- ${part} -->\n\n)[\\s\\S]*?(\n\n<!-- end -->)`);
  return text.replace(pattern, (_, start: string, end: string) => start + content + end);
}

function presetItem(recipe: Recipe): string {
  const steps = recipe.steps.map(({ pass, options }) => {
    const settings = Object.entries(options ?? {}).map(([key, value]) => `${key} ${value}`);
    return settings.length > 0 ? `${pass} (${settings.join(', ')})` : pass;
  });
  return `- \`${recipe.name}\`: ${steps.join(', then ')}. ${recipe.description ?? ''}`;
}

function passSection(pass: Pass): string {
  const options = Object.entries(pass.options).map(
    ([key, spec]) =>
      `- \`${key}\`, ${describeAllowed(spec)}; \`${JSON.stringify(spec.preset)}\` when left out. ${spec.hint}`,
  );
  return [`### ${pass.title}: \`${pass.name}\``, pass.description, options.join('\n')].join('\n\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync(page, recipesMarkdown(readFileSync(page, 'utf8')));
}
