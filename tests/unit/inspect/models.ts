/** Models whose constants are stored in every way that the format knows. */
import { realValues } from '../../../src/core/model/dequantize';
import { makeQuantization } from '../../../src/core/model/edit';
import type { Model } from '../../../src/core/model/types';
import { buildModel, denseModel, randomValues, runPass, type OperatorPlan } from '../optimize/fixtures';

/** FULLY_CONNECTED of 8 units of 64 inputs, weights int4 with a scale for each 32 inputs. */
export function blockwiseModel(): Model {
  return runPass('dynamic-range', denseModel(8, 64), {
    weights: 'int4',
    blockSize: '32',
    minElements: 1,
  }).model;
}

/** CONV_2D of 4 filters of 3 × 2 over 3 channels, then DEPTHWISE_CONV_2D with 4 filters of 2 × 2, int8 per channel. */
export function filterModel(): Model {
  const convolution = (
    kind: 'CONV_2D' | 'DEPTHWISE_CONV_2D',
    inputs: string[],
    output: string,
  ): OperatorPlan => ({
    kind,
    inputs,
    outputs: [output],
  });
  const model = buildModel({
    tensors: {
      image: { shape: [1, 8, 8, 3] },
      filters: { shape: [4, 3, 2, 3], data: randomValues(72) },
      features: { shape: [1, 8, 8, 4] },
      depthwise: {
        shape: [1, 2, 2, 4],
        type: 'INT8',
        data: Int8Array.from({ length: 16 }, (_, i) => 8 * i - 60),
      },
      scores: { shape: [1, 8, 8, 4] },
    },
    operators: [
      convolution('CONV_2D', ['image', 'filters', '-'], 'features'),
      convolution('DEPTHWISE_CONV_2D', ['features', 'depthwise', '-'], 'scores'),
    ],
    inputs: ['image'],
    outputs: ['scores'],
  });
  const quantization = makeQuantization([1, 0.5, 0.25, 2], [0, 0, 0, 0], 3);
  const subgraphs = model.subgraphs.map((subgraph) => ({
    ...subgraph,
    tensors: subgraph.tensors.map((tensor) =>
      tensor.name === 'depthwise' ? { ...tensor, quantization } : tensor,
    ),
  }));
  return { ...model, subgraphs };
}

/** The real values of a tensor, all at once. */
export const allValues = (model: Model, index: number) => Array.from(realValues(model, 0, index));

/** Index of the tensor of that name. */
export function tensorNamed(model: Model, name: string): number {
  const index = model.subgraphs[0]!.tensors.findIndex((tensor) => tensor.name === name);
  if (index < 0) throw new Error(`no tensor ${name}`);
  return index;
}
