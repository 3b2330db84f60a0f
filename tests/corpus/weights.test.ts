/** Better weights on real layers: moments against the runtime's own outputs, and what the choice does to real outputs. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readDataset } from '../../src/core/data/dataset';
import { createFeeder } from '../../src/core/data/feed';
import { parseScaleRule } from '../../src/core/data/scale';
import { realValues } from '../../src/core/model/dequantize';
import { draftModel } from '../../src/core/model/edit';
import { readModel } from '../../src/core/model/read';
import { constantBytes, shapeOf } from '../../src/core/model/tensors';
import { traceModel } from '../../src/core/model/trace';
import type { Model } from '../../src/core/model/types';
import { writeModel } from '../../src/core/model/write';
import { optionsOf, viewOperator } from '../../src/core/ops/operator-view';
import type { WeightRule } from '../../src/core/optimize/quantize/weights/candidates';
import { chooseWeights } from '../../src/core/optimize/quantize/weights/choose';
import { geometryOf, type LayerGeometry } from '../../src/core/optimize/quantize/weights/geometry';
import { LayerInputs } from '../../src/core/optimize/quantize/weights/gram';
import { layerError, meanShift } from '../../src/core/optimize/quantize/weights/layer-error';
import { rowsOf } from '../../src/core/optimize/quantize/weights/rows';
import { dequantizeWith } from '../../src/core/optimize/quantize/weights/scales';
import { bytesOf } from '../../src/core/optimize/weight-values';
import type { TensorData } from '../../src/core/tensor-data';
import { loadLitertInNode } from '../../src/engines/litert/node';
import type { Engine } from '../../src/engines/interpreter';
import { corpusModel, corpusPath, corpusTitle, hasCorpus } from '../support/corpus';
import { randomInput } from '../support/random-inputs';

interface Layer {
  readonly operator: number;
  readonly geometry: LayerGeometry;
  readonly input: number;
  readonly weights: number;
  readonly bias: number;
  readonly output: number;
}

/** Layers of the main subgraph with constant float weights. */
function layersOf(model: Model): Layer[] {
  const { operators, tensors } = model.subgraphs[0]!;
  return operators.flatMap((operator, index) => {
    const geometry = geometryOf(model, 0, index);
    const weights = operator.inputs[1] ?? -1;
    const tensor = tensors[weights];
    if (typeof geometry === 'string' || tensor?.type !== 'FLOAT32' || !constantBytes(model, tensor))
      return [];
    const bias = operator.inputs[geometry.kind === 'TRANSPOSE_CONV' ? 3 : 2] ?? -1;
    const input = operator.inputs[geometry.input]!;
    return [{ operator: index, geometry, input, weights, bias, output: operator.outputs[0]! }];
  });
}

function fusedActivation(model: Model, operator: number): string {
  const view = viewOperator(model, 0, operator);
  const tables = [
    'Conv2DOptions',
    'DepthwiseConv2DOptions',
    'FullyConnectedOptions',
    'TransposeConvOptions',
  ] as const;
  return tables.map((table) => optionsOf(view, table)?.fusedActivationFunction).find(Boolean) ?? 'NONE';
}

/** Runs a model that hands out those tensors, which may be its inputs. */
async function openTraced(engine: Engine, model: Model, wanted: readonly number[]) {
  const traced = traceModel(model, wanted);
  const interpreter = await engine.createInterpreter(writeModel(traced.model), {
    ...{ signature: null, accelerator: 'wasm' },
  });
  const ends = [...model.subgraphs[0]!.inputs];
  return {
    interpreter,
    async run(inputs: readonly TensorData[]): Promise<(tensor: number) => TensorData> {
      const outputs = await interpreter.run(inputs);
      return (tensor) => outputs[traced.tensors.indexOf(tensor)] ?? inputs[ends.indexOf(tensor)]!;
    },
  };
}

describe.skipIf(!hasCorpus)(`weights: ${corpusTitle}`, () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await loadLitertInNode();
  });

  test.each([
    ...['conv.float32', 'conv-stride.float32', 'fullyconnected.float32'],
    ...['single_depthwise_conv2d_bias', 'single_conv2d_transpose_bias', 'transposeconv-samepad.float32'],
    ...['transposeconv-samepad-stride2.float32', 'transposeconv-validpad-stride2.float32'],
    ...['face_detection_front', 'conv_fc_mnist'],
  ])("moments tell the runtime's mean and mean square outputs: %s", async (id) => {
    const { model } = readModel(corpusModel(id));
    const layers = layersOf(model).filter(({ operator }) => fusedActivation(model, operator) === 'NONE');
    expect(layers.length).toBeGreaterThan(0);
    const traced = await openTraced(
      engine,
      model,
      layers.flatMap(({ input, output }) => [input, output]),
    );
    const values = await traced.run(traced.interpreter.inputs.map((info, i) => randomInput(info, i + 1)));
    for (const { geometry, input, weights, bias, output } of layers) {
      const { groups, depth, outputs, channelAxis } = geometry;
      const inputs = new LayerInputs(geometry, Infinity);
      const seen = values(input);
      inputs.add(seen.values as Float32Array, seen.shape);
      const moments = inputs.finish();
      const rows = rowsOf(
        realValues(model, 0, weights) as Float32Array,
        shapeOf(model.subgraphs[0]!.tensors[weights]!),
        channelAxis,
      );
      const biases = bias < 0 ? null : realValues(model, 0, bias);
      const found = values(output).values as Float32Array;
      expect(found.length / outputs).toBe(moments.rows);
      for (let channel = 0; channel < outputs; channel++) {
        const group = Math.floor((channel * groups) / outputs);
        const row = rows.subarray(channel * depth, (channel + 1) * depth);
        const shift = biases?.[channel] ?? 0;
        const mean = meanShift(row, depth, moments.means[group]!)[0]!;
        const square = layerError(row, depth, moments.grams[group]!)[0]! + 2 * mean * shift + shift * shift;
        let [sum, squares] = [0, 0];
        for (let at = channel; at < found.length; at += outputs) {
          sum += found[at]!;
          squares += found[at]! ** 2;
        }
        const size = Math.sqrt(squares / moments.rows) + 1e-6;
        expect(Math.abs(mean + shift - sum / moments.rows) / size).toBeLessThan(1e-4);
        expect(Math.abs(square - squares / moments.rows) / size ** 2).toBeLessThan(1e-3);
      }
    }
    traced.interpreter.dispose();
  });

  test('GPTQ with corrected biases brings int8 weights closer, layer by layer and at the end', async () => {
    const { model } = readModel(corpusModel('mobilenet_v1_0.25_128'));
    const layers = layersOf(model);
    const traced = await openTraced(
      engine,
      model,
      layers.map(({ input }) => input),
    );
    const folder = join(corpusPath, 'data/imagenet_a_128');
    const files = readdirSync(folder)
      .filter((name) => name.endsWith('.npy'))
      .map((name) => ({ name, bytes: new Uint8Array(readFileSync(join(folder, name))) }));
    const feeder = createFeeder(
      readDataset('imagenet', files),
      traced.interpreter.inputs,
      parseScaleRule('x/127.5-1'),
    );
    const gathered = layers.map(({ geometry }) => ({
      fit: new LayerInputs(geometry, 128),
      heldOut: new LayerInputs(geometry, 128),
    }));
    for (let sample = 0; sample < 48; sample++) {
      const values = await traced.run(feeder.feed(sample));
      layers.forEach(({ input }, i) => {
        const { values: numbers, shape } = values(input);
        gathered[i]![sample % 3 === 0 ? 'heldOut' : 'fit'].add(numbers as Float32Array, shape);
      });
    }
    const moments = gathered.map(({ fit, heldOut }) => ({ fit: fit.finish(), heldOut: heldOut.finish() }));
    const shared = { bits: 8, grain: 'channel', clip: 'none', leastScales: null } as const;
    const variant = (rule: WeightRule): Model => {
      const draft = draftModel(model);
      layers.forEach(({ geometry, weights, bias }, i) => {
        const tensor = model.subgraphs[0]!.tensors[weights]!;
        const values = realValues(model, 0, weights) as Float32Array;
        const chosen = chooseWeights(values, shapeOf(tensor), geometry, rule, moments[i]!);
        expect(chosen.error).toBeLessThanOrEqual(chosen.plainError);
        const real = dequantizeWith(chosen.values, shapeOf(tensor), geometry.channelAxis, chosen.scales);
        draft.replaceBuffer(tensor.buffer, bytesOf(real));
        if (!rule.correctsBias) return;
        const corrected = Float32Array.from(
          realValues(model, 0, bias),
          (value, c) => value - chosen.shifts![c]!,
        );
        draft.replaceBuffer(model.subgraphs[0]!.tensors[bias]!.buffer, bytesOf(corrected));
      });
      return draft.finish().model;
    };
    const outputsOf = async (made: Model): Promise<Float32Array[]> => {
      const interpreter = await engine.createInterpreter(writeModel(made), {
        signature: null,
        accelerator: 'wasm',
      });
      const outputs: Float32Array[] = [];
      for (let sample = 60; sample < 120; sample++) {
        const [output] = await interpreter.run(feeder.feed(sample));
        outputs.push((output!.values as Float32Array).slice());
      }
      interpreter.dispose();
      return outputs;
    };
    const wanted = await outputsOf(model);
    const decibels = async (rule: WeightRule) => {
      const found = await outputsOf(variant(rule));
      let [signal, noise] = [0, 0];
      wanted.forEach((output, i) =>
        output.forEach((value, j) => {
          signal += value * value;
          noise += (value - found[i]![j]!) ** 2;
        }),
      );
      return 10 * Math.log10(signal / noise);
    };
    const plain = await decibels({ ...shared, rounding: 'nearest', correctsBias: false });
    const corrected = await decibels({ ...shared, rounding: 'nearest', correctsBias: true });
    const best = await decibels({ ...shared, rounding: 'gptq', correctsBias: true });
    // Seen: 13, 25 and 27 dB.
    expect(corrected).toBeGreaterThan(plain + 6);
    expect(best).toBeGreaterThan(plain + 8);
    traced.interpreter.dispose();
  });
});
