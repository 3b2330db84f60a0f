import { ModelError } from '../../core/errors';
import { formatMs, formatPercent, plural } from '../../core/format';
import type { Comparison, ModelMeasurement } from '../../core/measure/types';
import { confusionToJson, latencyToJson } from '../../core/report/json';
import type { Command } from '../command';
import { readDataPath, readModelFile, scaleOption } from '../files';
import { dataHelp, measure, roundsHelp, scaleHelp } from '../measure';
import { alignRows } from '../text';

export const evaluateCommand: Command = {
  name: 'evaluate',
  summary: 'Runs a model on labelled data: accuracy and latency.',
  usage: 'evaluate MODEL --data DATA [--scale RULE] [--rounds N] [--json]',
  details: dataHelp,
  options: [{ name: 'data', value: 'DATA', help: 'Samples and labels.' }, scaleHelp, roundsHelp],
  models: [1, 1],
  async run(input) {
    const dataPath = input.required('data');
    const scale = scaleOption(input);
    const model = await readModelFile(input.models[0]!);
    const dataset = await readDataPath(dataPath);
    const comparison = await measure([model], { kind: 'dataset', dataset, scale }, input);
    const figures = comparison.models[0]!;
    if (figures.failure) throw new ModelError(figures.failure.code, figures.failure.message);
    const notes = [...(comparison.notes ?? []), ...missing(comparison, figures)];
    return { json: toJson(comparison, figures, notes), text: toText(comparison, figures, notes) };
  },
};

/** Why there is no accuracy. */
function missing({ labels }: Comparison, { top1 }: ModelMeasurement): string[] {
  if (!labels) return ['The data have no labels, so there is no accuracy.'];
  return top1 === null ? ['None of the outputs is a list of class scores, so there is no accuracy.'] : [];
}

function toJson(comparison: Comparison, figures: ModelMeasurement, notes: readonly string[]): object {
  return {
    name: figures.name,
    data: comparison.dataName,
    samples: comparison.samples,
    scale: comparison.scaleRule,
    top1: figures.top1,
    top5: figures.top5,
    correct: figures.correct,
    latencyMs: figures.latencyMs ? latencyToJson(figures.latencyMs) : null,
    engine: figures.engine,
    backend: figures.backend,
    method: comparison.method,
    notes,
    confusion: figures.confusion ? confusionToJson(figures.confusion) : null,
  };
}

function toText(comparison: Comparison, figures: ModelMeasurement, notes: readonly string[]): string {
  const { top1, top5, correct, latencyMs } = figures;
  const rows: [string, string][] = [
    ['Model', figures.name],
    [
      'Data',
      `${comparison.dataName}, ${plural(comparison.samples, 'sample')}, scaling ${comparison.scaleRule}`,
    ],
  ];
  if (top1 !== null) rows.push(['Top-1', `${formatPercent(top1, 2)} (${correct!} of ${comparison.samples})`]);
  if (top5 !== null) rows.push(['Top-5', formatPercent(top5, 2)]);
  if (latencyMs)
    rows.push([
      'Latency',
      `${formatMs(latencyMs.median)} (${formatMs(latencyMs.p10)} to ${formatMs(latencyMs.p90)})`,
    ]);
  rows.push(['Method', comparison.method], ...notes.map((note): [string, string] => ['Note', note]));
  return alignRows(rows);
}
