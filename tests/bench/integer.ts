/** Integer quantization in figures: the whole pass, calibration against plain inference, GPTQ. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseScaleRule } from '../../src/core/data/scale';
import { createFeeder } from '../../src/core/data/feed';
import type { Dataset } from '../../src/core/data/types';
import { openModel } from '../../src/core/model/open';
import { writeModel } from '../../src/core/model/write';
import { openCalibration } from '../../src/core/optimize/calibrate/calibration';
import { collectStatistics } from '../../src/core/optimize/calibrate/collect';
import { runRecipe } from '../../src/core/optimize/pipeline';
import { presets } from '../../src/core/optimize/presets';
import type { Recipe } from '../../src/core/optimize/types';
import type { Engine } from '../../src/engines/interpreter';
import { loadLitertInNode } from '../../src/engines/litert/node';
import { corpusModel, corpusPath, hasCorpus } from '../support/corpus';
import { loadData } from '../support/corpus-data';
import { type BenchEntry, medianMs } from './entry';
import { gptqEntries } from './gptq';

const modelId = 'mobilenet_v1_0.25_128';
const rule = 'x/127.5-1';
const samples = 32;
const plain: Recipe = {
  name: 'int8, plain rounding',
  version: 1,
  steps: [{ pass: 'clean-up' }, { pass: 'integer' }],
};

export async function runIntegerSuite(): Promise<BenchEntry[]> {
  if (!hasCorpus) {
    const note = `left out: there is no corpus at ${corpusPath} (WHITTLE_CORPUS names another place)`;
    return [{ name: `int8 ${modelId}`, ratio: NaN, unit: 'CPU seconds', note }, ...gptqEntries()];
  }
  const bytes = corpusModel(modelId);
  const data = loadData('imagenet_a_128');
  const engine = await loadLitertInNode();
  try {
    const ours = await cpuSeconds(engine, bytes, data, plain);
    const fitted = await cpuSeconds(engine, bytes, data, presets.int8);
    const theirs = otherTool(bytes);
    const entries: BenchEntry[] = [
      entry('int8 with plain rounding', ours, `${samples} samples, read and written, runtime loaded before`),
      entry('int8 preset: GPTQ, equalization, bias correction', fitted, `${samples} samples`),
    ];
    if (typeof theirs === 'number') {
      entries.push(
        entry(
          'ai-edge-quantizer, static int8 by its default recipe',
          theirs,
          `${samples} samples, imports not counted`,
        ),
        {
          name: 'ai-edge-quantizer against plain rounding here',
          ratio: theirs / ours,
          unit: 'x our CPU seconds',
          note: 'same model, same samples',
        },
      );
    } else {
      entries.push({ name: 'ai-edge-quantizer', ratio: NaN, unit: 'CPU seconds', note: theirs });
    }
    return [...entries, await calibrationCost(engine, bytes, data), ...gptqEntries()];
  } finally {
    engine.dispose();
  }
}

function entry(name: string, seconds: number, note: string): BenchEntry {
  return { name: `${name}, ${modelId}`, ratio: seconds, unit: 'CPU seconds', note };
}

async function cpuSeconds(engine: Engine, bytes: Uint8Array, data: Dataset, recipe: Recipe): Promise<number> {
  const once = async () => {
    const { model } = openModel(bytes);
    const calibration = openCalibration(engine, data, parseScaleRule(rule), { samples, seed: 1 });
    const before = process.cpuUsage();
    writeModel((await runRecipe(model, recipe, { seed: 1, calibration })).model);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  };
  await once();
  const times = [await once(), await once(), await once()].sort((a, b) => a - b);
  return times[1]!;
}

/** Wall time of measuring ranges over one sample, as a multiple of running that sample. */
async function calibrationCost(engine: Engine, bytes: Uint8Array, data: Dataset): Promise<BenchEntry> {
  const { model } = openModel(bytes);
  const interpreter = await engine.createInterpreter(bytes, { signature: null, accelerator: 'wasm' });
  const feeder = createFeeder(data, interpreter.inputs, parseScaleRule(rule));
  const plainMs = await medianMs(9, async () => {
    for (let sample = 0; sample < samples; sample++) await interpreter.run(feeder.feed(sample));
  });
  interpreter.dispose();
  const quiet = { progress: () => undefined, signal: null };
  const collectMs = (count: number) => {
    const calibration = openCalibration(engine, data, parseScaleRule(rule), { samples: count, seed: 1 });
    return medianMs(9, () => collectStatistics(model, { ...calibration, cache: new Map() }, quiet));
  };
  // What a further sample costs: compiling is paid once, whatever the number of samples.
  const [few, many] = [await collectMs(samples), await collectMs(4 * samples)];
  const perSampleMs = (many - few) / (3 * samples);
  return {
    name: `calibration per sample, ${modelId}`,
    ratio: perSampleMs / (plainMs / samples),
    unit: 'x one plain inference',
    note: `${perSampleMs.toFixed(2)} ms for each further sample against ${(plainMs / samples).toFixed(2)} ms; ${samples} samples in all take ${few.toFixed(0)} ms with compiling`,
  };
}

/** CPU seconds of the same in ai-edge-quantizer, or why there is no figure. */
function otherTool(bytes: Uint8Array): number | string {
  const python = process.env.WHITTLE_PYTHON ?? 'python3';
  const folder = mkdtempSync(join(tmpdir(), 'whittle-bench-'));
  try {
    const inputs = join(corpusPath, 'data', 'imagenet_a_128', 'inputs.npy');
    const model = join(folder, 'model.tflite');
    writeFileSync(model, withSignature(bytes));
    if (!existsSync(inputs)) return 'the samples are missing';
    const script = `
import sys, time, numpy as np
from ai_edge_quantizer import quantizer, recipe
model, inputs, out, n = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
x = np.load(inputs)[:n].astype(np.float32) / 127.5 - 1
from ai_edge_litert.interpreter import Interpreter
it = Interpreter(model_path=model)
key, signature = list(it.get_signature_list().items())[0]
name = signature['inputs'][0]
def once():
    before = time.process_time()
    q = quantizer.Quantizer(model, recipe.static_wi8_ai8())
    data = {key: [{name: x[i:i+1]} for i in range(n)]}
    q.quantize(q.calibrate(data)).export_model(out, overwrite=True)
    return time.process_time() - before
once()
print('seconds', once())
`;
    const printed = execFileSync(
      python,
      ['-c', script, model, inputs, join(folder, 'out.tflite'), String(samples)],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const seconds = Number(/seconds (\S+)/.exec(printed)?.[1]);
    return Number.isFinite(seconds) ? seconds : `${python} printed no figure`;
  } catch (error) {
    const text =
      String((error as { stderr?: string }).stderr ?? error)
        .trim()
        .split('\n')
        .at(-1) ?? '';
    return `${python} does not have it or failed (WHITTLE_PYTHON names another): ${text.slice(0, 160)}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same model with a signature, without which the other tool does not calibrate. */
function withSignature(bytes: Uint8Array): Uint8Array {
  const { model } = openModel(bytes);
  const { inputs, outputs } = model.subgraphs[0]!;
  const named = (prefix: string, list: Int32Array) =>
    Array.from(list, (tensorIndex, i) => ({ name: `${prefix}${i}`, tensorIndex }));
  return writeModel({
    ...model,
    signatureDefs: [
      {
        inputs: named('input', inputs),
        outputs: named('output', outputs),
        signatureKey: 'serving_default',
        deprecatedTag: null,
        subgraphIndex: 0,
      },
    ],
  });
}
