/** Every preset over every model of the corpus: the file that it writes is sound, runs where the original ran, and stays close. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFeeder } from '../../src/core/data/feed';
import { randomDataset } from '../../src/core/data/random';
import { ModelError } from '../../src/core/errors';
import { sumFidelity } from '../../src/core/measure/fidelity';
import { dequantize } from '../../src/core/model/dequantize';
import { openModel } from '../../src/core/model/open';
import { readModel } from '../../src/core/model/read';
import type { Model } from '../../src/core/model/types';
import { writeModel } from '../../src/core/model/write';
import { passes } from '../../src/core/optimize/passes';
import { runRecipe } from '../../src/core/optimize/pipeline';
import { type PresetName, presetNames, presets } from '../../src/core/optimize/presets';
import type { TensorData } from '../../src/core/tensor-data';
import type { Engine } from '../../src/engines/interpreter';
import { loadLitertInNode } from '../../src/engines/litert/node';

const folder = join(process.env.WHITTLE_CORPUS ?? '../shared/corpus', 'models');
const isHere = existsSync(folder);
const title = isHere ? 'presets over the corpus' : `presets (skipped: no ${folder}; set WHITTLE_CORPUS)`;

/** Least SQNR in dB of each preset on random input, for float models whose random outputs mean something. */
const floors: Readonly<Record<string, Partial<Record<PresetName, number>>>> = {
  conv_fc_mnist: { float16: 60, 'dynamic-range': 25, 'dynamic-int4': 12, 'weight-only': 30, 'prune-50': 3 },
  model_ToyCar: { float16: 60, 'dynamic-range': 20, 'weight-only': 20, 'prune-50': 5 },
  vww_96_float: { float16: 50, 'dynamic-range': 20, 'weight-only': 25, 'prune-50': 3 },
  face_detection_front: { float16: 50, 'dynamic-range': 20, 'weight-only': 25, 'prune-50': 3 },
  keypoint_classifier: { float16: 60, 'dynamic-range': 35, 'weight-only': 35, 'prune-50': 5 },
  'mobilenet_v1_0.25_128': { float16: 25, 'dynamic-range': 5, 'weight-only': 5 },
  deeplabv3: { float16: 40, 'dynamic-range': 15, 'weight-only': 15 },
  sdpa_composite: { float16: 60, 'dynamic-range': 30, 'dynamic-int4': 10, 'weight-only': 30 },
  hand_landmark_lite: { float16: 100, 'dynamic-range': 15, 'weight-only': 25 },
  style_transfer_f16_384: { float16: 100, 'dynamic-range': 25, 'weight-only': 30 },
};

/** Models that take minutes or gigabytes to run; their files are checked all the same. */
const tooHeavy: ReadonlySet<string> = new Set(['animeganv2_hayao_256x256_integer_quant', 'conv_huge_im2col']);

/** Presets that need samples have a test of their own. */
function learns(preset: PresetName): boolean {
  return presets[preset].steps.some(({ pass }) => passes[pass]?.needsSamples);
}

function readable(): (readonly [string, Model])[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.tflite'))
    .sort()
    .flatMap((file) => {
      try {
        return [
          [file.slice(0, -7), openModel(new Uint8Array(readFileSync(join(folder, file)))).model] as const,
        ];
      } catch (error) {
        if (error instanceof ModelError) return [];
        throw error;
      }
    });
}

/** Outputs for one random sample, the same for the same inputs; null where LiteRT cannot run the model. */
async function outputsOf(engine: Engine, bytes: Uint8Array): Promise<TensorData[] | null> {
  try {
    const interpreter = await engine.createInterpreter(bytes, { signature: null, accelerator: 'wasm' });
    try {
      const feeder = createFeeder(randomDataset(interpreter.inputs, 1, 7), interpreter.inputs, {
        kind: 'none',
      });
      return (await interpreter.run(feeder.feed(0))).map((output) => ({
        ...output,
        values: output.values.slice(),
      }));
    } finally {
      interpreter.dispose();
    }
  } catch (error) {
    if (error instanceof ModelError) return null;
    throw error;
  }
}

/** LiteRT.js gives leftover memory for outputs that are inputs, for the original as for the variant. */
function echoesInputs(model: Model): boolean {
  return model.subgraphs[0]!.outputs.some((tensor) => model.subgraphs[0]!.inputs.includes(tensor));
}

function isSameBits(a: readonly TensorData[], b: readonly TensorData[]): boolean {
  const bytesOf = ({ values }: TensorData) =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return a.length === b.length && a.every((output, i) => bytesOf(output).equals(bytesOf(b[i]!)));
}

function sqnrDb(model: Model, original: readonly TensorData[], variant: readonly TensorData[]): number {
  const fidelity = sumFidelity();
  original.forEach((output, position) => {
    const tensor = model.subgraphs[0]!.tensors[model.subgraphs[0]!.outputs[position]!]!;
    const [a, b] = [output, variant[position]!].map(({ values, shape }) =>
      dequantize(values, tensor, [...shape]),
    );
    a!.forEach((value, i) => fidelity.add(value, b![i]!));
  });
  return fidelity.sqnrDb();
}

describe.skipIf(!isHere)(title, () => {
  const models = isHere ? readable() : [];
  let engine: Engine;
  beforeAll(async () => {
    engine = await loadLitertInNode();
  });
  afterAll(() => engine.dispose());

  it('has models to work on', () => {
    expect(models.length).toBeGreaterThanOrEqual(250);
  });

  it.each(models.map(([name]) => name))('%s', async (name) => {
    const model = models.find(([candidate]) => candidate === name)![1];
    const reference = tooHeavy.has(name) ? null : await outputsOf(engine, writeModel(model));
    for (const preset of presetNames.filter((one) => !learns(one))) {
      const result = await runRecipe(model, presets[preset], { seed: 1 });
      const bytes = writeModel(result.model);
      const reread = openModel(bytes).model;
      expect(reread.subgraphs.map((subgraph) => subgraph.operators.length)).toEqual(
        result.model.subgraphs.map((subgraph) => subgraph.operators.length),
      );
      expect(result.mapping.map((subgraph) => subgraph.length)).toEqual(
        model.subgraphs.map((subgraph) => subgraph.operators.length),
      );
      if (!result.isChanged) expect(result.model).toBe(model);
      expect(readModel(bytes).model.signatureDefs?.length).toBe(model.signatureDefs?.length);
      if (!reference || !result.isChanged) continue;

      const outputs = await outputsOf(engine, bytes);
      expect(outputs, `${preset} runs`).not.toBeNull();
      if (preset === 'clean-up' && !echoesInputs(model)) {
        expect(isSameBits(outputs!, reference), 'clean-up keeps the bits').toBe(true);
      }
      const floor = floors[name]?.[preset];
      if (floor !== undefined) expect(sqnrDb(model, reference, outputs!), preset).toBeGreaterThan(floor);
    }
    if (name in floors) expect(reference, 'runs in LiteRT').not.toBeNull();
  });
});
