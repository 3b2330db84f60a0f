import { describe, expect, it } from 'vitest';
import { costsOf, mainMacs } from '../../../src/core/measure/cost';
import { constantFigures, staticFigures } from '../../../src/core/measure/size';
import {
  makeModel,
  makeOperator,
  makeQuantization,
  makeSubgraph,
  makeTensor,
} from '../../../src/core/model/edit';
import { makeOperatorCode } from '../../../src/core/model/operators';
import { makeTable } from '../../../src/core/model/schema/tflite';
import { encodeSparse } from '../../../src/core/model/sparse';
import type { BuiltinOperator, Model, ModelBuffer, Operator, Tensor } from '../../../src/core/model/types';

/** A small model: tensors by name, operators by the names of what they read and write. */
function modelOf(
  tensors: Readonly<
    Record<string, Partial<Tensor> & { readonly values?: ArrayBufferView; readonly shares?: string }>
  >,
  operators: readonly [BuiltinOperator, readonly string[], readonly string[], Partial<Operator>?][],
  more: Partial<Model> = {},
): Model {
  const names = Object.keys(tensors);
  const buffers: ModelBuffer[] = [{ data: null, outside: false }];
  const bufferOf = new Map<string, number>();
  const made = Object.entries(tensors).map(([name, { values, shares, ...fields }]) => {
    if (values) {
      buffers.push({
        data: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
        outside: false,
      });
      bufferOf.set(name, buffers.length - 1);
    }
    const buffer = bufferOf.get(shares ?? name) ?? 0;
    return makeTensor({ type: 'FLOAT32', ...fields, name, buffer });
  });
  const place = (name: string) => (name === '' ? -1 : names.indexOf(name));
  return makeModel({
    operatorCodes: operators.map(([kind]) => makeOperatorCode(kind)),
    buffers,
    subgraphs: [
      makeSubgraph({
        tensors: made,
        operators: operators.map(([, inputs, outputs, fields], opcodeIndex) =>
          makeOperator({
            opcodeIndex,
            inputs: Int32Array.from(inputs, place),
            outputs: Int32Array.from(outputs, place),
            ...fields,
          }),
        ),
      }),
    ],
    ...more,
  });
}

const shape = (...sizes: number[]) => ({ shape: Int32Array.from(sizes) });
const dense = {
  x: shape(1, 4),
  w: { ...shape(3, 4), values: Float32Array.of(1, 0, -0, 2, 3, 4, 5, 6, 7, 8, 9, 0) },
  b: { ...shape(3), values: Float32Array.of(0, 1, 2) },
  y: shape(1, 3),
};

describe('parameters', () => {
  it('are weights and biases, zeros apart', () => {
    const model = modelOf(dense, [['FULLY_CONNECTED', ['x', 'w', 'b'], ['y']]]);
    expect(constantFigures(model)).toEqual({
      parameters: 15,
      nonZeroParameters: 11,
      layers: [{ subgraph: 0, operator: 0, kind: 'FULLY_CONNECTED', name: 'y', sizeBytes: 60 }],
      dtypes: [{ dtype: 'float32', tensors: 2, elements: 15, sizeBytes: 60 }],
    });
  });

  it('are not shapes, axes, single numbers or indexes', () => {
    const model = modelOf(
      {
        x: shape(1, 4),
        to: { ...shape(2), type: 'INT32', values: Int32Array.of(2, 2) },
        a: shape(2, 2),
        half: { ...shape(), values: Float32Array.of(0.5) },
        b: shape(2, 2),
        ids: { ...shape(3), type: 'INT32', values: Int32Array.of(0, 1, 1) },
        c: shape(3, 2),
      },
      [
        ['RESHAPE', ['x', 'to'], ['a']],
        ['MUL', ['a', 'half'], ['b']],
        ['GATHER', ['b', 'ids'], ['c']],
      ],
    );
    const figures = constantFigures(model);
    expect(figures.parameters).toBe(0);
    expect(figures.layers.map(({ kind, sizeBytes }) => [kind, sizeBytes])).toEqual([
      ['RESHAPE', 8],
      ['MUL', 4],
      ['GATHER', 12],
    ]);
  });

  it('are also tables and factors on the data path', () => {
    const model = modelOf(
      {
        ids: { ...shape(2), type: 'INT32' },
        table: { ...shape(5, 2), values: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10) },
        a: shape(2, 2),
        gamma: { ...shape(2), values: Float32Array.of(1, 0) },
        b: shape(2, 2),
      },
      [
        ['GATHER', ['table', 'ids'], ['a']],
        ['MUL', ['a', 'gamma'], ['b']],
      ],
    );
    expect(constantFigures(model)).toMatchObject({ parameters: 12, nonZeroParameters: 11 });
  });

  it('count once where operators or tensors share them', () => {
    const model = modelOf({ ...dense, again: { ...shape(3, 4), shares: 'w' }, z: shape(1, 3) }, [
      ['FULLY_CONNECTED', ['x', 'w', 'b'], ['y']],
      ['FULLY_CONNECTED', ['x', 'again', ''], ['z']],
    ]);
    const figures = constantFigures(model);
    expect(figures.parameters).toBe(15);
    expect(figures.layers).toHaveLength(1);
    expect(figures.dtypes[0]).toMatchObject({ tensors: 2, sizeBytes: 60 });
    expect(costsOf(model, 0).map((cost) => [cost.parameters, cost.weightBytes])).toEqual([
      [15, 60],
      [12, 48],
    ]);
  });

  it('lie behind DEQUANTIZE, with zero at the zero point', () => {
    const model = modelOf(
      {
        ...dense,
        w: shape(3, 4),
        q: {
          ...shape(3, 4),
          type: 'INT8',
          values: Int8Array.of(5, 5, 0, 1, 2, 3, 4, 6, 7, 8, 9, 10),
          quantization: makeQuantization([0.1], [5]),
        },
      },
      [
        ['DEQUANTIZE', ['q'], ['w']],
        ['FULLY_CONNECTED', ['x', 'w', 'b'], ['y']],
      ],
    );
    const figures = constantFigures(model);
    expect(figures).toMatchObject({ parameters: 15, nonZeroParameters: 12 });
    expect(figures.layers).toMatchObject([{ operator: 1, kind: 'FULLY_CONNECTED', sizeBytes: 24 }]);
    expect(figures.dtypes.map(({ dtype, sizeBytes }) => [dtype, sizeBytes])).toEqual([
      ['float32', 12],
      ['int8', 12],
    ]);
    expect(costsOf(model, 0)[0]).toMatchObject({ parameters: 0, weightBytes: 0 });
    expect(costsOf(model, 0)[1]).toMatchObject({ parameters: 15, weightBytes: 24, macs: 12 });
  });

  it('heed one zero point per channel', () => {
    const quantization = makeQuantization([1, 1, 1], [0, 1, 2], 0);
    const w = { ...shape(3, 4), type: 'INT8' as const, quantization };
    const values = Int8Array.of(0, 1, 1, 1, 1, 1, 0, 0, 2, 2, 2, 0);
    const model = modelOf({ ...dense, w: { ...w, values } }, [['FULLY_CONNECTED', ['x', 'w', ''], ['y']]]);
    expect(constantFigures(model)).toMatchObject({ parameters: 12, nonZeroParameters: 6 });
  });

  it('count dense when stored sparse, non-zeros as stored', () => {
    const values = Float32Array.of(1, 0, 0, 2, 0, 0, 0, 0, 0, 3, 0, 0);
    const sparse = encodeSparse(values, [3, 4]);
    const model = modelOf(
      {
        ...dense,
        w: shape(3, 4),
        s: { ...shape(3, 4), values: sparse.values, sparsity: sparse.sparsity },
      },
      [
        ['DENSIFY', ['s'], ['w']],
        ['FULLY_CONNECTED', ['x', 'w', ''], ['y']],
      ],
    );
    const figures = constantFigures(model);
    expect(figures).toMatchObject({ parameters: 12, nonZeroParameters: 3 });
    // Three values, three indexes and four segment ends of a byte each.
    expect(figures.layers).toMatchObject([{ operator: 1, sizeBytes: 12 + 3 + 4 }]);
  });

  it.each([
    ['FLOAT16', Uint16Array.of(0, 0x8000, 0x3c00, 1), 2],
    ['INT4', Uint8Array.of(0x10, 0xf0), 2],
    ['INT64', BigInt64Array.of(0n, 1n, -1n, 0n), 2],
  ] as const)('are told from zero in %s', (type, values, nonZero) => {
    const model = modelOf({ x: shape(1, 4), w: { ...shape(1, 4), type, values }, y: shape(1, 1) }, [
      ['FULLY_CONNECTED', ['x', 'w', ''], ['y']],
    ]);
    expect(constantFigures(model)).toMatchObject({ parameters: 4, nonZeroParameters: nonZero });
  });

  it('keep to the operator where an unpacked constant is the output', () => {
    const model = modelOf({ q: { ...shape(2), type: 'INT8', values: Int8Array.of(1, 2) }, y: shape(2) }, [
      ['DEQUANTIZE', ['q'], ['y']],
    ]);
    expect(constantFigures(model).layers).toMatchObject([{ kind: 'DEQUANTIZE', sizeBytes: 2 }]);
  });

  it('survive a chain that bites its tail', () => {
    const model = modelOf({ a: shape(2), b: shape(2), y: shape(2) }, [
      ['DEQUANTIZE', ['a'], ['b']],
      ['DEQUANTIZE', ['b'], ['a']],
      ['RELU', ['a'], ['y']],
    ]);
    expect(constantFigures(model)).toMatchObject({ parameters: 0, layers: [] });
  });
});

describe('costs', () => {
  it('include the bytes of activations', () => {
    const model = modelOf(dense, [['FULLY_CONNECTED', ['x', 'w', 'b'], ['y']]]);
    expect(costsOf(model, 0)).toEqual([{ macs: 12, parameters: 15, weightBytes: 60, activationBytes: 28 }]);
  });

  it('count the subgraph of a composite once, and a composite that calls itself not for ever', () => {
    const composite = (decompositionSubgraphIndex: number): Partial<Operator> => ({
      builtinOptions2: {
        type: 'StableHLOCompositeOptions',
        value: makeTable('StableHLOCompositeOptions', { decompositionSubgraphIndex }),
      },
    });
    const inner = modelOf(dense, [['FULLY_CONNECTED', ['x', 'w', 'b'], ['y']]]);
    const outer = modelOf({ x: shape(1, 4), y: shape(1, 3), z: shape(1, 3) }, [
      ['STABLEHLO_COMPOSITE', ['x'], ['y'], composite(1)],
      ['STABLEHLO_COMPOSITE', ['x'], ['z'], composite(0)],
    ]);
    const decomposition = inner.subgraphs[0]!;
    const model = makeModel({
      ...outer,
      operatorCodes: [...outer.operatorCodes, ...inner.operatorCodes],
      buffers: inner.buffers,
      subgraphs: [
        outer.subgraphs[0]!,
        makeSubgraph({
          ...decomposition,
          operators: decomposition.operators.map((operator) => makeOperator({ ...operator, opcodeIndex: 2 })),
        }),
      ],
    });
    expect(mainMacs(model)).toBe(12);
    expect(costsOf(model, 0).map(({ macs }) => macs)).toEqual([12, 0]);
  });
});

describe('staticFigures', () => {
  it('weighs the file as it is and zipped', () => {
    const bytes = new Uint8Array(10_000);
    const figures = staticFigures(makeModel({}), bytes);
    expect(figures).toMatchObject({ sizeBytes: 10_000, macs: 0, parameters: 0, layers: [], dtypes: [] });
    expect(figures.gzipBytes).toBeGreaterThan(18);
    expect(figures.gzipBytes).toBeLessThan(100);
  });
});
