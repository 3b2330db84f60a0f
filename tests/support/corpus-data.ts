/** Models and samples of the corpus, and what a model makes of them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDataset } from '../../src/core/data/dataset';
import { createFeeder } from '../../src/core/data/feed';
import { parseScaleRule } from '../../src/core/data/scale';
import type { Dataset } from '../../src/core/data/types';
import { realReader } from '../../src/core/data/values';
import { sumFidelity } from '../../src/core/measure/fidelity';
import { openModel } from '../../src/core/model/open';
import type { Model } from '../../src/core/model/types';
import { writeModel } from '../../src/core/model/write';
import type { Engine } from '../../src/engines/interpreter';
import { corpusModel, corpusPath } from './corpus';

/** A model of the corpus by its id. */
export function loadModel(id: string): Model {
  return openModel(corpusModel(id)).model;
}

/** A dataset of the corpus; with its labels where it has them. */
export function loadData(name: string): Dataset {
  const files = ['inputs.npy', 'labels.npy'].flatMap((file) => {
    try {
      return [{ name: file, bytes: new Uint8Array(readFileSync(join(corpusPath, 'data', name, file))) }];
    } catch {
      return [];
    }
  });
  return readDataset(name, files);
}

/** Real values of all outputs, one list for each sample and output. */
export async function runAll(
  engine: Engine,
  model: Model,
  dataset: Dataset,
  rule: string,
  samples = Array.from({ length: dataset.sampleCount }, (_, i) => i),
): Promise<Float32Array[]> {
  const interpreter = await engine.createInterpreter(writeModel(model), {
    signature: null,
    accelerator: 'wasm',
  });
  try {
    const feeder = createFeeder(dataset, interpreter.inputs, parseScaleRule(rule));
    const all: Float32Array[] = [];
    for (const sample of samples) {
      const outputs = await interpreter.run(feeder.feed(sample));
      outputs.forEach((output, i) => {
        const read = realReader(output, interpreter.outputs[i]!);
        all.push(Float32Array.from({ length: output.values.length }, (_, n) => read(n)));
      });
    }
    return all;
  } finally {
    interpreter.dispose();
  }
}

/** SQNR in dB of one list of outputs against another. */
export function sqnrOf(original: readonly Float32Array[], variant: readonly Float32Array[]): number {
  const fidelity = sumFidelity();
  original.forEach((values, i) => values.forEach((value, n) => fidelity.add(value, variant[i]![n]!)));
  return fidelity.sqnrDb();
}

/** Index of the greatest value, the first of equals. */
export function argMax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
