/** From a recipe to a variant. */
import type { CalibrationRequest } from '../../workers/protocol';
import { passes } from '../core/optimize/passes';
import type { Recipe } from '../core/optimize/types';
import { freeName, type OpenModel, Variant } from './models.svelte';
import { seed } from './planner.svelte';
import type { Workbench } from './workbench.svelte';

/** Makes a variant of the base model by the recipe as it stands, and measures it where there is data. */
export async function makeVariant(workbench: Workbench, recipe: Recipe): Promise<void> {
  const { base, draft, workspace, services } = workbench;
  if (!base || draft.steps.length === 0) return;
  const name = freeName(
    recipe.name,
    workspace.variantsOf(base.id).map((variant) => variant.name),
  );
  try {
    const words = { title: `Make ${name}`, modelId: base.id };
    const variant = await workbench.jobs.add(words, async (signal, onProgress) => {
      const calibration = calibrationFor(workbench, base, recipe);
      const request = { name: base.name, file: base.file, recipe, seed, calibration };
      const made = await services.optimize.optimize(request, onProgress, signal);
      const id = crypto.randomUUID();
      const summary = await services.parse.open(id, name, made.file, signal);
      const { reports, mapping } = made;
      return new Variant(id, name, made.file, summary, {
        originalId: base.id,
        asked: recipe,
        reports,
        mapping,
      });
    });
    if (!workspace.find(base.id)) return;
    workspace.addModel(variant);
    workbench.activate(variant.id);
    workbench.notices.announce(`Made ${name} from ${base.title}.`);
    if (workbench.settings.measureAfterMaking && workspace.dataFor(base))
      await workbench.measure([base.id, variant.id]);
  } catch (error) {
    workbench.report(`${name} was not made.`, `${name} was cancelled. Nothing changed.`, error);
  }
}

/** Whether a step of the recipe learns from samples. */
export function needsSamples(recipe: Recipe): boolean {
  return recipe.steps.some(({ pass }) => passes[pass]?.needsSamples ?? false);
}

/** The samples for a recipe that learns from them: the chosen data where they fit the model; else null. */
function calibrationFor(workbench: Workbench, model: OpenModel, recipe: Recipe): CalibrationRequest | null {
  const dataset = needsSamples(recipe) ? workbench.workspace.dataFor(model) : null;
  if (!dataset) return null;
  const { calibrationSamples, threads } = workbench.settings;
  return {
    dataId: dataset.id,
    data: dataset.sourceFor(model.summary),
    samples: calibrationSamples,
    seed,
    threads,
  };
}
