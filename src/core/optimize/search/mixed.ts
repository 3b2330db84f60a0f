/** The search as a pass: the smallest or fastest model that keeps the asked accuracy. */
import { ModelError } from '../../errors';
import { formatBytes, formatMs, formatPercent, plural } from '../../format';
import type { Model } from '../../model/types';
import type { TraceContext } from '../calibrate/trace-run';
import type { Calibration } from '../calibrate/types';
import { cleanUp } from '../cleanup/clean-up';
import { identityMapping } from '../mapping';
import { numberOption, textOption } from '../options';
import { dynamicRange } from '../quantize/dynamic-range';
import { float16 } from '../quantize/float16';
import { integer } from '../quantize/integer/integer';
import { operatorEntry } from '../report';
import { runSteps } from '../steps';
import type { Options, OptionSpec, Pass, PassContext, PassResult, Recipe, ReportEntry } from '../types';
import { searchLayers } from './layers';
import { presetSchemes, searchMixed } from './search';
import type { SearchGoal, SearchPoint, SearchResult } from './types';

/** The passes that a mixed recipe is made of. */
const parts: Readonly<Record<string, Pass>> = {
  'clean-up': cleanUp,
  integer,
  'dynamic-range': dynamicRange,
  float16,
};

/** The options of a search. */
export const searchOptions = {
  least: {
    kind: 'choice',
    preset: 'size',
    choices: [
      { value: 'size', label: 'Smallest file' },
      { value: 'latency', label: 'Fastest run here' },
    ],
    label: 'Look for',
    hint: 'Among the models that keep the accuracy, the smallest file or the shortest run on this machine.',
    isWholeStep: true,
  },
  mostLossPoints: {
    kind: 'number',
    preset: 1,
    min: 0,
    max: 50,
    step: 0.1,
    unit: 'points',
    label: 'Accuracy that may be lost',
    hint: 'Of the top-1 accuracy, in percentage points, on samples that the model was not fitted to. Needs labels.',
    isWholeStep: true,
  },
  leastSqnrDb: {
    kind: 'number',
    preset: 30,
    min: 0,
    max: 100,
    step: 1,
    unit: 'dB',
    label: 'SQNR without labels',
    hint: "Least signal-to-noise ratio of the outputs against the original's, where there is no accuracy to go by.",
    isWholeStep: true,
  },
  points: {
    kind: 'number',
    preset: 6,
    min: 0,
    max: 24,
    step: 1,
    unit: 'models',
    label: 'Mixed models to try',
    hint: 'Each is made and measured in full, beside one for each number format.',
    isWholeStep: true,
  },
} satisfies Readonly<Record<string, OptionSpec>>;

/** The goal that options of the pass stand for. */
export function goalOf(options: Options): SearchGoal {
  return {
    least: textOption(options, 'least') as SearchGoal['least'],
    mostLossPoints: numberOption(options, 'mostLossPoints'),
    leastSqnrDb: numberOption(options, 'leastSqnrDb'),
  };
}

export const mixed: Pass = {
  name: 'mixed',
  title: 'Mixed precision',
  description:
    'Finds out how much each layer alone hurts as float16, dynamic range, int16x8, int8 and int4, makes whole models along the front of size against accuracy, measures them on your samples, and takes the smallest or fastest that keeps the accuracy.',
  isLossless: false,
  needsSamples: true,
  options: searchOptions,
  async run(model, options, context): Promise<PassResult> {
    const layers = searchLayers(model);
    if (layers.length === 0) {
      const summary = 'Nothing to change: no layer has float weights.';
      return unchanged(model, summary, []);
    }
    if (context.isPlan) {
      const entries = layers.map(({ operator }) =>
        operatorEntry(
          model,
          'changed',
          0,
          operator,
          'float32, float16, dynamic, int16x8, int8 or int4: your samples decide',
        ),
      );
      const summary = `Your samples decide what each of ${plural(layers.length, 'layer')} becomes.`;
      return { model, report: { pass: 'mixed', entries, summary }, mapping: identityMapping(model) };
    }
    const { calibration } = context;
    if (calibration === null) {
      throw new ModelError(
        'bad-data',
        'Mixed precision needs samples to find out what each layer may become: add data that fit the model (on the command line --calibrate DATA).',
      );
    }
    const result = await runSearch(model, calibration, options, context);
    const notes = [...result.points.map(pointSentence), ...result.notes];
    const chosen = result.best === null ? null : result.points[result.best]!;
    if (chosen === null) {
      return unchanged(model, 'Nothing changed: no model that was tried keeps the asked accuracy.', notes);
    }
    const made = await runSteps(parts, model, chosen.recipe, {
      seed: 1,
      calibration,
      signal: context.signal,
    });
    return {
      model: made.model,
      mapping: made.mapping,
      report: {
        pass: 'mixed',
        entries: entriesOf(model, chosen, result),
        summary: `${chosen.name}: ${pointWords(chosen)}.`,
        notes,
        calibratedOn: { dataName: calibration.set.dataset.name, samples: calibration.set.samples },
      },
    };
  },
};

/** Searches with the options of the pass. */
export function runSearch(
  model: Model,
  calibration: Calibration,
  options: Options,
  context: TraceContext & Pick<PassContext, 'signal'>,
): Promise<SearchResult> {
  const goal = goalOf(options);
  const apply = async (from: Model, recipe: Recipe, inner: TraceContext) => {
    const made = await runSteps(parts, from, recipe, { seed: 1, calibration, ...inner });
    return made.model;
  };
  return searchMixed(
    model,
    calibration,
    apply,
    {
      goal,
      schemes: presetSchemes,
      points: numberOption(options, 'points'),
      latencyRounds: goal.least === 'latency' ? TIMED_ROUNDS : 0,
      now: calibration.now,
    },
    context,
  );
}

const TIMED_ROUNDS = 15;

function unchanged(model: Model, summary: string, notes: readonly string[]): PassResult {
  return { model, report: { pass: 'mixed', entries: [], summary, notes }, mapping: identityMapping(model) };
}

/** What each layer became, with how much it hurts alone. */
function entriesOf(model: Model, { recipe }: SearchPoint, { sensitivities }: SearchResult): ReportEntry[] {
  const byLayer = new Map<number, SearchResult['sensitivities'][number][]>();
  for (const one of sensitivities) byLayer.set(one.operator, [...(byLayer.get(one.operator) ?? []), one]);
  return [...byLayer].map(([operator, ones]) => {
    const detail = ones
      .map(
        ({ scheme, sqnrDb }) =>
          `${scheme} alone ${Number.isFinite(sqnrDb) ? `${sqnrDb.toFixed(1)} dB` : 'no error'}`,
      )
      .join(', ');
    return operatorEntry(model, 'changed', 0, operator, `${schemeAt(recipe, operator)}; ${detail}`);
  });
}

/** The scheme that a mixed recipe gives an operator of the main subgraph. */
function schemeAt({ steps, overrides = [] }: Recipe, operator: number): string {
  const found = steps.slice(1).find(({ pass }) => {
    let isSkipped = false;
    for (const { match, pass: only, skip } of overrides) {
      const isMeant = match.operator === undefined || match.operator === operator;
      if (only === pass && isMeant && skip !== undefined) isSkipped = skip;
    }
    return !isSkipped;
  });
  if (!found) return 'float32';
  if (found.pass !== 'integer') return found.pass === 'dynamic-range' ? 'dynamic' : found.pass;
  const own = overrides.findLast(
    ({ match, pass }) => pass === 'integer' && match.operator === operator,
  )?.options;
  if (own?.activations === 'int16') return 'int16x8';
  return own?.weights === 'int4' ? 'int4' : 'int8';
}

/** The figures of a point in words. */
export function pointWords({ sizeBytes, latencyMs, top1, sqnrDb }: SearchPoint): string {
  const parts = [
    formatBytes(sizeBytes),
    ...(latencyMs === null ? [] : [formatMs(latencyMs)]),
    ...(top1 === null ? [] : [`top-1 ${formatPercent(top1, 1)}`]),
    `SQNR ${Number.isFinite(sqnrDb) ? `${sqnrDb.toFixed(1)} dB` : 'without end'}`,
  ];
  return parts.join(', ');
}

function pointSentence(point: SearchPoint): string {
  return `${point.name}: ${pointWords(point)}${point.isGoodEnough ? '' : ' (loses too much)'}.`;
}
