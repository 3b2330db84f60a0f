/** Recipes of ai-edge-quantizer on a real model, against what ai-edge-quantizer itself makes of it. */
import { describe, expect, it } from 'vitest';
import { operatorName } from '../../src/core/model/operators';
import type { Model } from '../../src/core/model/types';
import { recipeFromAeq } from '../../src/core/optimize/aeq/from-aeq';
import { runRecipe } from '../../src/core/optimize/pipeline';
import { hasCorpus, titled } from '../support/corpus';
import { loadModel } from '../support/corpus-data';

const weights = { num_bits: 8, symmetric: true, granularity: 'CHANNELWISE', dtype: 'INT' };
const activations = { num_bits: 8, symmetric: false, granularity: 'TENSORWISE', dtype: 'INT' };
const every = { regex: '.*', operation: '*', algorithm_key: 'min_max_uniform_quantize' };

/** `static_wi8_ai8` and `dynamic_wi8_afp32`. */
const statically = {
  ...every,
  op_config: {
    ...{ activation_tensor_config: activations, weight_tensor_config: weights },
    ...{ compute_precision: 'INTEGER', explicit_dequantize: false },
  },
};
const dynamically = {
  ...every,
  op_config: { weight_tensor_config: weights, compute_precision: 'INTEGER', explicit_dequantize: false },
};

/** Kinds of the main subgraph's operators and the types of what they give. */
function typesOf(model: Model): readonly (readonly [string, string])[] {
  const { operators, tensors } = model.subgraphs[0]!;
  return operators.map((operator) => [operatorName(model, operator), tensors[operator.outputs[0]!]!.type]);
}

describe.runIf(hasCorpus)(titled('recipes of ai-edge-quantizer'), () => {
  it('make every operator of conv_fc_mnist an integer one, as in its own file', async () => {
    const { recipe } = recipeFromAeq([statically], 'static_wi8_ai8');
    const { model } = await runRecipe(loadModel('conv_fc_mnist'), recipe, { seed: 1 }, true);
    expect(typesOf(model)).toEqual(typesOf(loadModel('conv_fc_mnist_srq_a8w8')));
    expect(typesOf(model).every(([, type]) => type === 'INT8')).toBe(true);
  });

  it('quantize the weights of mobilenet_v1_0.25_128 alone', async () => {
    const { recipe } = recipeFromAeq([dynamically], 'dynamic_wi8_afp32');
    const { model } = await runRecipe(loadModel('mobilenet_v1_0.25_128'), recipe, { seed: 1 });
    const { operators, tensors } = model.subgraphs[0]!;
    const convolutions = operators.filter((operator) => operatorName(model, operator).includes('CONV_2D'));
    expect(convolutions).toHaveLength(28);
    for (const { inputs, outputs } of convolutions) {
      expect([tensors[inputs[1]!]!.type, tensors[outputs[0]!]!.type]).toEqual(['INT8', 'FLOAT32']);
    }
  });
});
