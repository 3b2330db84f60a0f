import { type Advice, adviceFromReport, operatorsToLeave, remedyWords } from '../../core/debug/advice';
import { debugVariant } from '../../core/debug/debug-variant';
import { debugToJson, sqnrToJson } from '../../core/debug/json';
import { leaveFloat } from '../../core/debug/leave-float';
import { debugNodeData } from '../../core/debug/node-data';
import { foreignWeights } from '../../core/debug/same-weights';
import { debugColumns, type DebugOrder, debugOrders, debugRows } from '../../core/debug/table';
import type { DebugReport, DebugRequest, OutputDebug } from '../../core/debug/types';
import { formatBytes, formatChange, formatDb, plural } from '../../core/format';
import { openModel } from '../../core/model/open';
import type { Model } from '../../core/model/types';
import { writeModel } from '../../core/model/write';
import type { Calibration } from '../../core/optimize/calibrate/types';
import { runRecipe } from '../../core/optimize/pipeline';
import type { Recipe } from '../../core/optimize/types';
import { calibrationOptions, withCalibration } from '../calibrating';
import { type Command, type CommandInput, UsageError } from '../command';
import { isSameFile, readModelFile, writeBytes } from '../files';
import { dataHelp } from '../measure';
import { readNamedRecipe } from '../recipes';
import { alignRows, wrap } from '../text';

const WIDTH = 100;
/** Longer names of tensors are cut in the table. */
const LONGEST_NAME = 32;

/** A variant that was made or read, and what debugging it gave. */
interface Debugged {
  readonly name: string;
  readonly variant: Model;
  readonly sizeBytes: number;
  readonly report: DebugReport;
}

/** The variant with its worst operators left float. */
interface Left {
  readonly operators: readonly number[];
  readonly recipe: Recipe;
  readonly debugged: Debugged;
  readonly bytes: Uint8Array;
}

export const debugCommand: Command = {
  name: 'debug',
  summary: 'Finds the operators that make a quantized model lose accuracy, and says what helps.',
  usage:
    'debug MODEL (--recipe NAME|FILE | --variant FILE) --calibrate DATA [--scale RULE --samples N --seed N] [--sort ORDER] [--top N] [--leave-float N [--out FILE]] [--node-data FILE] [--json]',
  details: `Runs the original, the variant and the variant's operators one by one on the samples. The local SQNR is that of an operator
given the original's values, the accumulated SQNR that of the variant's own run.
${dataHelp}`,
  options: [
    { name: 'recipe', value: 'NAME|FILE', help: 'The recipe that makes the variant.' },
    { name: 'variant', value: 'FILE', help: 'A variant that was made before, by whatever tool.' },
    ...calibrationOptions,
    { name: 'sort', value: 'ORDER', help: `${debugOrders.join(', ')} (preset depth).` },
    { name: 'top', value: 'N', help: 'Print only the first N operators of the table.' },
    {
      name: 'leave-float',
      value: 'N',
      help: 'Make the variant again with its N worst operators left float.',
    },
    { name: 'out', value: 'FILE', help: 'Where to write that model.' },
    {
      name: 'node-data',
      value: 'FILE',
      help: "Write the figures for Model Explorer, one file for each, its key put before the name's end.",
    },
  ],
  models: [1, 1],
  async run(input) {
    const asked = await askedOf(input);
    const read = asked.recipe === null ? null : await readNamedRecipe(asked.recipe);
    const recipe = read?.recipe ?? null;
    // Recipes that cannot leave operators float are refused before anything is run.
    if (recipe !== null && asked.leave !== null) leaveFloat(recipe, []);
    const file = await readModelFile(input.models[0]!);
    const { model } = openModel(file.bytes);
    return withCalibration(input, async (calibration) => {
      if (calibration === null) throw new UsageError('The option --calibrate is missing.');
      const subject: Subject = { model, calibration, input };
      const debugged =
        recipe === null
          ? await debugFile(subject, input.required('variant'))
          : (await debugRecipe(subject, recipe)).debugged;
      const { report } = debugged;
      const advice = adviceFromReport(report, model, debugged.variant);
      const left =
        recipe === null || asked.leave === null
          ? null
          : await leaveWorst(subject, recipe, debugged, asked.leave);
      if (left !== null && asked.out !== null) await writeBytes(asked.out, left.bytes);
      const foreign = recipe === null ? foreignWeights(report, model, debugged.variant) : null;
      const notes = [...(read?.notes ?? []), ...report.notes, ...(foreign === null ? [] : [foreign])];
      const nodeData = await writeNodeData(input.text('node-data'), report, file.name);
      return {
        json: {
          version: 1,
          name: file.name,
          variant: debugged.name,
          recipe,
          originalSizeBytes: file.bytes.length,
          sizeBytes: debugged.sizeBytes,
          ...debugToJson(report),
          advice,
          leftFloat: left === null ? null : leftToJson(left, asked.out),
          nodeData,
          notes,
        },
        text: [
          toTable(report, asked.order, asked.top),
          toSummary(debugged, file.bytes.length, notes),
          ...advice.map(toRemark),
          ...(left === null ? [] : [toLeft(debugged, left, asked.out)]),
          ...(nodeData.length === 0 ? [] : [`Written for Model Explorer:\n${nodeData.join('\n')}`]),
        ].join('\n\n'),
      };
    });
  },
};

interface Subject {
  readonly model: Model;
  readonly calibration: Calibration;
  readonly input: CommandInput;
}

/** The options, checked against each other. */
interface Asked {
  readonly recipe: string | null;
  readonly order: DebugOrder;
  readonly top: number;
  /** How many operators to leave float, or null. */
  readonly leave: number | null;
  readonly out: string | null;
}

async function askedOf(input: CommandInput): Promise<Asked> {
  const [recipe, out, word] = [input.text('recipe'), input.text('out'), input.text('sort') ?? 'depth'];
  const order = debugOrders.find((one) => one === word);
  if (order === undefined) throw new UsageError(`--sort is ${debugOrders.join(', ')}, not "${word}".`);
  const top = input.whole('top', Infinity, 1);
  const leave = input.text('leave-float') === null ? null : input.whole('leave-float', 1, 1);
  if ((recipe === null) === (input.text('variant') === null))
    throw new UsageError('Give either --recipe, to make a variant, or --variant, to read one.');
  input.required('calibrate');
  if (leave !== null && recipe === null)
    throw new UsageError('--leave-float makes the variant again, so it needs --recipe.');
  if (out !== null && leave === null) throw new UsageError('--out needs --leave-float.');
  if (out !== null && (await isSameFile(out, input.models[0]!)))
    throw new UsageError(
      `--out "${out}" is the model itself; name another file, so that the original stays.`,
    );
  return { recipe, order, top, leave, out };
}

/** Makes the variant that a recipe makes, and debugs it. */
async function debugRecipe(
  subject: Subject,
  recipe: Recipe,
): Promise<{ readonly debugged: Debugged; readonly bytes: Uint8Array }> {
  const { model, calibration, input } = subject;
  const {
    model: variant,
    mapping,
    reports,
  } = await runRecipe(model, recipe, {
    seed: input.whole('seed', 1, 0),
    calibration,
    progress: input.progress,
  });
  const bytes = writeModel(variant);
  const rescaled = reports.flatMap((report) => report.rescaled ?? []);
  const made = { mapping, rescaled };
  return { debugged: await debugModel(subject, recipe.name, variant, made, bytes.length), bytes };
}

async function debugFile(subject: Subject, path: string): Promise<Debugged> {
  const { name, bytes } = await readModelFile(path);
  const unknown = { mapping: null, rescaled: [] };
  return debugModel(subject, name, openModel(bytes).model, unknown, bytes.length);
}

async function debugModel(
  { model, calibration, input }: Subject,
  name: string,
  variant: Model,
  made: Pick<DebugRequest, 'mapping' | 'rescaled'>,
  sizeBytes: number,
): Promise<Debugged> {
  const request = { ...made, original: model, variant, calibration };
  const report = await debugVariant(request, { progress: input.progress, signal: null });
  return { name, variant, sizeBytes, report };
}

/** Makes the variant again with its `count` worst operators left float. */
async function leaveWorst(subject: Subject, recipe: Recipe, worst: Debugged, count: number): Promise<Left> {
  const places = operatorsToLeave(worst.report, subject.model, worst.variant, count);
  const gentler = leaveFloat(recipe, places);
  const made = await debugRecipe(subject, gentler);
  return { operators: places.map(({ operator }) => operator), recipe: gentler, ...made };
}

/** Writes the node data and gives the paths; none without a path. */
async function writeNodeData(path: string | null, report: DebugReport, modelName: string): Promise<string[]> {
  if (path === null) return [];
  const stem = path.replace(/\.json$/i, '');
  const paths: string[] = [];
  for (const { metric, data } of debugNodeData(report, modelName)) {
    const file = `${stem}.${metric}.json`;
    await writeBytes(file, new TextEncoder().encode(`${JSON.stringify(data, null, 2)}\n`));
    paths.push(file);
  }
  return paths;
}

function leftToJson({ operators, recipe, debugged }: Left, out: string | null): object {
  return {
    operators,
    recipe,
    sizeBytes: debugged.sizeBytes,
    outputs: debugged.report.outputs.map(({ name, sqnrDb }) => ({ name, ...sqnrToJson(sqnrDb) })),
    out,
  };
}

function toTable(report: DebugReport, order: DebugOrder, top: number): string {
  const rows = debugRows(report, order).slice(0, top);
  const right = new Set(debugColumns.flatMap(({ isNumber }, i) => (isNumber ? [i] : [])));
  const cells = rows.map((row) => debugColumns.map((column) => shorten(column.text(row))));
  const more = report.operators.length - rows.length;
  const rest = more > 0 ? `\n${plural(more, 'other operator')} not shown.` : '';
  return alignRows([debugColumns.map(({ title }) => title), ...cells], right) + rest;
}

/** The end of a name tells more than its beginning. */
function shorten(text: string): string {
  return text.length > LONGEST_NAME ? `…${text.slice(1 - LONGEST_NAME)}` : text;
}

function toSummary(
  { name, sizeBytes, report }: Debugged,
  originalBytes: number,
  notes: readonly string[],
): string {
  return alignRows([
    ['variant', name],
    ['size', `${formatBytes(originalBytes)} to ${formatBytes(sizeBytes)}`],
    ...outputRows(report.outputs),
    ['samples', String(report.samples)],
    ...notes.map((note) => ['note', note]),
  ]);
}

function outputRows(outputs: readonly OutputDebug[]): string[][] {
  return outputs.map(({ name, sqnrDb }) => ['output SQNR', `${formatDb(sqnrDb)} (${shorten(name)})`]);
}

function toRemark({ kind, operator, title, message, remedies, together }: Advice): string {
  const others = together.length > 0 ? `, together with ${together.join(', ')}` : '';
  const helps = remedies.map((remedy) => remedyWords[remedy]).join(', ');
  return [
    `${kind} ${operator}: ${title}`,
    wrap(message, WIDTH, '  '),
    ...(helps === '' ? [] : [wrap(`May help: ${helps}${others}.`, WIDTH, '  > ')]),
  ].join('\n');
}

function toLeft(before: Debugged, { operators, debugged }: Left, out: string | null): string {
  const changes = debugged.report.outputs.map(({ name, sqnrDb }, i) => [
    'output SQNR',
    `${formatDb(before.report.outputs[i]!.sqnrDb)} to ${formatDb(sqnrDb)} (${shorten(name)})`,
  ]);
  const { sizeBytes } = debugged;
  return alignRows([
    ['left float', operators.join(', ') || 'none'],
    ...changes,
    [
      'size',
      `${formatBytes(before.sizeBytes)} to ${formatBytes(sizeBytes)} (${formatChange(before.sizeBytes, sizeBytes)})`,
    ],
    ...(out === null ? [] : [['written', out]]),
  ]);
}
