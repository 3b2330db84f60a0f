import { describe, expect, it } from 'vitest';
import { enumValues } from '../../../src/core/model/schema';
import { families, operandAt, ops, specOf } from '../../../src/core/ops';
import type { KnownBuiltin, OpSpec } from '../../../src/core/ops';
import { options, viewOf } from './one-operator';

const rows = Object.entries(ops) as [KnownBuiltin, OpSpec][];
const schemaNames = Object.keys(enumValues.BuiltinOperator);

describe('the operator table', () => {
  it(`has a row for each of the ${schemaNames.length} operators of the schema`, () => {
    expect(rows.map(([name]) => name).sort()).toEqual([...schemaNames].sort());
    expect(schemaNames).toHaveLength(210);
  });

  it('lists each operator in one family only', () => {
    const listed = Object.values(families).flatMap((family) => Object.keys(family));
    expect(listed).toHaveLength(new Set(listed).size);
    expect(listed).toHaveLength(schemaNames.length);
  });

  it('answers null for names that the schema does not know', () => {
    expect(specOf('UNKNOWN_300')).toBeNull();
    expect(specOf('toString')).toBeNull();
    expect(specOf('CONV_2D')).toBe(ops.CONV_2D);
  });

  it.each(rows)('%s names its operands once, in camel case', (_, spec) => {
    const names = spec.inputs.map((input) => input.name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of [...names, ...spec.outputs]) expect(name).toMatch(/^[a-z][A-Za-z]*$/);
    expect(new Set(spec.outputs).size).toBe(spec.outputs.length);
    if (spec.variadicInputs) expect(names.length).toBeGreaterThan(0);
  });

  it.each(rows)('%s has channel axes on weights only', (_, spec) => {
    for (const { role, channelAxis } of spec.inputs) {
      if (channelAxis === null) continue;
      expect(role).toBe('weight');
      expect(channelAxis).toBeGreaterThanOrEqual(0);
      expect(channelAxis).toBeLessThan(5);
    }
  });

  it.each(rows)('%s has a quantization rule that fits its versions', (_, { quantization, versions }) => {
    for (const version of Object.values(versions)) expect(version).toBeGreaterThanOrEqual(1);
    if (quantization.kind === 'float-only') return;
    expect(versions).toHaveProperty('INT8');
    if (quantization.kind !== 'fixed-output') return;
    expect(quantization.int8.scale).toBeGreaterThan(0);
    expect(Math.abs(quantization.int8.zeroPoint)).toBeLessThanOrEqual(128);
    expect(quantization.int16 !== null).toBe('INT16' in versions);
    if (quantization.int16) expect(quantization.int16.zeroPoint).toBe(0);
  });

  const hybrids = rows.flatMap(([name, { hybrid, ...spec }]) => (hybrid ? [{ name, hybrid, spec }] : []));
  it.each(hybrids)('$name has a hybrid kernel that fits its operands', ({ hybrid, spec }) => {
    expect(hybrid.weightInputs.length).toBeGreaterThan(0);
    for (const input of hybrid.weightInputs) {
      const operand = spec.inputs[input];
      expect(['weight', 'activation']).toContain(operand?.role);
      if (hybrid.perChannel) expect(operand?.channelAxis).not.toBeNull();
    }
    expect(hybrid.perChannel).toBe(hybrid.versionPerChannel !== null);
    expect(hybrid.versionPerTensor ?? hybrid.versionPerChannel).not.toBeNull();
    expect(spec.versions).toHaveProperty('FLOAT32');
  });

  it('knows the operators with a hybrid kernel', () => {
    expect(hybrids.map(({ name }) => name).sort()).toEqual([
      'BATCH_MATMUL',
      'BIDIRECTIONAL_SEQUENCE_LSTM',
      'BIDIRECTIONAL_SEQUENCE_RNN',
      'CONV_2D',
      'DEPTHWISE_CONV_2D',
      'EMBEDDING_LOOKUP',
      'FULLY_CONNECTED',
      'LSTM',
      'RNN',
      'SVDF',
      'TRANSPOSE_CONV',
      'UNIDIRECTIONAL_SEQUENCE_LSTM',
      'UNIDIRECTIONAL_SEQUENCE_RNN',
    ]);
  });

  it('numbers the inputs of the big recurrent operators as the schema does', () => {
    const at = (name: KnownBuiltin, input: number) => ops[name].inputs[input];
    expect(ops.UNIDIRECTIONAL_SEQUENCE_LSTM.inputs).toHaveLength(24);
    expect(at('UNIDIRECTIONAL_SEQUENCE_LSTM', 8)?.name).toBe('recurrentToOutput');
    expect(at('UNIDIRECTIONAL_SEQUENCE_LSTM', 16)?.name).toBe('projection');
    expect(at('UNIDIRECTIONAL_SEQUENCE_LSTM', 18)?.role).toBe('state');
    expect(ops.BIDIRECTIONAL_SEQUENCE_LSTM.inputs).toHaveLength(48);
    expect(at('BIDIRECTIONAL_SEQUENCE_LSTM', 25)?.name).toBe('backwardRecurrentToOutput');
    expect(at('BIDIRECTIONAL_SEQUENCE_LSTM', 38)?.role).toBe('state');
    expect(at('BIDIRECTIONAL_SEQUENCE_LSTM', 39)?.name).toBe('auxiliaryInput');
    expect(ops.BIDIRECTIONAL_SEQUENCE_RNN.inputs).toHaveLength(12);
    expect(at('BIDIRECTIONAL_SEQUENCE_RNN', 8)?.role).toBe('state');
  });

  it('takes the versions that LiteRT writes for quantized operators', () => {
    const int8 = (name: KnownBuiltin) => ops[name].versions.INT8;
    expect([int8('CONV_2D'), int8('DEPTHWISE_CONV_2D'), int8('FULLY_CONNECTED')]).toEqual([3, 3, 4]);
    expect([int8('ADD'), int8('CONCATENATION'), int8('SOFTMAX'), int8('TILE')]).toEqual([2, 2, 2, 3]);
    expect([ops.SUB.versions.INT16, ops.MUL.versions.INT16, ops.MEAN.versions.INT16]).toEqual([5, 4, 3]);
    expect(ops.CONV_2D.hybrid).toMatchObject({ versionPerTensor: 2, versionPerChannel: 5 });
    expect(ops.FULLY_CONNECTED.hybrid).toMatchObject({ versionPerChannel: 12, versionAsymmetric: 9 });
  });

  it('prescribes the outputs that the kernels write', () => {
    expect(ops.SOFTMAX.quantization).toMatchObject({ int8: { scale: 1 / 256, zeroPoint: -128 } });
    expect(ops.TANH.quantization).toMatchObject({ int8: { scale: 1 / 128, zeroPoint: 0 } });
    expect(ops.LOG_SOFTMAX.quantization).toMatchObject({ int8: { scale: 16 / 256, zeroPoint: 127 } });
  });
});

describe('operandAt', () => {
  const view = (kind: KnownBuiltin, given?: ReturnType<typeof options>) =>
    viewOf({ kind, inputs: [], outputs: [], ...(given && { options: given }) });

  it('repeats the last operand of variadic operators', () => {
    expect(operandAt(view('CONCATENATION'), 7).role).toBe('activation');
    expect(operandAt(view('IF'), 0).role).toBe('index');
    expect(operandAt(view('IF'), 3).role).toBe('activation');
  });
  it('knows the operands of the basic LSTM cell', () => {
    const basic = view('LSTM', options('LSTMOptions', { kernelType: 'BASIC' }));
    expect([0, 1, 2, 3, 4].map((i) => operandAt(basic, i).role)).toEqual([
      'activation',
      'state',
      'weight',
      'bias',
      'state',
    ]);
    expect(operandAt(view('LSTM'), 1).role).toBe('weight');
  });
  it('takes what the table does not list as an optional activation', () => {
    expect(operandAt(view('RELU'), 4)).toMatchObject({ role: 'activation', optional: true });
  });
});
