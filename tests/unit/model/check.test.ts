import { describe, expect, it } from 'vitest';
import { ModelError } from '../../../src/core/errors';
import { checkModel } from '../../../src/core/model/check';
import {
  makeModel,
  makeOperator,
  makeQuantization,
  makeSubgraph,
  makeTensor,
} from '../../../src/core/model/edit';
import { openModel } from '../../../src/core/model/open';
import { makeOperatorCode } from '../../../src/core/model/operators';
import { makeTable } from '../../../src/core/model/schema/tflite';
import { encodeSparse } from '../../../src/core/model/sparse';
import type { Model, Operator, Subgraph, Tensor } from '../../../src/core/model/types';
import { writeModel } from '../../../src/core/model/write';

const ints = (...values: number[]) => Int32Array.from(values);
const operator = (inputs: number[], outputs: number[], fields: Partial<Operator> = {}): Operator =>
  makeOperator({ inputs: ints(...inputs), outputs: ints(...outputs), ...fields });

const tensors: readonly Tensor[] = [
  makeTensor({ name: 'input', shape: ints(1, 2) }),
  makeTensor({ name: 'weight', shape: ints(2, 2), buffer: 1 }),
  makeTensor({ name: 'middle', shape: ints(1, 2) }),
  makeTensor({ name: 'output', shape: ints(1, 2) }),
];

/** input, weight -> middle -> output. */
function sample(subgraph: Partial<Subgraph> = {}, model: Partial<Model> = {}): Model {
  return makeModel({
    buffers: [
      { data: null, outside: false },
      { data: new Uint8Array(16), outside: false },
    ],
    operatorCodes: [makeOperatorCode('FULLY_CONNECTED'), makeOperatorCode('RELU')],
    subgraphs: [
      makeSubgraph({
        tensors,
        inputs: ints(0),
        outputs: ints(3),
        operators: [operator([0, 1, -1], [2]), operator([2], [3], { opcodeIndex: 1 })],
        ...subgraph,
      }),
    ],
    ...model,
  });
}

const withTensor = (index: number, fields: Partial<Tensor>) =>
  sample({ tensors: tensors.with(index, { ...tensors[index]!, ...fields }) });

describe('checkModel', () => {
  it('finds nothing in a sound model', () => {
    expect(checkModel(sample())).toEqual([]);
  });

  const scales = (scale: number[], zeroPoint: number[], axis: number) => ({
    quantization: makeQuantization(scale, zeroPoint, axis),
  });
  const sparse = encodeSparse(Float32Array.of(1, 0, 0, 2), [2, 2]).sparsity;
  const blockwise = (scaleTensor: number, blockSize: number) => ({
    quantization: makeTable('QuantizationParameters', {
      details: {
        type: 'BlockwiseQuantization',
        value: makeTable('BlockwiseQuantization', { scales: scaleTensor, zeroPoints: -1, blockSize }),
      } as const,
    }),
  });
  const errors: readonly (readonly [string, Model, string, RegExp])[] = [
    ['another version', sample({}, { version: 2 }), 'version', /version is 2/],
    ['no subgraph', sample({}, { subgraphs: [] }), 'subgraphs', /no subgraph/],
    [
      'buffer index',
      withTensor(1, { buffer: 7 }),
      'subgraphs[0].tensors[1].buffer',
      /7 is out of range; there are 2/,
    ],
    [
      'external buffer',
      withTensor(1, { externalBuffer: 3 }),
      'subgraphs[0].tensors[1].externalBuffer',
      /3 does not/,
    ],
    ['negative size', withTensor(0, { shape: ints(1, -2) }), 'subgraphs[0].tensors[0].shape[1]', /negative/],
    ['absurd size', withTensor(0, { shape: ints(2 ** 30, 2 ** 30) }), 'subgraphs[0].tensors[0].shape', /TB/],
    [
      'absurd rank',
      withTensor(0, { shape: new Int32Array(1e6).fill(1) }),
      'subgraphs[0].tensors[0].shape',
      /dimensions/,
    ],
    [
      'too few bytes',
      withTensor(1, { shape: ints(2, 3) }),
      'subgraphs[0].tensors[1].buffer',
      /need 24 bytes.* has 16/,
    ],
    [
      'zero points',
      withTensor(1, scales([1, 2], [0], 0)),
      'subgraphs[0].tensors[1].quantization.zeroPoint',
      /1 zero/,
    ],
    [
      'axis',
      withTensor(1, scales([1, 2], [0, 0], 2)),
      'subgraphs[0].tensors[1].quantization.quantizedDimension',
      /2 is/,
    ],
    [
      'scale count',
      withTensor(1, scales([1, 2, 3], [0, 0, 0], 0)),
      'subgraphs[0].tensors[1].quantization.scale',
      /3 sca/,
    ],
    [
      'scale tensor',
      withTensor(1, blockwise(9, 2)),
      'subgraphs[0].tensors[1].quantization.details.scales',
      /9 is/,
    ],
    [
      'block size',
      withTensor(1, blockwise(0, 3)),
      'subgraphs[0].tensors[1].quantization.details.blockSize',
      /divide/,
    ],
    [
      'sparsity',
      withTensor(1, { sparsity: { ...sparse, traversalOrder: null } }),
      'subgraphs[0].tensors[1].sparsity',
      /dam/,
    ],
    ['graph input', sample({ inputs: ints(4) }), 'subgraphs[0].inputs[0]', /4 is out of range/],
    [
      'operator code',
      sample({ operators: [operator([0], [3], { opcodeIndex: 5 })] }),
      'subgraphs[0].operators[0].opcodeIndex',
      /5/,
    ],
    [
      'operator input',
      sample({ operators: [operator([9], [3])] }),
      'subgraphs[0].operators[0].inputs[0]',
      /9 is/,
    ],
    [
      'read before written',
      sample({ operators: [operator([2], [3]), operator([0], [2])] }),
      'subgraphs[0].operators[0].inputs[0]',
      /cycle or is out of order/,
    ],
    [
      'cycle',
      sample({ operators: [operator([3], [2]), operator([2], [3])] }),
      'subgraphs[0].operators[0].inputs[0]',
      /cycle/,
    ],
    [
      'never written',
      sample({ operators: [operator([2], [3])] }),
      'subgraphs[0].operators[0].inputs[0]',
      /nothing writes/,
    ],
    [
      'output never written',
      sample({ operators: [operator([0], [2])] }),
      'subgraphs[0].outputs[0]',
      /nothing writes/,
    ],
    [
      'two writers',
      sample({ operators: [operator([0], [3]), operator([0], [3])] }),
      'subgraphs[0].operators[1].outputs[0]',
      /operator 0 writes too/,
    ],
    [
      'writes a constant',
      sample({ operators: [operator([0], [1]), operator([1], [3])] }),
      'subgraphs[0].operators[0].outputs[0]',
      /constant/,
    ],
    [
      'writes an input',
      sample({ operators: [operator([1], [0]), operator([0], [3])] }),
      'subgraphs[0].operators[0].outputs[0]',
      /input of the graph/,
    ],
    [
      'subgraphs that run each other',
      sample({
        operators: [
          operator([0], [3], { builtinOptions: { type: 'WhileOptions', value: makeTable('WhileOptions') } }),
        ],
      }),
      'subgraphs[0]',
      /circle/,
    ],
    [
      'a body that does not exist',
      sample({
        operators: [
          operator([0], [3], {
            builtinOptions: { type: 'CallOptions', value: makeTable('CallOptions', { subgraph: 4 }) },
          }),
        ],
      }),
      'subgraphs[0].operators[0]',
      /4 is out of range/,
    ],
    [
      'signature',
      sample(
        {},
        { signatureDefs: [{ ...makeTable('SignatureDef', { subgraphIndex: 2 }), inputs: [], outputs: [] }] },
      ),
      'signatureDefs[0].subgraphIndex',
      /2 is/,
    ],
    [
      'signature tensor',
      sample(
        {},
        {
          signatureDefs: [
            {
              ...makeTable('SignatureDef'),
              inputs: [makeTable('TensorMap', { tensorIndex: 9 })],
              outputs: [],
            },
          ],
        },
      ),
      'signatureDefs[0].inputs[0].tensorIndex',
      /9 is/,
    ],
    [
      'metadata',
      sample({}, { metadata: [makeTable('Metadata', { buffer: 5 })] }),
      'metadata[0].buffer',
      /5 is/,
    ],
  ];
  it.each(errors)('finds an error: %s', (_, model, where, message) => {
    const finding = checkModel(model).find((item) => item.where === where);
    expect(finding?.severity).toBe('error');
    expect(finding?.message).toMatch(message);
    const bytes = writeModel(model);
    expect(() => openModel(bytes)).toThrow(ModelError);
  });

  const warnings: readonly (readonly [string, Model, string, RegExp])[] = [
    [
      'too many bytes',
      withTensor(1, { shape: ints(1, 2) }),
      'subgraphs[0].tensors[1].buffer',
      /need 8 bytes/,
    ],
    [
      'signature of another rank',
      withTensor(0, { shapeSignature: ints(-1) }),
      'subgraphs[0].tensors[0].shapeSignature',
      /1 dim/,
    ],
    [
      'scale',
      withTensor(1, scales([0], [0], 0)),
      'subgraphs[0].tensors[1].quantization.scale[0]',
      /not a positive/,
    ],
    [
      'empty options',
      sample({ operators: [operator([0], [3], { customOptions: new Uint8Array(0) })] }),
      'subgraphs[0].operators[0].customOptions',
      /empty/,
    ],
    [
      'unnamed custom operator',
      sample({}, { operatorCodes: [makeOperatorCode('CUSTOM'), makeOperatorCode('RELU')] }),
      'operatorCodes[0].customCode',
      /no name/,
    ],
  ];
  it.each(warnings)('warns: %s', (_, model, where, message) => {
    const finding = checkModel(model).find((item) => item.where === where);
    expect(finding?.severity).toBe('warning');
    expect(finding?.message).toMatch(message);
    expect(openModel(writeModel(model)).findings.map((item) => item.where)).toContain(where);
  });

  it('takes time linear in the model and lists no endless findings', () => {
    const count = 50_000;
    const chain = Array.from({ length: count }, (_, i) => operator([i + 1], [i]));
    const many = Array.from({ length: count + 1 }, () => makeTensor({ shape: ints(1) }));
    const model = sample({ tensors: many, operators: chain, inputs: ints(), outputs: ints(0) });
    const start = performance.now();
    const findings = checkModel(model);
    expect(performance.now() - start).toBeLessThan(1000);
    expect(findings.length).toBe(201);
    expect(findings.at(-1)?.message).toMatch(/more faults/);
  });
});
