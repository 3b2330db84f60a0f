import { ModelError } from '../../core/errors';
import { openModel } from '../../core/model/open';
import type { Model } from '../../core/model/types';
import { recipeToAeq } from '../../core/optimize/aeq/to-aeq';
import { presetNames } from '../../core/optimize/presets';
import type { Recipe } from '../../core/optimize/types';
import type { Command } from '../command';
import { UsageError } from '../command';
import { readModelFile, writeBytes } from '../files';
import { readNamedRecipe } from '../recipes';
import { alignRows } from '../text';

export const recipeCommand: Command = {
  name: 'recipe',
  summary: "Prints a recipe in Whittle's format or in ai-edge-quantizer's.",
  usage: 'recipe NAME|FILE [--format whittle|aeq] [--model MODEL] [--out FILE] [--json]',
  details: `Recipes by name: ${presetNames.join(', ')}. Any other word is the path of a recipe as JSON, of either
format. What a format cannot say is named in notes: after the recipe, or with --out instead of it.`,
  options: [
    { name: 'format', value: 'FORMAT', help: "whittle (preset) or aeq, which is ai-edge-quantizer's." },
    {
      name: 'model',
      value: 'MODEL',
      help: 'The model that the recipe is for: aeq then gets operators by name that the recipe gives by index.',
    },
    { name: 'out', value: 'FILE', help: 'Where to write the recipe; else it is printed.' },
  ],
  models: [0, Infinity],
  async run(input) {
    const [word, ...more] = input.models;
    if (word === undefined || more.length > 0)
      throw new UsageError(word === undefined ? 'Name the recipe.' : 'One recipe is enough.');
    const format = input.text('format') ?? 'whittle';
    if (format !== 'whittle' && format !== 'aeq')
      throw new UsageError(`--format is whittle or aeq, not "${format}".`);
    const path = input.text('model');
    const { recipe, notes: readNotes } = await readNamedRecipe(word);
    const model = path === null ? null : openModel((await readModelFile(path)).bytes).model;
    const written = format === 'aeq' ? toAeq(recipe, model) : { document: recipe, notes: [] };
    const notes = [...readNotes, ...written.notes];
    const text = `${JSON.stringify(written.document, null, 2)}\n`;
    const out = input.text('out');
    if (out !== null) await writeBytes(out, new TextEncoder().encode(text));
    const rows = [...(out === null ? [] : [['written', out]]), ...notes.map((note) => ['note', note])];
    const remarks = rows.length === 0 ? '' : alignRows(rows);
    return {
      json: { version: 1, name: recipe.name, format, recipe: written.document, out, notes },
      text: out !== null ? remarks : remarks === '' ? text : `${text}\n${remarks}`,
    };
  },
};

/** The entries; a recipe of which none is left is no recipe there. */
function toAeq(
  recipe: Recipe,
  model: Model | null,
): { readonly document: object; readonly notes: readonly string[] } {
  const { entries, notes } = recipeToAeq(recipe, model);
  if (entries.length > 0) return { document: entries, notes };
  const names = recipe.steps.map(({ pass }) => pass).join(', ');
  throw new ModelError(
    'bad-recipe',
    `The recipe ${recipe.name} (${names}) quantizes nothing in a way that ai-edge-quantizer knows, so there is nothing to write.`,
  );
}
