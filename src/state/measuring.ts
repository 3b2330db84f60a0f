/** Running models side by side. */
import type { DataSource } from '../../workers/protocol';
import { seenSamplesRemark } from '../core/measure/seen-samples';
import type { Comparison } from '../core/measure/types';
import { whyUnfit } from './datasets.svelte';
import { Variant, type OpenModel } from './models.svelte';
import { seed } from './planner.svelte';
import type { Workbench } from './workbench.svelte';

const randomSamples = 16;

/** Measures models side by side; the first is the original. Without fitting data on random numbers. */
export async function measureModels(workbench: Workbench, modelIds: readonly string[]): Promise<void> {
  const { workspace, settings } = workbench;
  const models = modelIds.flatMap((id) => workspace.find(id) ?? []);
  const [original] = models;
  const subject = models.at(-1);
  if (!original || !subject) return;
  const data = chooseData(workbench, original);
  const { accelerator, threads, latencyRounds } = settings;
  try {
    const words = { title: `Measure ${subject.title}`, modelId: workspace.originalOf(subject).id };
    const comparison = await workbench.jobs.add(words, (signal, onProgress) =>
      workbench.services.interpret.compare(
        {
          models: models.map(({ title, file }) => ({ name: title, file })),
          data,
          accelerator,
          threads,
          latencyRounds,
        },
        onProgress,
        signal,
      ),
    );
    workspace.keepComparison(
      models.map((model) => model.id),
      withSeenSamples(comparison, models),
    );
    workbench.notices.announce(`Measured ${subject.title}.`);
  } catch (error) {
    workbench.report(
      `${subject.title} was not measured.`,
      'Measuring was cancelled. Nothing changed.',
      error,
    );
  }
}

/** Tells which of the samples a model had learned from. */
function withSeenSamples(comparison: Comparison, models: readonly OpenModel[]): Comparison {
  const remarks = models.flatMap((model, index) => {
    const on = model instanceof Variant ? model.calibratedOn : null;
    if (on?.dataName !== comparison.dataName) return [];
    return seenSamplesRemark(comparison, index, on.samples) ?? [];
  });
  return remarks.length === 0
    ? comparison
    : { ...comparison, notes: [...(comparison.notes ?? []), ...remarks] };
}

function chooseData({ workspace, notices }: Workbench, original: OpenModel): DataSource {
  const fitting = workspace.dataFor(original);
  const unfit = workspace.chosenData ?? workspace.datasets.at(-1) ?? null;
  if (!fitting && unfit) {
    const why = whyUnfit(unfit.summary, original.summary) ?? '';
    notices.add(
      'warn',
      `${unfit.name} was not used for ${original.title}.`,
      `${why} Measured on random numbers instead, which say nothing about accuracy.`,
    );
  }
  return fitting?.sourceFor(original.summary) ?? { kind: 'random', samples: randomSamples, seed };
}
