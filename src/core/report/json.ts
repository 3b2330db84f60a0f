/** Comparisons as JSON with keys that stay; docs/cli.md describes them. */
import { changePerClass } from '../measure/accuracy';
import type { Comparison, Confusion, LatencySummary, ModelMeasurement } from '../measure/types';
import { accuracyChange } from '../measure/verdict';

/** Version of the layout below; a key is never renamed or dropped without a new version. */
export const REPORT_VERSION = 1;

/**
 * The comparison as a plain JSON value. JSON has no infinity: `sqnrDb` is null where the outputs are equal (then
 * `identical` is true) or were not compared.
 */
export function comparisonToJson(comparison: Comparison): object {
  const [original] = comparison.models;
  return {
    version: REPORT_VERSION,
    data: comparison.dataName,
    samples: comparison.samples,
    isRandom: comparison.isRandom,
    scale: comparison.scaleRule,
    method: comparison.method,
    notes: comparison.notes ?? [],
    classNames: comparison.classNames,
    models: comparison.models.map((model) => ({
      ...modelToJson(model),
      top1Change:
        original && model !== original
          ? accuracyChange(original, model, comparison.labels, comparison.samples)
          : null,
      perClass:
        comparison.labels && model.predictions && original?.predictions
          ? changePerClass(comparison.labels, original.predictions, model.predictions)
          : null,
    })),
  };
}

/** One model's figures as a plain JSON value. */
export function modelToJson(model: ModelMeasurement): object {
  return {
    name: model.name,
    sizeBytes: model.sizeBytes,
    gzipBytes: model.gzipBytes,
    parameters: model.parameters,
    nonZeroParameters: model.nonZeroParameters,
    macs: model.macs,
    latencyMs: model.latencyMs ? latencyToJson(model.latencyMs) : null,
    speedup: model.speedup,
    top1: model.top1,
    top5: model.top5,
    correct: model.correct,
    agreement: model.agreement,
    ...fidelityToJson(model),
    outputs: model.outputs.map(({ name, sqnrDb, cosine, maxAbsError }) => ({
      name,
      ...fidelityToJson({ sqnrDb, cosine }),
      maxAbsError: finite(maxAbsError),
    })),
    confusion: model.confusion ? confusionToJson(model.confusion) : null,
    layers: model.layers,
    dtypes: model.dtypes,
    engine: model.engine,
    backend: model.backend,
    failure: model.failure,
  };
}

/** Median and spread, without the single runs. */
export function latencyToJson({ median, p10, p90, runs }: LatencySummary): object {
  return { median, p10, p90, rounds: runs.length };
}

/** Only the cells that are not zero, as [label, prediction, count]. */
export function confusionToJson({ classes, counts }: Confusion): object {
  const cells: [number, number, number][] = [];
  counts.forEach((count, i) => {
    if (count > 0) cells.push([Math.floor(i / classes), i % classes, count]);
  });
  return { classes, cells };
}

function fidelityToJson({ sqnrDb, cosine }: { sqnrDb: number | null; cosine: number | null }): object {
  return { sqnrDb: finite(sqnrDb), identical: sqnrDb === null ? null : sqnrDb === Infinity, cosine };
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
