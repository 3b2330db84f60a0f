/** Downloads of what the workbench holds. */
import type { AeqRecipe } from '../../../workers/protocol';
import { debugNodeData } from '../../core/debug/node-data';
import type { DebugReport } from '../../core/debug/types';
import type { Comparison } from '../../core/measure/types';
import type { Recipe } from '../../core/optimize/types';
import { fileNameOf, Variant, type OpenModel } from '../../state/models.svelte';
import { saveFile } from '../../ui/charts/chart';

/** `digits-dynamic-range.tflite` for a variant, its own name for a model. */
export function modelFileName(model: OpenModel, original: OpenModel): string {
  const stem = model instanceof Variant ? `${original.title}-${model.name}` : model.title;
  return `${fileNameOf(stem)}.tflite`;
}

export function saveModel(model: OpenModel, original: OpenModel): void {
  saveFile(modelFileName(model, original), model.file);
}

export function saveRecipe(recipe: Recipe): void {
  saveFile(`${fileNameOf(recipe.name)}.json`, jsonBlob(recipe));
}

/** Saves a recipe for ai-edge-quantizer. */
export function saveAeqRecipe(name: string, { entries }: AeqRecipe): void {
  saveFile(`${fileNameOf(name)}-aeq.json`, jsonBlob(entries));
}

/** Saves the errors of operators for Model Explorer, a file for each figure. */
export function saveNodeData(report: DebugReport, name: string): void {
  for (const { metric, data } of debugNodeData(report, name)) {
    saveFile(`${fileNameOf(name)}.${metric}.json`, jsonBlob(data));
  }
}

export function saveComparison(comparison: Comparison): void {
  const names = comparison.models.map((model) => model.name).join('-vs-');
  saveFile(`${fileNameOf(names)}.json`, jsonBlob(comparison));
}

/** JSON with typed arrays as lists; infinite decibels, which JSON has no word for, as text. */
function jsonBlob(value: unknown): Blob {
  const text = JSON.stringify(
    value,
    (_, part: unknown) => {
      if (part instanceof Int32Array || part instanceof Uint32Array) return [...part];
      return part === Infinity ? 'Infinity' : part;
    },
    2,
  );
  return new Blob([text + '\n'], { type: 'application/json' });
}
