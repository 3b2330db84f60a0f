/** Comparing in Node: the runtime, the clock, and what `evaluate` and `compare` share. */
import { performance } from 'node:perf_hooks';
import { compareModels } from '../core/measure/compare';
import type { ComparisonData, NamedModel } from '../core/measure/compare';
import type { Comparison } from '../core/measure/types';
import { loadLitertInNode } from '../engines/litert/node';
import type { CommandInput, OptionHelp } from './command';

export const scaleHelp: OptionHelp = {
  name: 'scale',
  value: 'RULE',
  help: 'How numbers become real values: none (preset), x/255, x/127.5-1, mean=M,std=S, metadata.',
};
export const roundsHelp: OptionHelp = {
  name: 'rounds',
  value: 'N',
  help: 'Timed rounds for the latency (preset 30); 0 leaves it out.',
};

/** What DATA may be, for the help texts. */
export const dataHelp = `DATA is a folder with inputs.npy (or inputs_0.npy, inputs_1.npy, …) and optionally labels.npy,
labels.csv or labels.txt; or an .npz with inputs and labels; or a single .npy.`;

/** Measures models on data in a runtime of their own. */
export async function measure(
  models: readonly NamedModel[],
  data: ComparisonData,
  input: CommandInput,
): Promise<Comparison> {
  const latencyRounds = input.whole('rounds', 30, 0);
  const engine = await loadLitertInNode();
  try {
    return await compareModels(
      engine,
      models,
      data,
      {
        accelerator: 'wasm',
        latencyRounds,
        now: () => performance.now(),
      },
      input.progress,
      null,
    );
  } finally {
    engine.dispose();
  }
}
