/** From a recipe to a variant. */
import type { CalibrationRequest } from '../../workers/protocol';
import { passes } from '../core/optimize/passes';
import type { Recipe } from '../core/optimize/types';
import { freeName, type OpenModel, Variant } from './models.svelte';
import { carriedSpot } from './pairing.svelte';
import { seed } from './planner.svelte';
import type { Workbench } from './workbench.svelte';

/** Makes a variant of the base model by a recipe, measures it where there is data, and returns it; null when it was not made. */
export async function makeVariant(workbench: Workbench, recipe: Recipe): Promise<Variant | null> {
  const { base, workspace, services } = workbench;
  if (!base || recipe.steps.length === 0) return null;
  const name = freeName(
    recipe.name,
    workspace.variantsOf(base.id).map((variant) => variant.name),
  );
  try {
    const words = { title: `Make ${name}`, modelId: base.id };
    const variant = await workbench.jobs.add(words, async (signal, onProgress) => {
      const calibration = needsSamples(recipe) ? calibrationFor(workbench, base) : null;
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
    if (!workspace.find(base.id)) return null;
    const { active, subgraph, selection } = workbench;
    workspace.addModel(variant);
    workbench.goTo(
      active
        ? carriedSpot({ before: active, after: variant }, { subgraph, selection })
        : { modelId: variant.id, subgraph: 0, selection: null },
    );
    workbench.notices.announce(`Made ${name} from ${base.title}.`);
    if (workbench.settings.measureAfterMaking && workspace.dataFor(base))
      await workbench.measure([base.id, variant.id]);
    return variant;
  } catch (error) {
    workbench.report(`${name} was not made.`, `${name} was cancelled. Nothing changed.`, error);
    return null;
  }
}

/** Whether a step of the recipe learns from samples. */
export function needsSamples(recipe: Recipe): boolean {
  return recipe.steps.some(({ pass }) => passes[pass]?.needsSamples ?? false);
}

/** The chosen data where they fit the model, else the first that do, as samples to learn from; null without any. */
export function calibrationFor(
  { workspace, settings }: Pick<Workbench, 'workspace' | 'settings'>,
  model: OpenModel,
): CalibrationRequest | null {
  const dataset = workspace.dataFor(model);
  if (!dataset) return null;
  const { calibrationSamples, threads } = settings;
  return {
    dataId: dataset.id,
    data: dataset.sourceFor(model.summary),
    samples: calibrationSamples,
    seed,
    threads,
  };
}
