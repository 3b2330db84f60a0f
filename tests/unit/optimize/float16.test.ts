import { describe, expect, it } from 'vitest';
import { constantBytes, tensorValues } from '../../../src/core/model/tensors';
import {
  buildModel,
  denseModel,
  findTensor,
  fullyConnected,
  kindsOf,
  randomValues,
  runPass,
} from './fixtures';

const small = { minElements: 0 };

describe('float16', () => {
  it('puts weights and biases behind one DEQUANTIZE each, before their first reader', () => {
    const { model, mapping, report } = runPass('float16', denseModel(), small);
    expect(kindsOf(model)).toEqual(['DEQUANTIZE 3', 'DEQUANTIZE 3', 'FULLY_CONNECTED 1']);
    expect(mapping).toEqual([[[2]]]);
    const { tensor, index } = findTensor(model, 'weights_float16');
    expect(tensor.type).toBe('FLOAT16');
    expect(constantBytes(model, tensor)).toHaveLength(8 * 64 * 2);
    const { tensor: widened, index: widenedIndex } = findTensor(model, 'weights');
    expect(widened.type).toBe('FLOAT32');
    expect(constantBytes(model, widened)).toBeNull();
    const decoder = model.subgraphs[0]!.operators[0]!;
    expect([...decoder.inputs, ...decoder.outputs]).toEqual([index, widenedIndex]);
    expect(report.summary).toBe('2 of 2 weight and bias tensors to float16.');
  });

  it('clamps to the largest float16', () => {
    const { model } = runPass('float16', denseModel(1, 2, Float32Array.of(1e6, -1e6)), small);
    const { index } = findTensor(model, 'weights_float16');
    expect([...(tensorValues(model, 0, index) as Uint16Array)]).toEqual([0x7bff, 0xfbff]);
  });

  it('leaves small tensors, and values that are not finite', () => {
    const infinite = denseModel(4, 64, new Float32Array(256).fill(Infinity));
    const { model, report } = runPass('float16', infinite);
    expect(model).toBe(infinite);
    expect(report.entries.map((entry) => entry.detail)).toEqual([
      'holds values that are not finite',
      'belongs to weights that are not float16',
    ]);
  });

  it('turns a bias with its weights, whatever its size, and never without them', () => {
    expect(kindsOf(runPass('float16', denseModel(2, 64)).model)).toHaveLength(3);
    const small = denseModel(256, 1);
    const { model, report } = runPass('float16', small, { minElements: 257 });
    expect(model).toBe(small);
    expect(report.entries.map((entry) => entry.detail)).toEqual([
      '256 elements, fewer than 257',
      'belongs to weights that are not float16',
    ]);
  });

  it('gives a bias bytes of its own where others still read the old ones', () => {
    const zeros = new Float32Array(16);
    const model = buildModel({
      tensors: {
        input: { shape: [1, 16] },
        weights: { shape: [16, 16], data: randomValues(256) },
        bias: { shape: [16], data: zeros },
        x: { shape: [1, 16] },
        other: { shape: [16], sharesWith: 'bias' },
        y: { shape: [1, 16] },
      },
      operators: [
        fullyConnected(['input', 'weights', 'bias'], 'x'),
        { kind: 'ADD', inputs: ['x', 'other'], outputs: ['y'] },
      ],
      inputs: ['input'],
      outputs: ['y'],
    });
    const result = runPass('float16', model).model;
    expect(findTensor(result, 'bias_float16').tensor.type).toBe('FLOAT16');
    expect(constantBytes(result, findTensor(result, 'other').tensor)).toHaveLength(64);
  });

  it('stores shared bytes once, keeps a constant that is an output, and serves all readers', () => {
    const model = buildModel({
      tensors: {
        input: { shape: [1, 16] },
        a: { shape: [16, 16], data: randomValues(256) },
        b: { shape: [16, 16], sharesWith: 'a' },
        x: { shape: [1, 16] },
        y: { shape: [1, 16] },
        z: { shape: [1, 16] },
      },
      operators: [
        fullyConnected(['input', 'a', '-'], 'x'),
        fullyConnected(['x', 'b', '-'], 'y'),
        fullyConnected(['y', 'a', '-'], 'z'),
      ],
      inputs: ['input'],
      outputs: ['z', 'a'],
    });
    const result = runPass('float16', model, small).model;
    expect(kindsOf(result).map((kind) => kind.split(' ')[0])).toEqual([
      ...['DEQUANTIZE', 'FULLY_CONNECTED', 'DEQUANTIZE', 'FULLY_CONNECTED', 'FULLY_CONNECTED'],
    ]);
    expect(findTensor(result, 'a_float16').tensor.buffer).toBe(findTensor(result, 'b_float16').tensor.buffer);
    expect([...result.subgraphs[0]!.outputs]).toEqual([...model.subgraphs[0]!.outputs]);
  });
});
