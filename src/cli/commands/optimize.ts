import { formatBytes, formatChange } from '../../core/format';
import { openModel } from '../../core/model/open';
import type { Model } from '../../core/model/types';
import { writeModel } from '../../core/model/write';
import { feederFor } from '../../core/optimize/calibrate/trace-run';
import type { Calibration } from '../../core/optimize/calibrate/types';
import { passes } from '../../core/optimize/passes';
import { runRecipe } from '../../core/optimize/pipeline';
import { presetNames } from '../../core/optimize/presets';
import type { PassReport, Recipe } from '../../core/optimize/types';
import { UsageError } from '../command';
import { planModel } from '../../engines/litert/plan';
import { calibrationOptions, withCalibration } from '../calibrating';
import type { Command } from '../command';
import { isSameFile, readModelFile, writeBytes } from '../files';
import { dataHelp } from '../measure';
import { readNamedRecipe } from '../recipes';
import { alignRows } from '../text';

export const optimizeCommand: Command = {
  name: 'optimize',
  summary: 'Makes a smaller model with a recipe.',
  usage:
    'optimize MODEL --recipe NAME|FILE --out FILE [--calibrate DATA --scale RULE --samples N --seed N] [--json]',
  details: `Recipes by name: ${presetNames.join(', ')}. Any other word is the path of a recipe as JSON, Whittle's or
ai-edge-quantizer's.
${dataHelp}`,
  options: [
    { name: 'recipe', value: 'NAME|FILE', help: 'What to do.' },
    { name: 'out', value: 'FILE', help: 'Where to write the new model.' },
    ...calibrationOptions,
  ],
  models: [1, 1],
  async run(input) {
    const out = input.required('out');
    const { recipe, notes: recipeNotes } = await readNamedRecipe(input.required('recipe'));
    const seed = input.whole('seed', 1, 0);
    const file = await readModelFile(input.models[0]!);
    if (await isSameFile(out, input.models[0]!))
      throw new UsageError(
        `--out "${out}" is the model itself; name another file, so that the original stays.`,
      );
    const { model } = openModel(file.bytes);
    const notes = [...recipeNotes];
    const result = await withCalibration(input, (calibration) => {
      if (calibration) notes.push(...checkSamples(calibration, file.bytes, model, recipe));
      return runRecipe(model, recipe, { seed, calibration, progress: input.progress });
    });
    if (!result.isChanged) notes.push('The recipe found nothing to do; the file was copied as it is.');
    const bytes = result.isChanged ? writeModel(result.model) : file.bytes;
    await writeBytes(out, bytes);
    return {
      json: {
        name: file.name,
        recipe,
        seed,
        out,
        originalSizeBytes: file.bytes.length,
        sizeBytes: bytes.length,
        isChanged: result.isChanged,
        steps: result.reports,
        notes,
      },
      text: toText(out, file.bytes.length, bytes.length, result.reports, notes),
    };
  },
};

/** Samples that are given must be good, also where no step of the recipe uses them. */
function checkSamples(calibration: Calibration, bytes: Uint8Array, model: Model, recipe: Recipe): string[] {
  const inputs = planModel(bytes, null).inputs.map(({ info }) => info);
  const feeder = feederFor(model, { inputs }, calibration);
  feeder.feed(calibration.set.samples[0]!);
  if (recipe.steps.some(({ pass }) => passes[pass]?.needsSamples)) return [...feeder.notes];
  return [...feeder.notes, 'The calibration data fit the model; no step of this recipe needed them.'];
}

function toText(
  out: string,
  before: number,
  after: number,
  reports: readonly PassReport[],
  notes: readonly string[],
): string {
  const skipped = reports.flatMap(({ entries }) => entries.filter(({ action }) => action === 'skipped'));
  const rows = [
    ...reports.map(({ pass, summary }) => [pass, summary]),
    ['size', `${formatBytes(before)} to ${formatBytes(after)} (${formatChange(before, after)})`],
    ['written', out],
    ...notes.map((note) => ['note', note]),
  ];
  if (skipped.length === 0) return alignRows(rows);
  const left = skipped.map(({ kind, name, detail }) => [`  ${kind ?? ''}`, name, detail]);
  return `${alignRows(rows)}\n\nLeft as they are:\n${alignRows(left)}`;
}
