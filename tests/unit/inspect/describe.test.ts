import { describe, expect, it } from 'vitest';
import { ModelError } from '../../../src/core/errors';
import { describeOperator, describeTensor, openedModels, summarize } from '../../../src/core/inspect';
import { describeTable } from '../../../src/core/inspect/attributes';
import { tables, unionMembers, type TableName } from '../../../src/core/model/schema';
import type { Tensor } from '../../../src/core/model/types';
import { makeTable } from '../../../src/core/model/schema/tflite';
import { writeModel } from '../../../src/core/model/write';
import { at, sampleModel } from './sample';

const model = sampleModel();
const attribute = (operator: number, name: string) =>
  describeOperator(model, 0, operator).attributes.find((entry) => entry.name === name)?.value;

describe('describeTable', () => {
  it('shows every field of every options table', () => {
    for (const name of [...unionMembers.BuiltinOptions, ...unionMembers.BuiltinOptions2] as TableName[]) {
      // The type of biases is left out where none is given.
      const fields = Object.keys(tables[name]).filter((field) => field !== 'quantizedBiasType');
      const shown = describeTable(name, makeTable(name));
      // Sizes along several axes are one entry with one number for each.
      const entries = shown.reduce((count, { value }) => count + value.split(' × ').length, 0);
      expect(entries, name).toBe(fields.length);
    }
  });

  it('spells enumerations, flags, lists and absence', () => {
    const value = makeTable('Conv3DOptions', { strideD: 1, strideH: 2, strideW: 3 });
    expect(describeTable('Conv3DOptions', value)).toContainEqual({ name: 'stride', value: '1 × 2 × 3' });
    expect(describeTable('LSHProjectionOptions', makeTable('LSHProjectionOptions'))).toEqual([
      { name: 'type', value: 'UNKNOWN' },
    ]);
    const gather = makeTable('StablehloGatherOptions', {
      offsetDims: BigInt64Array.of(1n, -2n),
      indicesAreSorted: true,
    });
    expect(describeTable('StablehloGatherOptions', gather).map(({ value: text }) => text)).toEqual([
      '[1, -2]',
      'not set',
      'not set',
      '0',
      'not set',
      'yes',
    ]);
  });

  it('tells the type of biases only where it is not the default, which stands for none', () => {
    const shown = (type: 'FLOAT32' | 'INT64') =>
      describeTable('Conv2DOptions', makeTable('Conv2DOptions', { quantizedBiasType: type })).find(
        ({ name }) => name === 'quantized bias type',
      )?.value;
    expect(shown('FLOAT32')).toBeUndefined();
    expect(shown('INT64')).toBe('INT64');
  });

  it('writes the float32 that was meant, not its binary tail', () => {
    const value = makeTable('LeakyReluOptions', { alpha: Math.fround(0.1) });
    expect(describeTable('LeakyReluOptions', value)).toEqual([{ name: 'alpha', value: '0.1' }]);
  });
});

describe('describeOperator', () => {
  it('tells options, operands, version and cost of a builtin', () => {
    const details = describeOperator(model, 0, 0);
    expect(details).toMatchObject({ kind: 'CONV_2D', version: 3, category: 'convolution', isCustom: false });
    expect(details.name).toBe('net/conv');
    expect(attribute(0, 'stride')).toBe('1 × 2');
    expect(attribute(0, 'padding')).toBe('VALID');
    expect(attribute(0, 'activation')).toBe('RELU6');
    expect(details.inputs.map(({ role }) => role)).toEqual(['input', 'filter', 'bias']);
    expect(details.inputs[1]).toMatchObject({
      isConstant: true,
      sizeBytes: 4,
      tensor: { index: at.filter, dtype: 'int8', shape: [2, 1, 1, 2] },
    });
    expect(details.inputs[1]?.quantization?.scale).toEqual([0.5, 0.25]);
    expect(details.weights.map(({ tensor }) => tensor?.index)).toEqual([at.filter]);
    expect(details.parameters).toBe(6);
    expect(details.sizeBytes).toBe(12);
    // 2 × 2 places, 2 output channels, 1 × 1 × 2 inputs each.
    expect(details.macs).toBe(16);
  });

  it('decodes custom options and keeps the place of an operand that is left out', () => {
    const details = describeOperator(model, 0, 1);
    expect(details).toMatchObject({ kind: 'MyOp', isCustom: true, category: 'other' });
    expect(details.attributes).toEqual([{ name: 'a', value: '7' }]);
    expect(details.inputs[1]?.tensor).toBeNull();
  });

  it('shows custom options that are no map as bytes', () => {
    const [graph] = model.subgraphs;
    const operators = [{ ...graph!.operators[1]!, customOptions: Uint8Array.of(1, 171, 255) }];
    const changed = { ...model, subgraphs: [{ ...graph!, operators }] };
    expect(describeOperator(changed, 0, 0).attributes).toEqual([
      { name: 'custom options', value: '3 bytes: 01 ab ff' },
    ]);
  });

  it('counts the bytes of what is longer than a line, and shows the first 16', () => {
    const [graph] = model.subgraphs;
    const operators = [{ ...graph!.operators[1]!, customOptions: new Uint8Array(57).fill(7) }];
    const changed = { ...model, subgraphs: [{ ...graph!, operators }] };
    expect(describeOperator(changed, 0, 0).attributes).toEqual([
      { name: 'custom options', value: `57 bytes: ${'07 '.repeat(16)}…` },
    ]);
  });

  it('finds the stored weights behind DEQUANTIZE', () => {
    const details = describeOperator(model, 0, 3);
    expect(details.weights).toHaveLength(1);
    expect(details.weights[0]).toMatchObject({
      role: details.inputs[1]?.role,
      tensor: { index: at.half, dtype: 'float16' },
      sizeBytes: 32,
    });
  });

  it('refuses an operator that does not exist', () => {
    expect(() => describeOperator(model, 0, 99)).toThrow(ModelError);
    expect(() => describeOperator(model, 5, 0)).toThrow(ModelError);
  });
});

describe('describeTensor', () => {
  it('spells what a stored number means', () => {
    expect(describeTensor(model, 0, at.input).formula).toBe('0.003906 * (q + 128)');
    expect(describeTensor(model, 0, at.convolved).formula).toBe('0.1 * (q - 3)');
    expect(describeTensor(model, 0, at.filter).formula).toBe('scale[c] * q');
    expect(describeTensor(model, 0, at.bias).formula).toBeNull();
  });

  it('spells how a tensor is stored', () => {
    expect(describeTensor(model, 0, at.filter).encoding).toBe('dense');
    expect(describeTensor(model, 0, at.packed).encoding).toBe('dense, int4, two per byte');
    expect(describeTensor(model, 0, at.pruned).encoding).toBe(
      'sparse, CSR over axis 1, 2 of 8 values stored',
    );
    expect(describeTensor(model, 0, at.input).encoding).toBe('computed at run time');
  });

  it('tells a scalar from a tensor whose shape the file does not give', () => {
    const [graph] = model.subgraphs;
    const shown = (index: number, change: Partial<Tensor>) => {
      const tensors = graph!.tensors.map((tensor, i) => (i === index ? { ...tensor, ...change } : tensor));
      return describeTensor({ ...model, subgraphs: [{ ...graph!, tensors }] }, 0, index).shapeText;
    };
    const none = { shape: null, shapeSignature: null };
    expect(shown(at.output, { ...none, hasRank: false })).toBe('unknown shape');
    expect(shown(at.output, { ...none, hasRank: true })).toBe('scalar');
    expect(shown(at.output, { ...none, hasRank: false, type: 'RESOURCE' })).toBe('scalar');
    expect(shown(at.filter, { ...none, hasRank: false })).toBe('scalar');
    expect(shown(at.input, {})).toBe('?×2×2×2');
  });

  it('knows who makes, reads and shares a tensor', () => {
    expect(describeTensor(model, 0, at.convolved)).toMatchObject({ producer: 0, consumers: [1, 3] });
    expect(describeTensor(model, 0, at.input)).toMatchObject({
      producer: null,
      shapeSignature: [-1, 2, 2, 2],
    });
    expect(describeTensor(model, 0, at.filter).sharedWith).toEqual([{ subgraph: 0, tensor: at.sharer }]);
    expect(describeTensor(model, 0, at.output).sharedWith).toEqual([]);
  });

  it('lists the texts of a string constant', () => {
    expect(describeTensor(model, 0, at.text).texts).toEqual(['one', 'two "quoted"']);
    expect(describeTensor(model, 0, at.filter).texts).toBeNull();
  });

  it('refuses a tensor that does not exist', () => {
    expect(() => describeTensor(model, 0, 99)).toThrow(ModelError);
  });
});

describe('summarize', () => {
  it('counts operators, parameters and bytes by type', () => {
    const bytes = writeModel(model);
    const summary = summarize(model, bytes, 'sample.tflite');
    expect(summary).toMatchObject({
      name: 'sample.tflite',
      sizeBytes: bytes.length,
      operatorCount: 4,
      description: 'a sample',
      schemaVersion: 3,
      unsupported: [],
    });
    expect(summary.operatorKinds.map(({ kind }) => kind)).toEqual([
      'CONV_2D',
      'DEQUANTIZE',
      'FULLY_CONNECTED',
      'MyOp',
    ]);
    expect(summary.subgraphs[0]?.inputs).toEqual([
      { index: at.input, name: 'image', dtype: 'int8', shape: [1, 2, 2, 2], shapeText: '?×2×2×2' },
    ]);
    expect(summary.parameters).toBe(4 + 2 + 16);
    expect(summary.dtypes.find(({ dtype }) => dtype === 'float16')).toEqual({
      dtype: 'float16',
      tensors: 1,
      elements: 16,
      sizeBytes: 32,
    });
  });

  it('counts the operators of all subgraphs, as it does their kinds', () => {
    const twice = { ...model, subgraphs: [...model.subgraphs, ...model.subgraphs] };
    const { operatorCount, operatorKinds } = summarize(twice, new Uint8Array(0), 'twice.tflite', []);
    expect(operatorCount).toBe(8);
    expect(operatorKinds.reduce((sum, { count }) => sum + count, 0)).toBe(8);
  });
});

describe('openedModels', () => {
  it('keeps models by id and forgets closed ones', () => {
    const models = openedModels();
    models.open('a', writeModel(model));
    expect(models.get('a').model.subgraphs).toHaveLength(1);
    expect(models.get('a').searchIndex(0)).toBe(models.get('a').searchIndex(0));
    models.close('a');
    expect(() => models.get('a')).toThrow(/not open any more/);
  });
});
