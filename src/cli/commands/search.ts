import { ModelError } from '../../core/errors';
import { formatBytes, formatDb, formatMs, formatPercent, plural } from '../../core/format';
import { openModel } from '../../core/model/open';
import { writeModel } from '../../core/model/write';
import { describeAllowed, isAllowed, presetOptions } from '../../core/optimize/options';
import { runRecipe } from '../../core/optimize/pipeline';
import { mixed, runSearch, searchOptions } from '../../core/optimize/search/mixed';
import type { SearchPoint, SearchResult, Sensitivity } from '../../core/optimize/search/types';
import type { Options } from '../../core/optimize/types';
import { calibrationOptions, withCalibration } from '../calibrating';
import { type Command, type CommandInput, UsageError } from '../command';
import { isSameFile, readModelFile, writeBytes } from '../files';
import { dataHelp } from '../measure';
import { alignRows } from '../text';

/** Options of the command line by the option of the search that they set. */
const words = { least: 'least', loss: 'mostLossPoints', sqnr: 'leastSqnrDb', points: 'points' } as const;

export const searchCommand: Command = {
  name: 'search',
  summary: 'Finds the smallest or fastest model of mixed precision that keeps the accuracy.',
  usage:
    'search MODEL --calibrate DATA [--scale RULE --samples N --seed N] [--least size|latency] [--loss POINTS] [--sqnr DB] [--points N] [--out FILE] [--recipe-out FILE] [--json]',
  details: `Tries each layer alone in each number format, then makes whole models along the front and measures them on the samples that calibration did not draw. --out and --recipe-out write the best.
${dataHelp}`,
  options: [
    ...calibrationOptions,
    ...Object.entries(words).map(([name, key]) => {
      const spec = searchOptions[key];
      return {
        name,
        value: spec.kind === 'choice' ? 'WHAT' : spec.unit.toUpperCase(),
        help: `${spec.hint} (${describeAllowed(spec)}; preset ${String(spec.preset)})`,
      };
    }),
    { name: 'out', value: 'FILE', help: 'Where to write the best model.' },
    { name: 'recipe-out', value: 'FILE', help: 'Where to write its recipe as JSON.' },
  ],
  models: [1, 1],
  async run(input) {
    input.required('calibrate');
    const options = readOptions(input);
    const [out, recipeOut] = [input.text('out'), input.text('recipe-out')];
    const file = await readModelFile(input.models[0]!);
    if (out !== null && (await isSameFile(out, input.models[0]!))) {
      throw new UsageError(`--out "${out}" is the model itself; name another file.`);
    }
    const { model } = openModel(file.bytes);
    const seed = input.whole('seed', 1, 0);
    return withCalibration(input, async (calibration) => {
      const context = { progress: input.progress, signal: null };
      const result = await runSearch(model, calibration!, options, context);
      const best = result.best === null ? null : result.points[result.best]!;
      const written: string[] = [];
      if (best && recipeOut !== null) {
        await writeBytes(recipeOut, new TextEncoder().encode(`${JSON.stringify(best.recipe, null, 2)}\n`));
        written.push(recipeOut);
      }
      if (best && out !== null) {
        const made = await runRecipe(model, best.recipe, { seed, calibration });
        await writeBytes(out, writeModel(made.model));
        written.push(out);
      }
      const failure =
        best === null && (out !== null || recipeOut !== null)
          ? new ModelError(
              'bad-recipe',
              'No model that was tried keeps the asked accuracy; nothing was written.',
            )
          : null;
      return {
        json: { version: 1, name: file.name, seed, options, ...toJson(result), written },
        text: toText(result, written),
        ...(failure ? { failure: failure.message } : {}),
      };
    });
  },
};

/** JSON has no infinity: an SQNR without error is `null`, and `identical` is true. */
function toJson(result: SearchResult): object {
  const plain = <T extends { readonly sqnrDb: number }>(one: T) => ({
    ...one,
    sqnrDb: Number.isFinite(one.sqnrDb) ? one.sqnrDb : null,
    identical: one.sqnrDb === Infinity,
  });
  return { ...result, sensitivities: result.sensitivities.map(plain), points: result.points.map(plain) };
}

function readOptions(input: CommandInput): Options {
  const options: Record<string, string | number> = {};
  for (const [name, key] of Object.entries(words)) {
    const spec = searchOptions[key];
    const text = input.text(name);
    if (text === null) continue;
    const value = spec.kind === 'number' ? Number(text) : text;
    if (text === '' || !isAllowed(spec, value)) {
      throw new UsageError(`--${name} needs ${describeAllowed(spec)}, not "${text}".`);
    }
    options[key] = value;
  }
  return { ...presetOptions(mixed), ...options };
}

function toText(result: SearchResult, written: readonly string[]): string {
  const { original, points, best, scoredSamples, judgedSamples, notes } = result;
  const dash = (value: number | null, format: (value: number) => string) =>
    value === null ? '–' : format(value);
  const row = (
    name: string,
    one: Pick<SearchPoint, 'sizeBytes' | 'latencyMs' | 'top1' | 'agreement' | 'sqnrDb'>,
    mark: string,
  ) => [
    mark,
    name,
    formatBytes(one.sizeBytes),
    dash(one.latencyMs, formatMs),
    dash(one.top1, (value) => formatPercent(value, 1)),
    dash(one.agreement, (value) => formatPercent(value, 1)),
    formatDb(one.sqnrDb),
  ];
  const rows = points.map((point, i) => {
    const mark = i === best ? 'best' : point.isOnFront ? 'front' : '';
    return row(point.name, point, mark);
  });
  const first = { ...original, agreement: null, sqnrDb: Infinity };
  const table = alignRows(
    [['', 'model', 'size', 'latency', 'top-1', 'agreement', 'SQNR'], row('original', first, ''), ...rows],
    new Set([2, 3, 4, 5, 6]),
  );
  return [
    table,
    '',
    `One layer at a time, SQNR of the outputs (${plural(judgedSamples, 'sample')}):`,
    sensitivityTable(result.sensitivities),
    '',
    `Scored on ${plural(scoredSamples, 'sample')}${best === null ? '; no model keeps the asked accuracy' : ''}.`,
    ...notes,
    ...written.map((path) => `Written: ${path}`),
  ].join('\n');
}

function sensitivityTable(sensitivities: readonly Sensitivity[]): string {
  const schemes = [...new Set(sensitivities.map(({ scheme }) => scheme))];
  const operators = [...new Set(sensitivities.map(({ operator }) => operator))].sort((a, b) => a - b);
  const rows = operators.map((operator) => {
    const ones = sensitivities.filter((one) => one.operator === operator);
    const { kind, name } = ones[0]!;
    return [
      String(operator),
      kind,
      name.length > 40 ? `…${name.slice(-39)}` : name,
      ...schemes.map((scheme) => {
        const one = ones.find((candidate) => candidate.scheme === scheme);
        return one ? formatDb(one.sqnrDb) : '–';
      }),
    ];
  });
  return alignRows(
    [['', 'kind', 'name', ...schemes], ...rows],
    new Set([0, ...schemes.map((_, i) => i + 3)]),
  );
}
