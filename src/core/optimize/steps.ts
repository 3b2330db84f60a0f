/** Runs the steps of a recipe one after the other, with passes that are handed in. */
import { ModelError } from '../errors';
import type { Model } from '../model/types';
import { seededRandom } from '../random';
import { composeMappings, identityMapping, invertMapping } from './mapping';
import { mapMatches, matchOverrides, resolveOptions } from './overrides';
import { presetOptions } from './options';
import type { Calibration } from './calibrate/types';
import type { CancelSignal, OperatorMapping, Pass, PassReport, Recipe } from './types';

export interface RunOptions {
  /** Start of the random numbers; the same seed gives the same bytes. */
  readonly seed: number;
  /** `done` of `total` over all steps; the label names the step and what it is at. */
  progress?(done: number, total: number, label: string): void;
  readonly signal?: CancelSignal | null;
  /** Samples and a runtime, for the steps that learn from them. */
  readonly calibration?: Calibration | null;
}

export interface RecipeResult {
  readonly model: Model;
  /** One per step. Indexes in a report are those of the model that the step was given. */
  readonly reports: readonly PassReport[];
  /** Operators of the model at the start to those at the end. */
  readonly mapping: OperatorMapping;
  /** False when no step found anything to do: the result is then the model itself. */
  readonly isChanged: boolean;
}

/** Parts into which the progress of one step is divided. */
const STEP_PARTS = 1000;

/**
 * Applies a recipe (or, with `isPlan`, finds out what it would do without running samples). Pure: the model given is not
 * touched, and the result shares every byte that no step changed.
 * @throws ModelError `bad-recipe` for a pass that does not exist; whatever `signal.throwIfAborted` throws when cancelled.
 */
export async function runSteps(
  passes: Readonly<Record<string, Pass>>,
  model: Model,
  recipe: Recipe,
  options: RunOptions,
  isPlan = false,
): Promise<RecipeResult> {
  const { signal = null, calibration = null } = options;
  const overrides = recipe.overrides ?? [];
  const random = seededRandom(options.seed);
  const reports: PassReport[] = [];
  let current = model;
  let mapping = identityMapping(model);
  let matches = matchOverrides(model, overrides);
  const total = recipe.steps.length * STEP_PARTS;

  for (const [index, step] of recipe.steps.entries()) {
    signal?.throwIfAborted();
    const pass = Object.hasOwn(passes, step.pass) ? passes[step.pass] : undefined;
    if (!pass) throw new ModelError('bad-recipe', `Step ${index + 1} of the recipe names no known pass.`);
    const place = recipe.steps.length > 1 ? `Step ${index + 1} of ${recipe.steps.length}: ` : '';
    const tell = (fraction: number, label: string) =>
      options.progress?.(
        Math.round((index + fraction) * STEP_PARTS),
        total,
        `${place}${pass.title}${label === '' ? '' : `, ${label}`}`,
      );
    tell(0, '');
    const stepMatches = matches;
    const result = await pass.run(
      current,
      { ...presetOptions(pass), ...step.options },
      {
        random,
        progress: (done, of, label) => tell(of > 0 ? Math.min(1, done / of) : 0, label),
        signal,
        optionsFor: (subgraph, operator) =>
          resolveOptions(pass, step, overrides, stepMatches[subgraph]?.[operator] ?? []),
        calibration,
        isPlan,
      },
    );
    reports.push(withOrigins(result.report, current, mapping));
    matches = mapMatches(matches, result.mapping, result.model, overrides);
    mapping = composeMappings(mapping, result.mapping);
    current = result.model;
    tell(1, '');
  }
  return { model: current, reports, mapping, isChanged: reports.some(hasChanges) };
}

/** Tells which operator of the model at the start each entry is about. */
function withOrigins(report: PassReport, model: Model, mapping: OperatorMapping): PassReport {
  const origins = invertMapping(
    mapping,
    model.subgraphs.map(({ operators }) => operators.length),
  );
  const entries = report.entries.map((entry) => ({
    ...entry,
    originalOperator:
      entry.operator === null ? null : (origins[entry.subgraph]?.[entry.operator]?.[0] ?? null),
  }));
  return { ...report, entries };
}

/** Whether a step did anything. A recipe of which no report has changes leaves the model as it was. */
export function hasChanges(report: PassReport): boolean {
  return report.entries.some((entry) => entry.action !== 'skipped');
}
