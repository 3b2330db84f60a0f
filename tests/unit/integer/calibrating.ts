/** Samples, a runtime and a calibration for tests of what learns from samples. */
import type { Dataset, ScaleRule } from '../../../src/core/data/types';
import { createFeeder } from '../../../src/core/data/feed';
import { sumFidelity } from '../../../src/core/measure/fidelity';
import { realReader } from '../../../src/core/data/values';
import type { Model } from '../../../src/core/model/types';
import { openModel } from '../../../src/core/model/open';
import { writeModel } from '../../../src/core/model/write';
import { openCalibration } from '../../../src/core/optimize/calibrate/calibration';
import { runRecipe } from '../../../src/core/optimize/pipeline';
import type { Options, Recipe } from '../../../src/core/optimize/types';
import { seededRandom } from '../../../src/core/random';
import type { TensorData } from '../../../src/core/tensor-data';
import type { Engine } from '../../../src/engines/interpreter';

const none: ScaleRule = { kind: 'none' };

/** Uniform samples for the inputs of the main subgraph. */
export function uniformDataset(
  model: Model,
  samples: number,
  [low, high]: readonly [number, number] = [-1, 1],
  seed = 5,
): Dataset {
  const random = seededRandom(seed);
  const { inputs, tensors } = model.subgraphs[0]!;
  return {
    name: 'uniform',
    inputs: Array.from(inputs, (index): TensorData => {
      const shape = Array.from(tensors[index]!.shape ?? []);
      const size = shape.reduce((a, b) => a * b, 1);
      const values = Float32Array.from({ length: samples * size }, () => low + (high - low) * random());
      return { dtype: 'FLOAT32', shape: [samples, ...(shape[0] === 1 ? shape.slice(1) : shape)], values };
    }),
    inputNames: Array.from(inputs, () => null),
    sampleCount: samples,
    labels: null,
    classNames: null,
    isRandom: false,
  };
}

/** The model after a recipe of one integer step. */
export async function quantized(model: Model, dataset: Dataset, engine: Engine, options: Options = {}) {
  const recipe: Recipe = { name: 'test', version: 1, steps: [{ pass: 'integer', options }] };
  const calibration = openCalibration(engine, dataset, none, { samples: 1_000, seed: 1 });
  return runRecipe(model, recipe, { seed: 1, calibration });
}

/** Outputs of a model for every sample. */
export async function outputsOf(engine: Engine, model: Model, dataset: Dataset): Promise<TensorData[][]> {
  const bytes = writeModel(model);
  openModel(bytes);
  const interpreter = await engine.createInterpreter(bytes, { signature: null, accelerator: 'wasm' });
  try {
    const feeder = createFeeder(dataset, interpreter.inputs, none);
    const all: TensorData[][] = [];
    for (let sample = 0; sample < dataset.sampleCount; sample++) {
      const outputs = await interpreter.run(feeder.feed(sample));
      all.push(
        outputs.map((output, i) => {
          const read = realReader(output, interpreter.outputs[i]!);
          return {
            dtype: 'FLOAT32',
            shape: output.shape,
            values: Float32Array.from({ length: output.values.length }, (_, n) => read(n)),
          };
        }),
      );
    }
    return all;
  } finally {
    interpreter.dispose();
  }
}

/** SQNR in dB of the first `outputs` outputs of a variant against its original, over all samples. */
export async function sqnrDb(
  engine: Engine,
  original: Model,
  variant: Model,
  dataset: Dataset,
  outputs = Infinity,
): Promise<number> {
  const [a, b] = [await outputsOf(engine, original, dataset), await outputsOf(engine, variant, dataset)];
  const fidelity = sumFidelity();
  a.forEach((first, sample) =>
    first.slice(0, outputs).forEach(({ values }, i) => {
      const other = b[sample]![i]!.values;
      for (let n = 0; n < values.length; n++) fidelity.add(Number(values[n]), Number(other[n]));
    }),
  );
  return fidelity.sqnrDb();
}
