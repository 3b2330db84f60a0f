/** Samples and a runtime for the commands that learn from data. */
import { openCalibration, presetSamples } from '../core/optimize/calibrate/calibration';
import type { Calibration } from '../core/optimize/calibrate/types';
import { loadLitertInNode } from '../engines/litert/node';
import type { CommandInput, OptionHelp } from './command';
import { readDataPath, scaleOption } from './files';
import { scaleHelp } from './measure';

/** Options of every command that calibrates. */
export const calibrationOptions: readonly OptionHelp[] = [
  {
    name: 'calibrate',
    value: 'DATA',
    help: 'Samples from which steps that need it learn the ranges of values.',
  },
  scaleHelp,
  {
    name: 'samples',
    value: 'N',
    help: `How many samples to draw for calibrating (preset ${presetSamples}, all when there are fewer).`,
  },
  {
    name: 'seed',
    value: 'N',
    help: 'Start of the random numbers, the drawing of samples among them (preset 1).',
  },
];

/**
 * Runs `work` with the samples that `--calibrate` names and a runtime of their own; with null where it is not given.
 * @throws ModelError `bad-data` when the data cannot be read
 */
export async function withCalibration<T>(
  input: CommandInput,
  work: (calibration: Calibration | null) => Promise<T>,
): Promise<T> {
  const scale = scaleOption(input);
  const samples = input.whole('samples', presetSamples, 1);
  const seed = input.whole('seed', 1, 0);
  const path = input.text('calibrate');
  if (path === null) return work(null);
  const dataset = await readDataPath(path);
  const engine = await loadLitertInNode();
  try {
    return await work(
      openCalibration(engine, dataset, scale, { samples, seed, now: () => performance.now() }),
    );
  } finally {
    engine.dispose();
  }
}
