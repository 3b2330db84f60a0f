/** The sample classifier as a Whittle `Model`, from its trained weights. */
import { makeModel, makeOperator, makeSubgraph, makeTensor } from '../../src/core/model/edit';
import { makeOperatorCode } from '../../src/core/model/operators';
import { makeTable } from '../../src/core/model/schema/tflite';
import type { BuiltinOptions, Model, ModelBuffer, Tensor } from '../../src/core/model/types';
import { layers, type DigitsWeights } from './train-digits';

const { conv1, conv2, dense1, dense2 } = layers;

/** Builds the float32 model: two convolutions, a reshape, two dense layers and a softmax; one signature. */
export function buildDigitsModel(weights: DigitsWeights): Model {
  // Buffer 0 is the empty one that every activation points to.
  const buffers: ModelBuffer[] = [{ data: null, outside: false }];
  const tensors: Tensor[] = [];
  const tensor = (name: string, shape: readonly number[], data: Float32Array | Int32Array | null = null) => {
    let buffer = 0;
    if (data !== null) {
      buffer =
        buffers.push({
          data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
          outside: false,
        }) - 1;
    }
    const type = data instanceof Int32Array ? 'INT32' : 'FLOAT32';
    return tensors.push(makeTensor({ name, shape: Int32Array.from(shape), type, buffer, hasRank: true })) - 1;
  };

  const kinds = ['CONV_2D', 'RESHAPE', 'FULLY_CONNECTED', 'SOFTMAX'] as const;
  const operator = (
    kind: (typeof kinds)[number],
    inputs: readonly number[],
    output: number,
    builtinOptions: BuiltinOptions,
  ) =>
    makeOperator({
      opcodeIndex: kinds.indexOf(kind),
      inputs: Int32Array.from(inputs),
      outputs: Int32Array.of(output),
      builtinOptions,
    });
  const convolution = (): BuiltinOptions => ({
    type: 'Conv2DOptions',
    value: makeTable('Conv2DOptions', {
      padding: 'SAME',
      strideW: 2,
      strideH: 2,
      fusedActivationFunction: 'RELU',
    }),
  });
  const dense = (fusedActivationFunction: 'RELU' | 'NONE'): BuiltinOptions => ({
    type: 'FullyConnectedOptions',
    value: makeTable('FullyConnectedOptions', { fusedActivationFunction }),
  });

  const image = tensor('image', [1, 28, 28, 1]);
  const filter1 = tensor(
    'conv1/filter',
    [conv1.outputs, conv1.kernel, conv1.kernel, conv1.inputs],
    weights.conv1,
  );
  const bias1 = tensor('conv1/bias', [conv1.outputs], weights.conv1Bias);
  const map1 = tensor('conv1/relu', [1, conv1.size, conv1.size, conv1.outputs]);
  const filter2 = tensor(
    'conv2/filter',
    [conv2.outputs, conv2.kernel, conv2.kernel, conv2.inputs],
    weights.conv2,
  );
  const bias2 = tensor('conv2/bias', [conv2.outputs], weights.conv2Bias);
  const map2 = tensor('conv2/relu', [1, conv2.size, conv2.size, conv2.outputs]);
  const newShape = tensor('flatten/shape', [2], Int32Array.of(1, dense1.inputs));
  const flat = tensor('flatten', [1, dense1.inputs]);
  const weights1 = tensor('dense1/weights', [dense1.outputs, dense1.inputs], weights.dense1);
  const bias3 = tensor('dense1/bias', [dense1.outputs], weights.dense1Bias);
  const hidden = tensor('dense1/relu', [1, dense1.outputs]);
  const weights2 = tensor('dense2/weights', [dense2.outputs, dense2.inputs], weights.dense2);
  const bias4 = tensor('dense2/bias', [dense2.outputs], weights.dense2Bias);
  const logits = tensor('dense2', [1, dense2.outputs]);
  const probabilities = tensor('probabilities', [1, dense2.outputs]);

  const operators = [
    operator('CONV_2D', [image, filter1, bias1], map1, convolution()),
    operator('CONV_2D', [map1, filter2, bias2], map2, convolution()),
    operator('RESHAPE', [map2, newShape], flat, {
      type: 'ReshapeOptions',
      value: makeTable('ReshapeOptions', { newShape: Int32Array.of(1, dense1.inputs) }),
    }),
    operator('FULLY_CONNECTED', [flat, weights1, bias3], hidden, dense('RELU')),
    operator('FULLY_CONNECTED', [hidden, weights2, bias4], logits, dense('NONE')),
    operator('SOFTMAX', [logits], probabilities, {
      type: 'SoftmaxOptions',
      value: makeTable('SoftmaxOptions', { beta: 1 }),
    }),
  ];
  return makeModel({
    description: 'Digits classifier trained by Whittle (scripts/make-samples.ts)',
    operatorCodes: kinds.map((kind) => makeOperatorCode(kind, 1)),
    subgraphs: [
      makeSubgraph({
        name: 'main',
        tensors,
        inputs: Int32Array.of(image),
        outputs: Int32Array.of(probabilities),
        operators,
      }),
    ],
    buffers,
    signatureDefs: [
      {
        ...makeTable('SignatureDef', { signatureKey: 'serving_default', subgraphIndex: 0 }),
        inputs: [makeTable('TensorMap', { name: 'image', tensorIndex: image })],
        outputs: [makeTable('TensorMap', { name: 'probabilities', tensorIndex: probabilities })],
      },
    ],
  });
}
