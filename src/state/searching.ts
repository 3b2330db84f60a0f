/** Looks for the smallest or fastest model of mixed precision that keeps the accuracy. */
import { plural } from '../core/format';
import type { Options } from '../core/optimize/types';
import { calibrationFor } from './making';
import type { OpenModel } from './models.svelte';
import type { Workbench } from './workbench.svelte';

/** Searches over number formats for the layers of a model; `options` are those of the `mixed` pass. */
export async function searchMixed(workbench: Workbench, model: OpenModel, options: Options): Promise<void> {
  const { services, jobs, notices } = workbench;
  const calibration = calibrationFor(workbench, model);
  if (!calibration) {
    notices.add(
      'warn',
      `Nothing was searched for ${model.title}.`,
      `Models are measured on samples: add data that fit ${model.title}.`,
    );
    return;
  }
  try {
    const words = { title: `Search for ${model.title}`, modelId: model.id };
    const result = await jobs.add(words, (signal, onProgress) =>
      services.optimize.search({ file: model.file, options, calibration }, onProgress, signal),
    );
    model.keepSearched({ result, dataName: calibration.data.name });
    notices.announce(`Searched ${plural(result.points.length, 'model')} for ${model.title}.`);
  } catch (error) {
    workbench.report(
      `Nothing was found for ${model.title}.`,
      'The search was cancelled. Nothing changed.',
      error,
    );
  }
}
