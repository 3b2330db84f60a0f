import { plural } from '../../core/format';
import type { Comparison } from '../../core/measure/types';
import type { ComparisonData } from '../../core/measure/compare';
import { comparisonToCsv } from '../../core/report/csv';
import { comparisonToJson } from '../../core/report/json';
import { comparisonToMarkdown } from '../../core/report/markdown';
import { comparisonColumns } from '../../core/report/table';
import { UsageError } from '../command';
import type { Command, CommandInput } from '../command';
import { readDataPath, readModelFile, scaleOption, writeBytes } from '../files';
import { dataHelp, measure, roundsHelp, scaleHelp } from '../measure';
import { alignRows } from '../text';

const formats: Readonly<Record<string, (comparison: Comparison) => string>> = {
  text: toText,
  markdown: comparisonToMarkdown,
  csv: comparisonToCsv,
};

export const compareCommand: Command = {
  name: 'compare',
  summary: 'Puts models side by side; the first is the original that the others are held against.',
  usage: 'compare MODEL MODEL… [--data DATA] [--scale RULE] [--rounds N] [--format FORMAT] [--json]',
  details: `${dataHelp}
Without --data the models run on random values, which say nothing about accuracy.`,
  options: [
    { name: 'data', value: 'DATA', help: 'Samples, with or without labels.' },
    scaleHelp,
    { name: 'samples', value: 'N', help: 'Random samples where there is no --data (preset 20).' },
    { name: 'seed', value: 'N', help: 'Start of the random numbers (preset 1).' },
    roundsHelp,
    { name: 'format', value: 'FORMAT', help: 'text (preset), markdown or csv.' },
    { name: 'report', value: 'FILE', help: 'Also write the JSON document to this file.' },
  ],
  models: [1, Infinity],
  async run(input) {
    const formatName = input.text('format') ?? 'text';
    const format = Object.hasOwn(formats, formatName) ? formats[formatName] : undefined;
    if (!format) throw new UsageError(`--format is text, markdown or csv, not "${formatName}".`);
    const data = await comparisonData(input);
    const models = [];
    for (const path of input.models) models.push(await readModelFile(path));
    const comparison = await measure(models, data, input);
    const json = comparisonToJson(comparison);
    const report = input.text('report');
    if (report !== null)
      await writeBytes(report, new TextEncoder().encode(`${JSON.stringify(json, null, 2)}\n`));
    const ran = comparison.models.some(({ failure }) => failure === null);
    return {
      json,
      text: format(comparison),
      ...(ran ? {} : { failure: comparison.models[0]!.failure!.message }),
    };
  },
};

async function comparisonData(input: CommandInput): Promise<ComparisonData> {
  const scale = scaleOption(input);
  const path = input.text('data');
  if (path !== null) return { kind: 'dataset', dataset: await readDataPath(path), scale };
  return { kind: 'random', samples: input.whole('samples', 20, 1), seed: input.whole('seed', 1, 0) };
}

function toText(comparison: Comparison): string {
  const { models, dataName, samples, scaleRule, method, notes = [] } = comparison;
  // Figures are rows here: they fit a terminal however many there are.
  const rows = comparisonColumns(comparison)
    .filter(({ key }) => key !== 'failure')
    .map((column) => [column.title, ...models.map((model) => column.text(model))]);
  const right = new Set(models.map((_, i) => i + 1));
  return [
    alignRows(rows, right),
    '',
    ...models.flatMap(({ name, failure }) => (failure ? [`${name}: ${failure.message}`] : [])),
    `Data: ${dataName}, ${plural(samples, 'sample')}, scaling ${scaleRule}`,
    method,
    ...notes,
  ].join('\n');
}
