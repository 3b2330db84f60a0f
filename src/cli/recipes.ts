/** Recipes for the commands: those that come with Whittle by name, others from files. */
import { basename } from 'node:path';
import { findPreset, presetNames } from '../core/optimize/presets';
import { type ReadRecipe, readRecipeText } from '../core/optimize/recipe-text';
import { UsageError } from './command';
import { readBytes } from './files';

/**
 * The recipe of that name, or of the file at that path (a word with a dot or a slash in it), in Whittle's format or
 * ai-edge-quantizer's; a recipe of the latter is named after its file.
 * @throws UsageError when there is no recipe of that name
 * @throws ModelError `bad-recipe` when the file cannot be read or is no recipe
 */
export async function readNamedRecipe(word: string): Promise<ReadRecipe> {
  const preset = findPreset(word);
  if (preset) return { recipe: preset, notes: [] };
  if (!/[./\\]/.test(word))
    throw new UsageError(
      `There is no recipe "${word}"; use ${presetNames.join(', ')}, or the path of a recipe file.`,
    );
  const text = new TextDecoder().decode(await readBytes(word, 'bad-recipe', 'The recipe'));
  return readRecipeText(text, basename(word).replace(/\.json$/i, ''));
}
