/**
 * Quantizes corpus models and writes what LiteRT here makes of them, for `scripts/judge.py` to hold against another build of
 * the runtime: `npx tsx scripts/judge.ts FOLDER [MOST_BYTES]`. Models of at most so many bytes (400,000 unless told) are
 * taken whose inputs are all float32 and not very large. For each preset FOLDER gets `NAME.PRESET.tflite` and `NAME.PRESET.npz` with
 * `sample0_input0`, `sample0_output0`, … as the model takes and gives them, and `step0`, … for one step of each output.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { createFeeder } from '../src/core/data/feed';
import { writeNpy } from '../src/core/data/npy';
import { randomDataset } from '../src/core/data/random';
import { ModelError } from '../src/core/errors';
import { operatorName } from '../src/core/model/operators';
import { openModel } from '../src/core/model/open';
import { elementCount, scaleInfo } from '../src/core/model/tensors';
import type { Model } from '../src/core/model/types';
import { writeModel } from '../src/core/model/write';
import { openCalibration } from '../src/core/optimize/calibrate/calibration';
import { runRecipe } from '../src/core/optimize/pipeline';
import { presets } from '../src/core/optimize/presets';
import type { Engine, Interpreter } from '../src/engines/interpreter';
import { loadLitertInNode } from '../src/engines/litert/node';
import { corpusIds, corpusModel } from '../tests/support/corpus';

const judged = ['int8', 'int16x8', 'int4-gptq'] as const;
const CALIBRATION_SAMPLES = 16;
const JUDGED_SAMPLES = 3;
const PRESET_MOST_BYTES = 400_000;
/** Values of all inputs together; models that take more run for minutes. */
const MOST_INPUT_VALUES = 200_000;
const none = { kind: 'none' } as const;
const wasm = { signature: null, accelerator: 'wasm' } as const;

async function main(folder: string, mostBytes: number): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const engine = await loadLitertInNode();
  let written = 0;
  for (const id of corpusIds()) {
    const bytes = corpusModel(id);
    if (bytes.length > mostBytes) continue;
    try {
      const { model } = openModel(bytes);
      if (!isJudged(model)) continue;
      for (const preset of judged) if (await judge(engine, folder, id, model, preset)) written += 1;
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      console.log(`${id}: left out. ${error.message}`);
    }
  }
  engine.dispose();
  console.log(`${written} models in ${folder}; now run scripts/judge.py ${folder}`);
}

/** Whether the main subgraph takes float32 inputs only, of which random values say something, and not too many. */
function isJudged({ subgraphs }: Model): boolean {
  const [main] = subgraphs;
  const inputs = Array.from(main?.inputs ?? [], (tensor) => main!.tensors[tensor]!);
  const values = inputs.reduce((sum, tensor) => sum + elementCount(tensor), 0);
  return inputs.length > 0 && inputs.every(({ type }) => type === 'FLOAT32') && values <= MOST_INPUT_VALUES;
}

/** Writes one pair of files; false when there was nothing to quantize. */
async function judge(
  engine: Engine,
  folder: string,
  id: string,
  model: Model,
  preset: (typeof judged)[number],
): Promise<boolean> {
  const float = await engine.createInterpreter(writeModel(model), wasm);
  const inputs = float.inputs;
  float.dispose();
  const calibration = openCalibration(engine, randomDataset(inputs, CALIBRATION_SAMPLES, 1), none, {
    ...{ samples: CALIBRATION_SAMPLES, seed: 1 },
  });
  const { model: made } = await runRecipe(model, presets[preset], { seed: 1, calibration });
  const kinds = made.subgraphs[0]!.operators.map((operator) => operatorName(made, operator));
  if (!kinds.includes('QUANTIZE')) return false;
  const bytes = writeModel(made);
  const interpreter = await engine.createInterpreter(bytes, wasm);
  try {
    const archive = await runSamples(interpreter, made);
    writeFileSync(join(folder, `${id}.${preset}.tflite`), bytes);
    writeFileSync(join(folder, `${id}.${preset}.npz`), zipSync(archive));
  } finally {
    interpreter.dispose();
  }
  return true;
}

/** Inputs and outputs of a few random samples as `.npy` files by name. */
async function runSamples(interpreter: Interpreter, model: Model): Promise<Record<string, Uint8Array>> {
  const archive: Record<string, Uint8Array> = {};
  const feeder = createFeeder(randomDataset(interpreter.inputs, JUDGED_SAMPLES, 2), interpreter.inputs, none);
  for (let sample = 0; sample < JUDGED_SAMPLES; sample++) {
    const feed = feeder.feed(sample);
    feed.forEach((data, i) => (archive[`sample${sample}_input${i}.npy`] = writeNpy(data)));
    const outputs = await interpreter.run(feed);
    outputs.forEach((data, i) => (archive[`sample${sample}_output${i}.npy`] = writeNpy(data)));
  }
  stepsOf(model).forEach((step, i) => {
    archive[`step${i}.npy`] = writeNpy({ dtype: 'FLOAT32', shape: [], values: Float32Array.of(step) });
  });
  return archive;
}

/** One step of each output in what it holds: the scale behind its DEQUANTIZE, 1 for integers, 0 for other floats. */
function stepsOf(model: Model): number[] {
  const { operators, outputs, tensors } = model.subgraphs[0]!;
  return Array.from(outputs, (output) => {
    if (tensors[output]!.type !== 'FLOAT32') return 1;
    const writer = operators.find((operator) => operator.outputs.includes(output));
    const source =
      writer && operatorName(model, writer) === 'DEQUANTIZE' ? tensors[writer.inputs[0]!]! : null;
    return (source && scaleInfo(source)?.scale[0]) ?? 0;
  });
}

const [folder, mostBytes] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: npx tsx scripts/judge.ts FOLDER [MOST_BYTES]');
  process.exitCode = 2;
} else {
  await main(folder, Number(mostBytes ?? PRESET_MOST_BYTES));
}
