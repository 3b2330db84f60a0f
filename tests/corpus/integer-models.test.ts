/** Integer quantization over every float model of the corpus that LiteRT runs. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomDataset } from '../../src/core/data/random';
import type { Dataset } from '../../src/core/data/types';
import { ModelError } from '../../src/core/errors';
import { openModel } from '../../src/core/model/open';
import { operatorKind, operatorName, operatorVersion } from '../../src/core/model/operators';
import { isConstant, scaleInfo } from '../../src/core/model/tensors';
import type { Model, Operator, Tensor } from '../../src/core/model/types';
import { writeModel } from '../../src/core/model/write';
import { openCalibration } from '../../src/core/optimize/calibrate/calibration';
import { runRecipe } from '../../src/core/optimize/pipeline';
import type { Options, Recipe, ReportEntry } from '../../src/core/optimize/types';
import type { Engine } from '../../src/engines/interpreter';
import { loadLitertInNode } from '../../src/engines/litert/node';
import { unsupportedOperators } from '../../src/engines/litert/unsupported';
import { corpusIds, hasCorpus, titled } from '../support/corpus';
import { loadModel, runAll, sqnrOf } from '../support/corpus-data';

let engine: Engine;
beforeAll(async () => {
  engine = await loadLitertInNode();
});
afterAll(() => engine.dispose());

/** Models that take minutes or gigabytes. */
const tooHeavy: ReadonlySet<string> = new Set(['animeganv2_hayao_256x256_integer_quant', 'conv_huge_im2col']);
const fitted: Options = { rounding: 'gptq', clip: 'mse', equalize: true, correctBias: true };
const samples = 4;

function recipeOf(options: Options): Recipe {
  return { name: 'test', version: 1, steps: [{ pass: 'integer', options }] };
}

async function prepare(id: string): Promise<{ model: Model; data: Dataset; outputs: Float32Array[] } | null> {
  if (tooHeavy.has(id)) return null;
  try {
    const model = loadModel(id);
    if (unsupportedOperators(model).length > 0) return null;
    const interpreter = await engine.createInterpreter(writeModel(model), {
      signature: null,
      accelerator: 'wasm',
    });
    const data = randomDataset(interpreter.inputs, samples, 7);
    interpreter.dispose();
    return { model, data, outputs: await runAll(engine, model, data, 'none', [0]) };
  } catch (error) {
    if (error instanceof ModelError) return null;
    throw error;
  }
}

async function quantize(model: Model, data: Dataset, options: Options) {
  const calibration = openCalibration(engine, data, { kind: 'none' }, { samples, seed: 1 });
  return runRecipe(model, recipeOf(options), { seed: 1, calibration });
}

/** Output and data inputs that must have one scale. Written down apart from the code's own table. */
const sameScale: Readonly<Record<string, readonly number[] | 'all'>> = {
  AVERAGE_POOL_2D: [0],
  MAX_POOL_2D: [0],
  CONCATENATION: 'all',
  PACK: 'all',
  MAXIMUM: 'all',
  MINIMUM: 'all',
  SPLIT: [1],
  SPLIT_V: [0],
  UNPACK: [0],
  RESHAPE: [0],
  SQUEEZE: [0],
  EXPAND_DIMS: [0],
  TRANSPOSE: [0],
  SLICE: [0],
  STRIDED_SLICE: [0],
  TILE: [0],
  REVERSE_V2: [0],
  PAD: [0],
  PADV2: [0, 2],
  MIRROR_PAD: [0],
  GATHER: [0],
  GATHER_ND: [0],
  SELECT: [1, 2],
  SELECT_V2: [1, 2],
  BROADCAST_TO: [0],
  BATCH_TO_SPACE_ND: [0],
  SPACE_TO_BATCH_ND: [0],
  SPACE_TO_DEPTH: [0],
  DEPTH_TO_SPACE: [0],
  RESIZE_BILINEAR: [0],
  RESIZE_NEAREST_NEIGHBOR: [0],
  REDUCE_MAX: [0],
  REDUCE_MIN: [0],
  DYNAMIC_UPDATE_SLICE: [0, 1],
};
/** Fixed outputs: scale and zero point with int8 and with int16. */
const fixedOutputs: Readonly<
  Record<string, readonly [readonly [number, number], readonly [number, number] | null]>
> = {
  LOGISTIC: [
    [1 / 256, -128],
    [1 / 32768, 0],
  ],
  SOFTMAX: [
    [1 / 256, -128],
    [1 / 32768, 0],
  ],
  TANH: [
    [1 / 128, 0],
    [1 / 32768, 0],
  ],
  L2_NORMALIZATION: [[1 / 128, 0], null],
  LOG_SOFTMAX: [[16 / 256, 127], null],
};
/** Lowest versions with int8 and int16 activations. */
const versions: Readonly<Record<string, readonly [number, number | null]>> = {
  CONV_2D: [3, 4],
  DEPTHWISE_CONV_2D: [3, 5],
  TRANSPOSE_CONV: [2, 2],
  FULLY_CONNECTED: [4, 7],
  BATCH_MATMUL: [2, 3],
  ADD: [2, 3],
  SUB: [2, 5],
  MUL: [2, 4],
  AVERAGE_POOL_2D: [2, 3],
  MAX_POOL_2D: [2, 3],
  CONCATENATION: [2, 3],
  SOFTMAX: [2, 3],
  LOGISTIC: [2, 3],
  TANH: [2, 3],
  PAD: [2, 3],
  TRANSPOSE: [2, 5],
  SLICE: [2, 4],
  MEAN: [2, 3],
  RELU: [2, 3],
  RELU6: [2, 3],
  RESIZE_BILINEAR: [2, 4],
  SPLIT: [2, 4],
  GATHER: [2, 4],
};

const isInteger = (tensor: Tensor | undefined) => tensor?.type === 'INT8' || tensor?.type === 'INT16';
const first = (tensor: Tensor) => [scaleInfo(tensor)!.scale[0], scaleInfo(tensor)!.zeroPoint[0]];

/** Rules that every integer operator of a written file must keep. */
function checkRules(model: Model, before: Model): void {
  model.subgraphs.forEach(({ operators, tensors }) => {
    for (const operator of operators) {
      const kind = operatorName(model, operator);
      const data = Array.from(operator.inputs, (index) => tensors[index]);
      const outputs = Array.from(operator.outputs, (index) => tensors[index]!);
      if (!isInteger(outputs[0]) || kind === 'QUANTIZE') continue;
      if (wasThere(before, outputs[0]!)) continue;
      const isWide = outputs[0]!.type === 'INT16';
      const inputs = sameScale[kind];
      if (inputs) {
        const same = inputs === 'all' ? data : inputs.map((input) => data[input]);
        for (const tensor of [...same, ...outputs]) {
          if (isInteger(tensor)) expect(first(tensor!), kind).toEqual(first(outputs[0]!));
        }
      }
      const fixed = fixedOutputs[kind]?.[isWide ? 1 : 0];
      if (fixed) expect(first(outputs[0]!), kind).toEqual(fixed);
      const version = versions[kind]?.[isWide ? 1 : 0];
      if (version) expect(operatorVersion(model, operator), kind).toBeGreaterThanOrEqual(version);
      checkBias(model, kind, operator, tensors);
    }
    for (const tensor of tensors) {
      if (wasThere(before, tensor)) continue;
      for (const scale of scaleInfo(tensor)?.scale ?? []) {
        expect(Number.isFinite(scale) && scale >= 1.1754943508222875e-38, tensor.name ?? '').toBe(true);
      }
    }
  });
}

/** Integers that the model had before are not ours to judge. */
function wasThere(before: Model, { name, type }: Tensor): boolean {
  return before.subgraphs.some(({ tensors }) =>
    tensors.some((old) => old.name === name && old.type === type),
  );
}

function checkBias(model: Model, kind: string, operator: Operator, tensors: readonly Tensor[]): void {
  const place = kind === 'TRANSPOSE_CONV' ? { data: 2, bias: 3 } : { data: 0, bias: 2 };
  if (!['CONV_2D', 'DEPTHWISE_CONV_2D', 'FULLY_CONNECTED', 'TRANSPOSE_CONV'].includes(kind)) return;
  const bias = tensors[operator.inputs[place.bias] ?? -1];
  if (!bias) return;
  const input = scaleInfo(tensors[operator.inputs[place.data]!]!)!.scale[0]!;
  const weights = scaleInfo(tensors[operator.inputs[1]!]!)!.scale;
  const scales = scaleInfo(bias)!.scale;
  expect(scales).toEqual(weights.map((scale) => Math.fround(input * scale)));
  expect(isConstant(model, bias)).toBe(true);
}

/** Every operator that still computes with floats has a line in the report that says why. */
function checkNamed(model: Model, entries: readonly ReportEntry[]): void {
  const named = new Set(entries.filter(({ action }) => action === 'skipped').map(({ kind }) => kind));
  const { operators, tensors } = model.subgraphs[0]!;
  for (const operator of operators) {
    const kind = operatorKind(model, operator);
    const touchesFloats = [...operator.inputs, ...operator.outputs].some((index) => {
      const tensor = tensors[index];
      return tensor?.type === 'FLOAT32' && !isConstant(model, tensor);
    });
    const isConstantOnly = Array.from(operator.inputs).every(
      (index) => index < 0 || isConstant(model, tensors[index]!),
    );
    if (!touchesFloats || isConstantOnly || ['QUANTIZE', 'DEQUANTIZE', 'DENSIFY'].includes(kind)) continue;
    expect(named, `${kind} is named`).toContain(kind);
  }
  for (const { detail } of entries) expect(detail).not.toBe('');
}

describe.skipIf(!hasCorpus)(titled('every float model'), () => {
  const ids = hasCorpus ? corpusIds() : [];
  it.each(ids)('%s', async (id) => {
    const ready = await prepare(id);
    if (!ready) return;
    const { model, data, outputs } = ready;
    for (const options of [
      {},
      { activations: 'int16' },
      { weights: 'int4', inputs: 'uint8', outputs: 'int8' },
    ]) {
      let result;
      try {
        result = await quantize(model, data, options);
      } catch (error) {
        expect(error).toBeInstanceOf(ModelError);
        expect((error as ModelError).message).toMatch(/no float32 activations/);
        return;
      }
      const { reports, isChanged } = result;
      const written = openModel(writeModel(result.model)).model;
      expect(reports[0]!.entries.every(({ detail }) => detail !== '')).toBe(true);
      if (!isChanged) continue;
      checkRules(written, model);
      checkNamed(written, reports[0]!.entries);
      const after = await runAll(engine, written, data, 'none', [0]);
      expect(after.map((values) => values.length)).toEqual(outputs.map((values) => values.length));
    }
  });
});

/** Least SQNR in dB with int8 and all that the preset does, on random input: what was measured, less a margin. */
const real = [
  ['face_detection_front', 20],
  ['deeplabv3', 20],
  ['hand_landmark_lite', 25],
  ['style_transfer_f16_384', 20],
  ['torchaudio_conformer', 20],
] as const;

describe.skipIf(!hasCorpus)(titled('real networks with the preset'), () => {
  it.each(real)('%s: int8 runs with an SQNR above %i dB', async (id, floor) => {
    const { model, data, outputs } = (await prepare(id))!;
    const { model: variant, reports } = await quantize(model, data, fitted);
    checkNamed(variant, reports[0]!.entries);
    const after = await runAll(engine, variant, data, 'none', [0]);
    expect(sqnrOf(outputs, after)).toBeGreaterThan(floor);
  });
});
