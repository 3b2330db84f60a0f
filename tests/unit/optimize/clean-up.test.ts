import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeOperatorCode } from '../../../src/core/model/operators';
import { makeTable } from '../../../src/core/model/schema/tflite';
import type { Model } from '../../../src/core/model/types';
import { compactModel } from '../../../src/core/optimize/cleanup/compact';
import { findEqualBuffers } from '../../../src/core/optimize/cleanup/share-buffers';
import { buildModel, findTensor, runPass } from './fixtures';

describe('buffers', () => {
  it('with equal bytes are shared', () => {
    const model = buildModel({
      tensors: {
        input: { shape: [3] },
        a: { shape: [3], data: Float32Array.of(1, 2, 3) },
        b: { shape: [3], data: Float32Array.of(1, 2, 3) },
        c: { shape: [3], data: Float32Array.of(1, 2, 4) },
        x: { shape: [3] },
        y: { shape: [3] },
        output: { shape: [3] },
      },
      operators: [
        { kind: 'MUL', inputs: ['input', 'a'], outputs: ['x'] },
        { kind: 'MUL', inputs: ['x', 'b'], outputs: ['y'] },
        { kind: 'MUL', inputs: ['y', 'c'], outputs: ['output'] },
      ],
      inputs: ['input'],
      outputs: ['output'],
    });
    const { model: result, report } = runPass('clean-up', model);
    expect(findTensor(result, 'a').tensor.buffer).toBe(findTensor(result, 'b').tensor.buffer);
    expect(result.buffers).toHaveLength(3);
    expect(report.summary).toBe('12 bytes of constants saved.');
  });

  it('are told apart byte by byte, and none from no bytes', () => {
    const bytes = fc.option(fc.uint8Array({ maxLength: 3, max: 2 }));
    fc.assert(
      fc.property(fc.array(bytes, { minLength: 1, maxLength: 12 }), (list) => {
        const buffers = list.map((data) => ({ data, outside: false }));
        const same = findEqualBuffers(buffers, new Set(buffers.keys()));
        list.forEach((data, index) => {
          const first = list.findIndex((other) => JSON.stringify(other) === JSON.stringify(data));
          expect(same[index]).toBe(first);
        });
      }),
    );
  });
});

describe('unused parts', () => {
  /** Every kind of reference, with an unused tensor, buffer and code in front of all that is used. */
  function referenced(): Model {
    const base = buildModel({
      tensors: {
        unused: { shape: [2], data: Float32Array.of(1, 2) },
        scales: { shape: [2, 1], type: 'FLOAT16', data: Uint16Array.of(0x3c00, 0x3c00) },
        input: { shape: [1, 4] },
        weights: { shape: [2, 4], type: 'INT4', data: Uint8Array.of(1, 2, 3, 4) },
        gate: { shape: [1] },
        state: { shape: [4], isVariable: true },
        output: { shape: [1, 2] },
      },
      operators: [
        {
          kind: 'FULLY_CONNECTED',
          inputs: ['input', 'weights', '-'],
          outputs: ['output'],
          intermediates: Int32Array.of(4),
        },
      ],
      inputs: ['input'],
      outputs: ['output'],
    });
    const [subgraph] = base.subgraphs;
    const tensors = subgraph!.tensors.map((tensor) =>
      tensor.name === 'weights'
        ? {
            ...tensor,
            quantization: makeTable('QuantizationParameters', {
              details: { type: 'BlockwiseQuantization', value: { scales: 1, zeroPoints: -1, blockSize: 4 } },
            }),
          }
        : tensor,
    );
    return {
      ...base,
      operatorCodes: [makeOperatorCode('ABS'), ...base.operatorCodes],
      subgraphs: [
        {
          ...subgraph!,
          tensors,
          operators: subgraph!.operators.map((operator) => ({ ...operator, opcodeIndex: 1 })),
        },
      ],
      buffers: [...base.buffers, { data: Uint8Array.of(9), outside: false }],
      metadata: [makeTable('Metadata', { name: 'notes', buffer: 4 })],
      metadataBuffer: Int32Array.of(4),
      signatureDefs: [
        {
          ...makeTable('SignatureDef', { signatureKey: 'serve' }),
          inputs: [makeTable('TensorMap', { name: 'in', tensorIndex: 2 })],
          outputs: [makeTable('TensorMap', { name: 'out', tensorIndex: 6 })],
        },
      ],
    };
  }

  it('go, and every index follows', () => {
    const { model } = runPass('clean-up', referenced());
    const [subgraph] = model.subgraphs;
    expect(subgraph!.tensors.map((tensor) => tensor.name)).toEqual([
      'scales',
      'input',
      'weights',
      'gate',
      'state',
      'output',
    ]);
    expect(subgraph!.operators[0]).toMatchObject({
      opcodeIndex: 0,
      inputs: Int32Array.of(1, 2, -1),
      outputs: Int32Array.of(5),
      intermediates: Int32Array.of(3),
    });
    expect([subgraph!.inputs[0], subgraph!.outputs[0]]).toEqual([1, 5]);
    expect(findTensor(model, 'weights').tensor.quantization?.details?.value).toMatchObject({
      scales: 0,
      zeroPoints: -1,
    });
    expect(model.metadata?.[0]?.buffer).toBe(3);
    expect(model.metadataBuffer).toEqual(Int32Array.of(3));
    expect(model.buffers[3]!.data).toEqual(Uint8Array.of(9));
    const [signature] = model.signatureDefs!;
    expect([signature!.inputs[0]!.tensorIndex, signature!.outputs[0]!.tensorIndex]).toEqual([1, 5]);
    expect(model.operatorCodes.map((code) => code.builtinCode)).toEqual(['FULLY_CONNECTED']);
  });

  it('stay where a memory plan counts tensors', () => {
    const model = {
      ...referenced(),
      metadata: [makeTable('Metadata', { name: 'OfflineMemoryAllocation', buffer: 4 })],
    };
    expect(runPass('clean-up', model).model.subgraphs[0]!.tensors).toHaveLength(7);
  });

  it('of the model that a pass was given stay when the pass clears away after itself', () => {
    const before = referenced();
    expect(compactModel(before, before).model).toEqual(before);
    const added = { ...before, operatorCodes: [...before.operatorCodes, makeOperatorCode('NEG')] };
    expect(compactModel(added, before).model.operatorCodes).toEqual(before.operatorCodes);
  });
});
