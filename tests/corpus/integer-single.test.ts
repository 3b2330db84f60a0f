/** Models of one operator from ai-edge-quantizer's tests, within the error bounds that its tests set. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/core/data/types';
import type { Model } from '../../src/core/model/types';
import { openCalibration } from '../../src/core/optimize/calibrate/calibration';
import { runRecipe } from '../../src/core/optimize/pipeline';
import { seededRandom } from '../../src/core/random';
import type { TensorData } from '../../src/core/tensor-data';
import type { Engine } from '../../src/engines/interpreter';
import { loadLitertInNode } from '../../src/engines/litert/node';
import { corpusIds, hasCorpus, titled } from '../support/corpus';
import { loadModel, runAll } from '../support/corpus-data';

let engine: Engine;
beforeAll(async () => {
  engine = await loadLitertInNode();
});
afterAll(() => engine.dispose());

/** Largest mean squared error of the output with int8 and int16 activations; null: stays float. */
const bounds: Readonly<Record<string, readonly [number, number | null]>> = {
  single_add1_constant_input: [1e-4, 1e-4],
  single_broadcast_to: [1e-5, 1e-5],
  single_conv2d_transpose_bias: [1e-4, 1e-4],
  single_conv_weights_min_0_max_plus_10: [1e-4, 1e-4],
  single_depthwise_conv2d_bias: [1e-4, 1e-4],
  single_fc_no_bias: [1e-4, 1e-4],
  single_gather: [1e-2, 1e-2],
  single_gather_nd_with_const_indices: [2e-2, 2e-2],
  single_gather_nd_with_const_params: [1e-3, 1e-3],
  single_gelu: [1e-3, null],
  single_max_pool_2d: [1e-2, 1e-2],
  single_mean: [1e-4, 1e-4],
  single_not_equal: [1e-5, null],
  single_pad: [1e-2, 1e-2],
  single_padv2: [1e-2, 1e-2],
  single_resize_nearest_neighbor: [5e-5, 5e-5],
  single_rsqrt: [1e-4, 1e-4],
  single_select_v2: [1e-4, 1e-4],
  single_softmax_min_minus_5_max_plus_5: [1e-4, 1e-4],
  single_space_to_depth: [5e-3, null],
  single_split: [1e-4, 1e-4],
  single_squared_difference: [1e-3, null],
  single_sub: [1e-4, 1e-4],
  single_sum: [1e-2, 1e-2],
  single_symmetric_pad: [1e-2, 1e-2],
  single_unpack: [1e-4, 1e-4],
};
/** Not in the table: quantized already, blockwise weights of their own, and one whose output size depends on values. */
const others = [
  'single_fc_bias_sub_channel_weight_only_sym_weight',
  'single_mul_default_a16w8_recipe_quantized',
  'single_mul_default_a8w8_recipe_quantized',
  'single_slice',
];
const samples = 8;

/** Uniform in [0, 1), for RSQRT in [0.5, 1.5), for NOT_EQUAL whole numbers below 8. */
function dataFor(id: string, model: Model): Dataset {
  const random = seededRandom(3);
  const [offset, width] = id.includes('rsqrt') ? [0.5, 1] : id.includes('equal') ? [0, 8] : [0, 1];
  const isWhole = id.includes('equal');
  const draw = () => (isWhole ? Math.floor(width * random()) : offset + width * random());
  const { inputs, tensors } = model.subgraphs[0]!;
  const lists = Array.from(inputs, (index): TensorData => {
    const { type, shape: sizes } = tensors[index]!;
    const shape = Array.from(sizes ?? []);
    const count = samples * shape.reduce((a, b) => a * b, 1);
    const whole = [samples, ...(shape[0] === 1 ? shape.slice(1) : shape)];
    if (type === 'FLOAT32') {
      return {
        dtype: type,
        shape: whole,
        values: Float32Array.from({ length: count }, draw),
      };
    }
    if (type === 'INT32') return { dtype: type, shape: whole, values: new Int32Array(count) };
    return {
      dtype: type,
      shape: whole,
      values: Uint8Array.from({ length: count }, () => Math.round(random())),
    };
  });
  return {
    name: 'uniform',
    inputs: lists,
    inputNames: lists.map(() => null),
    sampleCount: samples,
    labels: null,
    classNames: null,
    isRandom: false,
  };
}

describe.skipIf(!hasCorpus)(titled('models of one operator'), () => {
  it('are all in the table', () => {
    const ids = corpusIds().filter((id) => id.startsWith('single_'));
    expect([...Object.keys(bounds), ...others].sort()).toEqual(ids.sort());
  });

  it.each(Object.entries(bounds))('%s', async (id, [int8, int16]) => {
    const model = loadModel(id);
    const data = dataFor(id, model);
    const float = await runAll(engine, model, data, 'none');
    for (const [activations, bound] of [
      ['int8', int8],
      ['int16', int16],
    ] as const) {
      const calibration = openCalibration(engine, data, { kind: 'none' }, { samples, seed: 1 });
      const recipe = {
        name: 'one',
        version: 1,
        steps: [{ pass: 'integer', options: { activations } }],
      } as const;
      const result = await runRecipe(model, recipe, { seed: 1, calibration });
      expect(result.isChanged, activations).toBe(bound !== null);
      if (bound === null) continue;
      const outputs = await runAll(engine, result.model, data, 'none');
      let error = 0;
      let count = 0;
      float.forEach((values, i) =>
        values.forEach((value, n) => {
          error += (value - outputs[i]![n]!) ** 2;
          count++;
        }),
      );
      expect(error / count, activations).toBeLessThanOrEqual(bound);
    }
  });
});
