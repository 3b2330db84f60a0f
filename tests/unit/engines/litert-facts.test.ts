/** What is told from files and printed lines alone: operators without a kernel, failures, traced models. */
import { describe, expect, it } from 'vitest';
import { parseFailure, runtimeError } from '../../../src/engines/litert/errors';
import { KERNEL_VERSIONS } from '../../../src/engines/litert/kernels';
import { RuntimeLog } from '../../../src/engines/litert/log';
import { traceModel } from '../../../src/core/model/trace';
import { unsupportedOperators } from '../../../src/engines/litert/unsupported';
import { addTwice, oneOperator, tinyModel } from './tiny-models';

describe('unsupportedOperators', () => {
  it('has nothing against operators with a kernel', () => {
    expect(unsupportedOperators(addTwice())).toEqual([]);
    expect(unsupportedOperators(oneOperator({ kind: 'CUSTOM', custom: 'Mfcc' }))).toEqual([]);
  });

  it.each([
    [{ kind: 'CUSTOM', custom: 'FlexAdd' }, 'FlexAdd', "needs TensorFlow's own kernels (Flex)"],
    [{ kind: 'CUSTOM', custom: 'DISPATCH_OP' }, 'DISPATCH_OP', 'was compiled for another accelerator'],
    [{ kind: 'CUSTOM', custom: 'Mine' }, 'Mine', 'is a custom operator without a kernel'],
    [{ kind: 'STABLEHLO_TANH' }, 'STABLEHLO_TANH', 'has no kernel'],
    [{ kind: 'CONV_2D', version: 9 }, 'CONV_2D', 'is of version 9, kernels go up to 8'],
  ] as const)('%o', (operator, kind, reason) => {
    expect(unsupportedOperators(oneOperator(operator))).toEqual([{ kind, count: 1, reason }]);
  });

  it('finds state and text, and puts the most frequent first', () => {
    const model = tinyModel({
      tensors: [
        { name: 'text', type: 'STRING', shape: [1] },
        { name: 'state', shape: [1], variable: true },
        { name: 'a', shape: [1] },
        { name: 'b', shape: [1] },
        { name: 'length', type: 'INT32', shape: [1] },
      ],
      operators: [
        { kind: 'SHAPE', inputs: [0], outputs: [4] },
        { kind: 'SVDF', inputs: [2, 1], outputs: [3] },
        { kind: 'SVDF', inputs: [3, 1], outputs: [2] },
      ],
      inputs: [0],
      outputs: [4],
    });
    expect(unsupportedOperators(model)).toEqual([
      { kind: 'SVDF', count: 2, reason: 'keeps state in variable tensors' },
      { kind: 'SHAPE', count: 1, reason: 'takes text as input' },
    ]);
  });

  it('knows the operators of everyday models', () => {
    for (const kind of [
      'CONV_2D',
      'DEPTHWISE_CONV_2D',
      'FULLY_CONNECTED',
      'LOGICAL_NOT',
      'DENSIFY',
    ] as const) {
      expect(KERNEL_VERSIONS.get(kind)).toBeGreaterThanOrEqual(1);
    }
    expect(KERNEL_VERSIONS.has('CALL')).toBe(false);
  });
});

describe('failures of the runtime', () => {
  const lines = [
    'ERROR: third_party/tensorflow/lite/kernels/transpose_conv.cc:852 SizeOfDimension(input, 0) was not equal',
    'ERROR: Node number 7 (TRANSPOSE_CONV) failed to invoke.',
    'ERROR: [litert_compiled_model.cc:164] Failed to invoke',
  ];

  it('are read for the operator and the reason, without places in foreign sources', () => {
    expect(parseFailure(lines)).toEqual({
      operator: 'TRANSPOSE_CONV',
      index: 7,
      reason: 'SizeOfDimension(input, 0) was not equal',
      openOutput: null,
    });
    expect(parseFailure(['ERROR: Encountered unresolved custom op: Mine.']).operator).toBe('Mine');
    expect(parseFailure(['ERROR: [./a/b.h:12]', '└ ERROR: [./c/d.h:34]']).reason).toBeNull();
  });

  it('become one message', () => {
    const error = runtimeError('LiteRT cannot run this model.', lines, null);
    expect(error.code).toBe('runtime');
    expect(error.message).toBe(
      'LiteRT cannot run this model. Operator 7 (TRANSPOSE_CONV) failed. LiteRT says: SizeOfDimension(input, 0) was not equal.',
    );
  });

  it('are told from information', () => {
    const log = new RuntimeLog();
    log.write('INFO: all is well');
    log.write('WARNING: [npu_registry.cc:34] no NPU');
    log.write('');
    expect(log.hasErrors).toBe(false);
    expect(log.take()).toEqual([]);
    log.write('See instructions: https://example.org');
    expect(log.hasErrors).toBe(false);
    log.write('ERROR: Node number 0 (ADD) failed to prepare.');
    expect(log.hasErrors).toBe(true);
    expect(log.take()).toHaveLength(2);
    expect(log.hasErrors).toBe(false);
  });
});

describe('traceModel', () => {
  it('adds what operators write, once, behind the own outputs', () => {
    const { model, tensors } = traceModel(addTwice(), [0, 2, 2, 3]);
    expect(tensors).toEqual([3, 2]);
    expect(Array.from(model.subgraphs[0]!.outputs)).toEqual([3, 2]);
    expect(model.signatureDefs).toBeNull();
  });

  it('leaves the model as it is', () => {
    const model = addTwice();
    traceModel(model, [2]);
    expect(Array.from(model.subgraphs[0]!.outputs)).toEqual([3]);
  });
});
