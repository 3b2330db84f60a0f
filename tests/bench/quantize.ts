/** Dynamic-range quantization, against a plain copy of the model's bytes. */
import { readModel } from '../../src/core/model/read';
import { runRecipe } from '../../src/core/optimize/pipeline';
import type { Recipe } from '../../src/core/optimize/types';
import { type BenchEntry, medianMs } from './entry';

const recipe: Recipe = { name: 'bench', version: 1, steps: [{ pass: 'dynamic-range' }] };

/** `bytes` is a whole `.tflite` file with float weights. */
export async function benchQuantize(name: string, bytes: Uint8Array): Promise<BenchEntry[]> {
  const { model } = readModel(bytes);
  const copyMs = await medianMs(9, () => bytes.slice());
  const quantizeMs = await medianMs(5, () => runRecipe(model, recipe, { seed: 1 }));
  const { reports } = await runRecipe(model, recipe, { seed: 1 });
  const weightBytes = reports[0]!.entries.reduce(
    (sum, entry) => sum + (entry.action === 'changed' ? (entry.beforeBytes ?? 0) : 0),
    0,
  );
  const note = `${(weightBytes / 1e6).toFixed(1)} MB of float weights in ${quantizeMs.toFixed(1)} ms`;
  return [
    {
      name: `dynamic-range ${name}`,
      ratio: weightBytes / 1e6 / (quantizeMs / 1000),
      unit: 'MB/s of float weights',
      note,
    },
    {
      name: `dynamic-range ${name} against memory`,
      ratio: weightBytes / quantizeMs / (bytes.length / copyMs),
      unit: 'x memory copy throughput',
      note: `${note}; a copy to fresh memory of ${(bytes.length / 1e6).toFixed(1)} MB takes ${copyMs.toFixed(2)} ms`,
    },
  ];
}
