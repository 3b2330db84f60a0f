/** Finds out what each operator of a variant adds to its error. */
import type { Variant } from './models.svelte';
import { calibrationFor } from './making';
import type { Workbench } from './workbench.svelte';

/** Runs original and variant, whole and operator by operator, on the samples that fit them. */
export async function debugVariant(workbench: Workbench, variant: Variant): Promise<void> {
  const { workspace, services, jobs, notices } = workbench;
  const original = workspace.originalOf(variant);
  const calibration = calibrationFor(workbench, original);
  if (!calibration) {
    notices.add(
      'warn',
      `The errors of ${variant.title} were not measured.`,
      `That needs samples: add data that fit ${original.title}.`,
    );
    return;
  }
  try {
    const words = { title: `Find the errors of ${variant.title}`, modelId: original.id };
    const found = await jobs.add(words, (signal, onProgress) => {
      const { mapping, reports } = variant;
      const rescaled = reports.flatMap((report) => report.rescaled ?? []);
      const request = { original: original.file, variant: variant.file, mapping, rescaled, calibration };
      return services.optimize.debug(request, onProgress, signal);
    });
    variant.keepDebugged({ ...found, dataName: calibration.data.name });
    notices.announce(`Found the errors of ${variant.title}.`);
  } catch (error) {
    workbench.report(
      `The errors of ${variant.title} were not measured.`,
      'Finding errors was cancelled. Nothing changed.',
      error,
    );
  }
}
