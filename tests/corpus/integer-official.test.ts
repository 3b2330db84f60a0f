/** Integers and scales against the files of the official converter and of ai-edge-quantizer. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseScaleRule } from '../../src/core/data/scale';
import { operatorName } from '../../src/core/model/operators';
import { realValues } from '../../src/core/model/dequantize';
import { constantBytes, scaleInfo, shapeOf, tensorValues } from '../../src/core/model/tensors';
import type { Model } from '../../src/core/model/types';
import { writeModel } from '../../src/core/model/write';
import { openCalibration } from '../../src/core/optimize/calibrate/calibration';
import { runRecipe } from '../../src/core/optimize/pipeline';
import { quantizeBias } from '../../src/core/optimize/quantize/integer/constants';
import type { Override } from '../../src/core/optimize/types';
import { randomDataset } from '../../src/core/data/random';
import { specOf } from '../../src/core/ops';
import { quantizeToRanges, weightRanges } from '../../src/core/optimize/quantize/weights/scales';
import { floatValues } from '../../src/core/optimize/weight-values';
import type { Engine } from '../../src/engines/interpreter';
import { loadLitertInNode } from '../../src/engines/litert/node';
import { hasCorpus, titled } from '../support/corpus';
import { loadData, loadModel } from '../support/corpus-data';

let engine: Engine;
beforeAll(async () => {
  engine = await loadLitertInNode();
});
afterAll(() => engine.dispose());

/** The converter gives FULLY_CONNECTED one scale. */
const perTensorDense: Override = { match: { kind: 'FULLY_CONNECTED' }, options: { granularity: 'tensor' } };

async function quantizeLikeConverter(
  id: string,
  data: 'random' | { name: string; rule: string; samples: number },
) {
  const model = loadModel(id);
  const interpreter = await engine.createInterpreter(writeModel(model), {
    signature: null,
    accelerator: 'wasm',
  });
  const dataset = data === 'random' ? randomDataset(interpreter.inputs, 8, 1) : loadData(data.name);
  interpreter.dispose();
  const rule = parseScaleRule(data === 'random' ? 'none' : data.rule);
  const samples = data === 'random' ? 8 : data.samples;
  const calibration = openCalibration(engine, dataset, rule, { samples, seed: 1 });
  const recipe = {
    name: 'like the converter',
    version: 1,
    steps: [{ pass: 'integer', options: { inputs: 'int8', outputs: 'int8' } }],
    overrides: [perTensorDense],
  } as const;
  return (await runRecipe(model, recipe, { seed: 1, calibration })).model;
}

interface Layer {
  readonly kind: string;
  readonly inputScale: number;
  readonly weights: Int8Array;
  readonly scales: readonly number[];
  readonly bias: Int32Array | null;
}

/** Layers with int8 weights in order. */
function layersOf(model: Model): Layer[] {
  const { operators, tensors } = model.subgraphs[0]!;
  return operators.flatMap((operator) => {
    const kind = operatorName(model, operator);
    const [input, weight, bias] = operator.inputs;
    if (!specOf(kind)?.hybrid || weight === undefined || tensors[weight]?.type !== 'INT8') return [];
    if (constantBytes(model, tensors[weight]) === null) return [];
    return [
      {
        kind,
        inputScale: scaleInfo(tensors[input!]!)!.scale[0]!,
        weights: tensorValues(model, 0, weight) as Int8Array,
        scales: scaleInfo(tensors[weight])!.scale,
        bias: bias !== undefined && bias >= 0 ? (tensorValues(model, 0, bias) as Int32Array) : null,
      },
    ];
  });
}

function countDifferent(ours: readonly Layer[], official: readonly Layer[]) {
  expect(ours.map(({ kind }) => kind)).toEqual(official.map(({ kind }) => kind));
  let different = 0;
  let total = 0;
  ours.forEach(({ weights }, layer) => {
    weights.forEach((value, i) => (different += value === official[layer]!.weights[i] ? 0 : 1));
    total += weights.length;
  });
  return { different, total };
}

/** How far our integers of the float model's biases are from the official ones, with the official file's scales. */
function biasDifferences(float: Model, official: readonly Layer[]): number[] {
  const layers = float.subgraphs[0]!.operators.filter(
    (operator) => (specOf(operatorName(float, operator))?.hybrid ?? null) !== null,
  );
  return layers.flatMap((operator, i) => {
    const { inputScale, bias, scales } = official[i]!;
    const values = floatValues(float, 0, operator.inputs[2]!);
    const ours = quantizeBias(values, inputScale, Float32Array.from(scales), 'INT8').values as Int32Array;
    return Array.from(ours, (value, c) => Math.abs(value - bias![c]!));
  });
}

describe.skipIf(!hasCorpus)(titled('the official converter'), () => {
  it('model_ToyCar: every int8 weight and every bias', async () => {
    const official = layersOf(loadModel('model_ToyCar_quant_fullint_micro_intio'));
    const ours = layersOf(await quantizeLikeConverter('model_ToyCar', 'random'));
    expect(countDifferent(ours, official)).toEqual({ different: 0, total: 264_192 });
    expect(ours.map(({ scales }) => scales)).toEqual(official.map(({ scales }) => scales));
    const differences = biasDifferences(loadModel('model_ToyCar'), official);
    expect(differences).toHaveLength(1_672);
    expect(differences.filter((difference) => difference > 0)).toEqual([]);
  });

  it('vww_96: every int8 weight and every bias, those behind widened scales among them', async () => {
    const official = layersOf(loadModel('vww_96_int8'));
    const data = { name: 'unlabelled_96', rule: 'x/255', samples: 16 };
    const ours = layersOf(await quantizeLikeConverter('vww_96_float', data));
    expect(countDifferent(ours, official)).toEqual({ different: 0, total: 208_112 });
    const differences = biasDifferences(loadModel('vww_96_float'), official);
    expect(differences).toHaveLength(2_738);
    expect(differences.filter((difference) => difference > 0)).toEqual([]);
    // The guard: dead channels with a bias have scales with which the bias comes to half of 32 bits.
    const largest = official.flatMap(({ bias }) => Array.from(bias!, Math.abs));
    expect(largest.filter((value) => value > 2 ** 29).length).toBeGreaterThan(500);
    const mine = ours.flatMap(({ bias }) => Array.from(bias!, Math.abs));
    expect(Math.max(...mine)).toBeLessThanOrEqual(2 ** 30 + 128);
  });
});

describe.skipIf(!hasCorpus)(titled("ai-edge-quantizer's static file"), () => {
  // The file was quantized from another training of the same network: its float weights are not at hand.
  const official = hasCorpus ? loadModel('conv_fc_mnist_srq_a8w8') : null;

  it('real values of its weights give its own integers and scales again', () => {
    const { operators, tensors } = official!.subgraphs[0]!;
    const weights = operators.flatMap((operator) => {
      const index = operator.inputs[1] ?? -1;
      return tensors[index]?.type === 'INT8' && constantBytes(official!, tensors[index]) ? [index] : [];
    });
    expect(weights).toHaveLength(3);
    for (const index of weights) {
      const { scale } = scaleInfo(tensors[index]!)!;
      const values = realValues(official!, 0, index) as Float32Array;
      const shape = shapeOf(tensors[index]!);
      const ours = quantizeToRanges(values, shape, 0, weightRanges(values, shape, 0), 8);
      expect(ours.values).toEqual(tensorValues(official!, 0, index));
      ours.scales.forEach((own, c) => expect(own / scale[c]!).toBeCloseTo(1, 6));
    }
  });

  it('has scales like ours: the fixed one equal, shared ones shared, others of the same size', async () => {
    const calibration = openCalibration(engine, loadData('mnist_test_a'), parseScaleRule('x/255'), {
      samples: 64,
      seed: 1,
    });
    const recipe = {
      name: 'plain',
      version: 1,
      steps: [{ pass: 'integer', options: { inputs: 'int8', outputs: 'int8' } }],
    } as const;
    const ours = (await runRecipe(loadModel('conv_fc_mnist'), recipe, { seed: 1, calibration })).model;
    const outputs = (of: Model) =>
      of.subgraphs[0]!.operators.map((operator) => ({
        kind: operatorName(of, operator),
        ...scaleInfo(of.subgraphs[0]!.tensors[operator.outputs[0]!]!)!,
      }));
    const [a, b] = [outputs(ours), outputs(official!)];
    expect(a.map(({ kind }) => kind)).toEqual(b.map(({ kind }) => kind));
    expect(a.at(-1)).toMatchObject({ kind: 'SOFTMAX', scale: [1 / 256], zeroPoint: [-128] });
    expect(b.at(-1)).toMatchObject({ kind: 'SOFTMAX', scale: [1 / 256], zeroPoint: [-128] });
    for (const list of [a, b]) {
      const [conv, pool, reshape] = list;
      expect([pool!.scale, pool!.zeroPoint]).toEqual([conv!.scale, conv!.zeroPoint]);
      expect([reshape!.scale, reshape!.zeroPoint]).toEqual([conv!.scale, conv!.zeroPoint]);
    }
    const inputOf = (of: Model) => scaleInfo(of.subgraphs[0]!.tensors[of.subgraphs[0]!.inputs[0]!]!)!;
    expect(inputOf(ours).scale[0]).toBeCloseTo(inputOf(official!).scale[0]!, 5);
    a.forEach(({ scale }, i) => {
      const ratio = scale[0]! / b[i]!.scale[0]!;
      expect(ratio > 0.3 && ratio < 3, `${a[i]!.kind}: ${ratio}`).toBe(true);
    });
  });
});
