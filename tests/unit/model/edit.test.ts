import { describe, expect, it } from 'vitest';
import { ModelError } from '../../../src/core/errors';
import { draftModel, makeModel, makeOperator, makeSubgraph, makeTensor } from '../../../src/core/model/edit';
import {
  customCode,
  makeOperatorCode,
  operatorKind,
  operatorName,
  operatorVersion,
  withOperatorCode,
} from '../../../src/core/model/operators';
import { makeTable } from '../../../src/core/model/schema/tflite';

const ints = (...values: number[]) => Int32Array.from(values);
const operator = (inputs: number[], outputs: number[], opcodeIndex = 0) =>
  makeOperator({ inputs: ints(...inputs), outputs: ints(...outputs), opcodeIndex });

const model = makeModel({
  operatorCodes: [makeOperatorCode('RELU'), makeOperatorCode('CUSTOM', 1, 'MyOp')],
  subgraphs: [
    makeSubgraph({
      tensors: [0, 1, 2].map((i) => makeTensor({ name: `t${i}` })),
      inputs: ints(0),
      outputs: ints(2),
      operators: [operator([0], [1]), operator([1], [2], 1)],
    }),
    makeSubgraph({ name: 'untouched' }),
  ],
  signatureDefs: [
    {
      ...makeTable('SignatureDef'),
      inputs: [],
      outputs: [makeTable('TensorMap', { name: 'y', tensorIndex: 2 })],
    },
  ],
});

describe('draftModel', () => {
  it('gives back an equal model when nothing was changed, and shares its parts', () => {
    const { model: same, mapping } = draftModel(model).finish();
    expect(same).toEqual(model);
    expect(same.subgraphs[0]).toBe(model.subgraphs[0]);
    expect(mapping).toEqual([[[0], [1]], []]);
  });

  it('inserts an operator with new tensors and buffers, and leaves the old model alone', () => {
    const before = structuredClone(model);
    const draft = draftModel(model);
    const buffer = draft.addBuffer(Uint8Array.of(1, 2));
    const half = draft.addTensor(0, makeTensor({ name: 'half', type: 'FLOAT16', buffer }));
    const full = draft.addTensor(0, makeTensor({ name: 'full' }));
    const code = draft.operatorCode('DEQUANTIZE', 3);
    draft.insertOperator(
      0,
      1,
      makeOperator({ opcodeIndex: code, inputs: ints(half), outputs: ints(full) }),
      1,
    );
    draft.replaceInput(0, 1, 0, full);
    const { model: changed, mapping } = draft.finish();
    const [main] = changed.subgraphs;
    expect(main!.operators.map((item) => operatorKind(changed, item))).toEqual([
      'RELU',
      'DEQUANTIZE',
      'MyOp',
    ]);
    expect([...main!.operators[2]!.inputs]).toEqual([full]);
    expect(changed.buffers[buffer]?.data).toEqual(Uint8Array.of(1, 2));
    expect(mapping[0]).toEqual([[0], [1, 2]]);
    expect(changed.subgraphs[1]).toBe(model.subgraphs[1]);
    expect(Object.isFrozen(main!.operators)).toBe(true);
    expect(model).toEqual(before);
  });

  it('removes operators and redirects their readers, graph outputs and signatures', () => {
    const draft = draftModel(model);
    draft.removeOperator(0, 1);
    draft.redirect(0, 2, 1, true);
    const { model: changed, mapping } = draft.finish();
    expect(changed.subgraphs[0]!.operators).toHaveLength(1);
    expect([...changed.subgraphs[0]!.outputs]).toEqual([1]);
    expect(changed.signatureDefs![0]!.outputs[0]!.tensorIndex).toBe(1);
    expect(mapping[0]).toEqual([[0], []]);
    expect(draft.operator(0, 1)).toBeNull();
  });

  it('edits tensors, buffers and the subgraph itself', () => {
    const draft = draftModel(model);
    draft.replaceTensor(0, 0, { type: 'INT8' });
    expect(draft.tensor(0, 0).type).toBe('INT8');
    draft.replaceBuffer(0, null);
    draft.replaceSubgraph(0, { name: 'renamed' });
    draft.redirect(0, 0, 1);
    const { model: changed } = draft.finish();
    expect(changed.subgraphs[0]!.name).toBe('renamed');
    expect([...changed.subgraphs[0]!.operators[0]!.inputs]).toEqual([1]);
  });

  it('refuses indexes that do not exist', () => {
    const draft = draftModel(model);
    expect(() => draft.tensor(0, 3)).toThrow(ModelError);
    expect(() => draft.replaceTensor(5, 0, {})).toThrow(ModelError);
    expect(() => {
      draft.removeOperator(0, 2);
    }).toThrow(ModelError);
    expect(() => {
      draft.replaceInput(0, 0, 1, 0);
    }).toThrow(/inputs\[1\]/);
  });
});

describe('operator codes', () => {
  it('take the larger of the old and the new field', () => {
    const named = (deprecatedBuiltinCode: number, builtinCode: 'ADD' | 'GELU') =>
      operatorName(
        { ...model, operatorCodes: [makeTable('OperatorCode', { deprecatedBuiltinCode, builtinCode })] },
        operator([], []),
      );
    expect(named(3, 'ADD')).toBe('CONV_2D');
    expect(named(127, 'GELU')).toBe('GELU');
    expect(named(111, 'ADD')).toBe('ELU');
  });

  it('write both fields', () => {
    expect(makeOperatorCode('CONV_2D', 5)).toMatchObject({
      deprecatedBuiltinCode: 3,
      builtinCode: 'CONV_2D',
      version: 5,
    });
    expect(makeOperatorCode('GELU')).toMatchObject({ deprecatedBuiltinCode: 127, builtinCode: 'GELU' });
    expect(makeOperatorCode('UNKNOWN_300')).toMatchObject({ deprecatedBuiltinCode: 127 });
  });

  it('are found before they are added', () => {
    const found = withOperatorCode(model.operatorCodes, 'CUSTOM', 1, 'MyOp');
    expect(found).toEqual({ codes: model.operatorCodes, index: 1 });
    expect(found.codes).toBe(model.operatorCodes);
    expect(withOperatorCode(model.operatorCodes, 'RELU', 2).index).toBe(2);
    expect(model.operatorCodes).toHaveLength(2);
  });

  it('name custom operators', () => {
    const [relu, custom] = model.subgraphs[0]!.operators;
    expect(operatorName(model, custom!)).toBe('CUSTOM');
    expect(operatorKind(model, custom!)).toBe('MyOp');
    expect(customCode(model, relu!)).toBeNull();
    expect(operatorVersion(model, relu!)).toBe(1);
    expect(() => operatorName(model, operator([], [], 9))).toThrow(ModelError);
  });
});
