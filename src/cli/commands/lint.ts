import { ModelError } from '../../core/errors';
import { lintModel } from '../../core/lint/lint';
import { lintRules } from '../../core/lint/rules';
import type { Advice } from '../../core/lint/types';
import { openModel } from '../../core/model/open';
import type { Model } from '../../core/model/types';
import { adviseSamples } from '../../core/optimize/calibrate/advice';
import { collectStatistics } from '../../core/optimize/calibrate/collect';
import type { Calibration, ModelStatistics } from '../../core/optimize/calibrate/types';
import { plural } from '../../core/format';
import { calibrationOptions, withCalibration } from '../calibrating';
import type { Command, CommandInput } from '../command';
import { readModelFile } from '../files';
import { dataHelp } from '../measure';
import { alignRows, wrap } from '../text';

const WIDTH = 100;

export const lintCommand: Command = {
  name: 'lint',
  summary: 'Says what will cost a model accuracy, time or bytes, and what to do.',
  usage: 'lint MODEL [--calibrate DATA --scale RULE --samples N --seed N] [--json]',
  details: `With samples it also looks at the ranges that activations have when the model runs.
${dataHelp}

Rules:
${alignRows(lintRules.map(({ name, title }) => [`  ${name}`, title]))}`,
  options: calibrationOptions,
  models: [1, 1],
  run(input) {
    return withCalibration(input, async (calibration) => {
      const { name, bytes } = await readModelFile(input.models[0]!);
      const { model } = openModel(bytes);
      const notes: string[] = [];
      const statistics = calibration && (await measure(model, calibration, input, notes));
      const advice = lintModel(model, statistics);
      return {
        json: { version: 1, name, isCalibrated: statistics !== null, advice, notes },
        text: toText(name, advice, notes),
      };
    });
  },
};

/** Statistics of the activations; null, and a note, for a model that has none to measure or does not run. */
async function measure(
  model: Model,
  calibration: Calibration,
  { progress }: CommandInput,
  notes: string[],
): Promise<ModelStatistics | null> {
  try {
    const statistics = await collectStatistics(model, calibration, { progress, signal: null });
    notes.push(adviseSamples(statistics).sentence);
    return statistics;
  } catch (error) {
    if (!(error instanceof ModelError) || error.code !== 'unsupported') throw error;
    notes.push(`The samples were not used: ${error.message}`);
    return null;
  }
}

function toText(name: string, advice: readonly Advice[], notes: readonly string[]): string {
  const warnings = advice.filter(({ severity }) => severity === 'warning').length;
  const hints = advice.length - warnings;
  const summary =
    advice.length === 0
      ? 'Nothing to remark.'
      : [warnings > 0 ? plural(warnings, 'warning') : '', hints > 0 ? plural(hints, 'hint') : '']
          .filter((part) => part !== '')
          .join(', ');
  const remarks = advice.map(({ severity, rule, where, count, message, advice: todo }) => {
    const places = count > 1 ? ` and ${count - 1} more` : '';
    return [
      `${severity}: ${rule} at ${where}${places}`,
      wrap(message, WIDTH, '  '),
      wrap(todo, WIDTH, '  > '),
    ].join('\n');
  });
  return [[`${name}: ${summary}`, ...notes.map((note) => wrap(note, WIDTH, ''))].join('\n'), ...remarks].join(
    '\n\n',
  );
}
