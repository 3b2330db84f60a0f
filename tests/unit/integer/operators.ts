/** One small float model for each operator that has an integer form, with inputs on which it means something. */
import { makeTable } from '../../../src/core/model/schema/tflite';
import type { BuiltinOptions, Model } from '../../../src/core/model/types';
import type { KnownBuiltin } from '../../../src/core/ops';
import {
  buildModel,
  type ModelPlan,
  type OperatorPlan,
  randomValues,
  type TensorPlan,
} from '../optimize/fixtures';

export interface OperatorCase {
  readonly name: string;
  readonly kind: KnownBuiltin;
  readonly model: Model;
  /** Least and greatest value of the inputs. */
  readonly range: readonly [number, number];
  /** Least SQNR in dB with int8 and with int16 activations; null: stays float. */
  readonly int8Db: number | null;
  readonly int16Db: number | null;
  /** How many outputs count; places of equal values may differ. */
  readonly compared: number;
}

type Given = Record<string, unknown>;

/** Options table of that name with the given fields; the rest as when left out. */
export function optionsOf(type: BuiltinOptions['type'], fields: Given = {}): BuiltinOptions {
  return { type, value: makeTable(type, fields) } as BuiltinOptions;
}

interface Parts {
  readonly kind: KnownBuiltin;
  readonly name?: string;
  /** Shapes of the computed inputs x, y, … */
  readonly inputs: readonly (readonly number[])[];
  /** Constants by name, in the order of `reads`. */
  readonly constants?: Readonly<Record<string, TensorPlan>>;
  /** What the operator reads: `x`, `y`, … or names of constants; the inputs in order unless given. */
  readonly reads?: readonly string[];
  readonly outputs: readonly (readonly number[])[];
  readonly outputType?: TensorPlan['type'];
  readonly options?: BuiltinOptions;
  readonly version?: number;
  readonly range?: readonly [number, number];
  readonly int8Db?: number | null;
  readonly int16Db?: number | null;
}

const letters = ['x', 'y', 'z'];

function single(parts: Parts): OperatorCase {
  const { kind, inputs, constants = {}, outputs, options, outputType = 'FLOAT32' } = parts;
  const inputNames = inputs.map((_, i) => letters[i]!);
  const outputNames = outputs.map((_, i) => `out${i}`);
  const operator: OperatorPlan = {
    kind,
    inputs: parts.reads ?? [...inputNames, ...Object.keys(constants)],
    outputs: outputNames,
    ...(parts.version === undefined ? {} : { version: parts.version }),
    ...(options ? { builtinOptions: options } : {}),
  };
  const plan: ModelPlan = {
    tensors: {
      ...Object.fromEntries(inputs.map((shape, i) => [inputNames[i]!, { shape }])),
      ...constants,
      ...Object.fromEntries(outputs.map((shape, i) => [outputNames[i]!, { shape, type: outputType }])),
    },
    operators: [operator],
    inputs: inputNames,
    outputs: outputNames,
  };
  return {
    name: parts.name ?? kind,
    kind,
    model: buildModel(plan),
    range: parts.range ?? [-2, 3],
    int8Db: parts.int8Db === undefined ? 30 : parts.int8Db,
    int16Db: parts.int16Db === undefined ? 50 : parts.int16Db,
    compared: outputs.length,
  };
}

const int32 = (...values: number[]): TensorPlan => ({
  shape: [values.length],
  type: 'INT32',
  data: Int32Array.from(values),
});
const scalar32 = (value: number): TensorPlan => ({ shape: [], type: 'INT32', data: Int32Array.of(value) });
const floats = (shape: readonly number[], seed = 1): TensorPlan => ({
  shape,
  data: randomValues(
    shape.reduce((a, b) => a * b, 1),
    seed,
  ),
});
const conv = (fields: Given = {}) => optionsOf('Conv2DOptions', { strideW: 1, strideH: 1, ...fields });
const depthwise = (fields: Given = {}) =>
  optionsOf('DepthwiseConv2DOptions', { strideW: 1, strideH: 1, depthMultiplier: 1, ...fields });
const pool = optionsOf('Pool2DOptions', {
  padding: 'VALID',
  strideW: 2,
  strideH: 2,
  filterWidth: 2,
  filterHeight: 2,
});
const keep = optionsOf('ReducerOptions', { keepDims: true });
const image = [1, 6, 6, 4] as const;

const weighted: OperatorCase[] = [
  single({
    int16Db: 42,
    kind: 'CONV_2D',
    inputs: [image],
    constants: { w: floats([5, 3, 3, 4]), b: floats([5], 2) },
    outputs: [[1, 6, 6, 5]],
    options: conv({ fusedActivationFunction: 'RELU6' }),
  }),
  single({
    int16Db: 42,
    kind: 'CONV_2D',
    name: 'CONV_2D with dilation, without padding',
    inputs: [image],
    constants: { w: floats([5, 2, 2, 4]), b: floats([5], 2) },
    outputs: [[1, 4, 4, 5]],
    options: conv({ padding: 'VALID', dilationWFactor: 2, dilationHFactor: 2 }),
  }),
  single({
    int16Db: 42,
    kind: 'CONV_2D',
    name: 'CONV_2D in two groups',
    inputs: [image],
    constants: { w: floats([6, 3, 3, 2]), b: floats([6], 2) },
    outputs: [[1, 6, 6, 6]],
    options: conv(),
    version: 6,
  }),
  single({
    int16Db: 42,
    kind: 'DEPTHWISE_CONV_2D',
    inputs: [image],
    constants: { w: floats([1, 3, 3, 4]), b: floats([4], 2) },
    outputs: [[1, 3, 3, 4]],
    options: depthwise({ strideW: 2, strideH: 2 }),
  }),
  single({
    int16Db: 42,
    kind: 'DEPTHWISE_CONV_2D',
    name: 'DEPTHWISE_CONV_2D with multiplier 2',
    inputs: [image],
    constants: { w: floats([1, 3, 3, 8]), b: floats([8], 2) },
    outputs: [[1, 6, 6, 8]],
    options: depthwise({ depthMultiplier: 2 }),
  }),
  single({
    int16Db: 42,
    kind: 'TRANSPOSE_CONV',
    inputs: [image],
    constants: { s: int32(1, 12, 12, 3), w: floats([3, 2, 2, 4]), b: floats([3], 2) },
    reads: ['s', 'w', 'x', 'b'],
    outputs: [[1, 12, 12, 3]],
    options: optionsOf('TransposeConvOptions', { padding: 'VALID', strideW: 2, strideH: 2 }),
    version: 3,
  }),
  single({
    int16Db: 42,
    kind: 'TRANSPOSE_CONV',
    name: 'TRANSPOSE_CONV without bias',
    inputs: [image],
    constants: { s: int32(1, 12, 12, 3), w: floats([3, 2, 2, 4]) },
    reads: ['s', 'w', 'x'],
    outputs: [[1, 12, 12, 3]],
    options: optionsOf('TransposeConvOptions', { padding: 'VALID', strideW: 2, strideH: 2 }),
  }),
  single({
    int16Db: 42,
    kind: 'FULLY_CONNECTED',
    inputs: [[1, 32]],
    constants: { w: floats([8, 32]), b: floats([8], 2) },
    outputs: [[1, 8]],
    options: optionsOf('FullyConnectedOptions', { fusedActivationFunction: 'RELU' }),
  }),
  single({
    int16Db: 42,
    kind: 'FULLY_CONNECTED',
    name: 'FULLY_CONNECTED without bias, keeping its axes',
    inputs: [[2, 3, 32]],
    constants: { w: floats([8, 32]) },
    reads: ['x', 'w', '-'],
    outputs: [[2, 3, 8]],
    options: optionsOf('FullyConnectedOptions', { keepNumDims: true }),
    version: 5,
  }),
  single({
    kind: 'BATCH_MATMUL',
    inputs: [
      [2, 4, 8],
      [2, 8, 4],
    ],
    outputs: [[2, 4, 4]],
    options: optionsOf('BatchMatMulOptions'),
  }),
  single({
    kind: 'BATCH_MATMUL',
    name: 'BATCH_MATMUL with a constant',
    inputs: [[2, 4, 8]],
    constants: { w: floats([2, 8, 4]) },
    outputs: [[2, 4, 4]],
    options: optionsOf('BatchMatMulOptions'),
  }),
  single({
    kind: 'PRELU',
    inputs: [image],
    constants: { alpha: floats([1, 1, 4]) },
    outputs: [image],
    int16Db: null,
  }),
];

const elementwise: OperatorCase[] = (
  [
    ['RELU', 30, 50],
    ['RELU6', 30, 50],
    ['RELU_N1_TO_1', 30, null],
    ['RELU_0_TO_1', 30, null],
    ['ELU', 30, null],
    ['GELU', 25, null],
    ['HARD_SWISH', 25, null],
    ['LOGISTIC', 30, 50],
    ['TANH', 30, 50],
    ['ABS', 30, 50],
    ['EXP', 25, 50],
  ] as const
).map(([kind, int8Db, int16Db]) => single({ kind, inputs: [image], outputs: [image], int8Db, int16Db }));
elementwise.push(
  ...(['LOG', 'SQRT', 'RSQRT'] as const).map((kind) =>
    single({ kind, inputs: [image], outputs: [image], range: [0.5, 4], int8Db: 28, int16Db: 45 }),
  ),
  single({
    kind: 'LEAKY_RELU',
    inputs: [image],
    outputs: [image],
    options: optionsOf('LeakyReluOptions', { alpha: 0.1 }),
  }),
  single({
    kind: 'SOFTMAX',
    inputs: [[1, 10]],
    outputs: [[1, 10]],
    options: optionsOf('SoftmaxOptions', { beta: 1 }),
    int8Db: 25,
  }),
  single({
    kind: 'LOG_SOFTMAX',
    inputs: [[1, 10]],
    outputs: [[1, 10]],
    options: optionsOf('LogSoftmaxOptions'),
    int8Db: 25,
    int16Db: null,
  }),
  single({
    kind: 'L2_NORMALIZATION',
    inputs: [[1, 16]],
    outputs: [[1, 16]],
    options: optionsOf('L2NormOptions'),
    int16Db: null,
  }),
);

const binary: OperatorCase[] = (
  [
    ['ADD', 'AddOptions', 50],
    ['SUB', 'SubOptions', 50],
    ['MUL', 'MulOptions', 50],
    ['SQUARED_DIFFERENCE', null, null],
    ['MAXIMUM', 'MaximumMinimumOptions', 50],
    ['MINIMUM', 'MaximumMinimumOptions', 50],
  ] as const
).flatMap(([kind, options, int16Db]) => {
  const given = options === null ? {} : { options: optionsOf(options) };
  return [
    single({ kind, inputs: [image, image], outputs: [image], int8Db: 27, int16Db, ...given }),
    single({
      kind,
      name: `${kind} with a constant`,
      inputs: [image],
      constants: { c: floats([4], 3) },
      outputs: [image],
      int8Db: 27,
      int16Db,
      ...given,
    }),
  ];
});
binary.push(
  single({
    kind: 'DIV',
    inputs: [image, image],
    outputs: [image],
    options: optionsOf('DivOptions'),
    range: [1, 3],
    int8Db: 25,
    int16Db: null,
  }),
);

const comparisons: OperatorCase[] = (
  ['EQUAL', 'NOT_EQUAL', 'GREATER', 'GREATER_EQUAL', 'LESS', 'LESS_EQUAL'] as const
).map((kind) =>
  single({
    kind,
    inputs: kind === 'EQUAL' ? [image] : [image, image],
    ...(kind === 'EQUAL' ? { reads: ['x', 'x'] } : {}),
    outputs: [image],
    outputType: 'BOOL',
    int8Db: 10,
    int16Db: null,
  }),
);

const reductions: OperatorCase[] = [
  single({ kind: 'AVERAGE_POOL_2D', inputs: [image], outputs: [[1, 3, 3, 4]], options: pool }),
  single({ kind: 'MAX_POOL_2D', inputs: [image], outputs: [[1, 3, 3, 4]], options: pool }),
  ...(['MEAN', 'SUM', 'REDUCE_MAX', 'REDUCE_MIN'] as const).map((kind) =>
    single({
      kind,
      inputs: [image],
      constants: { axes: int32(1, 2) },
      outputs: [[1, 1, 1, 4]],
      options: keep,
      int8Db: 25,
      int16Db: 45,
    }),
  ),
  single({
    kind: 'REDUCE_PROD',
    inputs: [[1, 2, 2, 4]],
    constants: { axes: int32(1) },
    outputs: [[1, 1, 2, 4]],
    options: keep,
    int8Db: 20,
    int16Db: 40,
  }),
  ...(['ARG_MAX', 'ARG_MIN'] as const).map((kind) =>
    single({
      kind,
      inputs: [[1, 20]],
      constants: { axis: scalar32(1) },
      outputs: [[1]],
      outputType: 'INT32',
      options: optionsOf(kind === 'ARG_MAX' ? 'ArgMaxOptions' : 'ArgMinOptions', { outputType: 'INT32' }),
      int8Db: 10,
      int16Db: null,
    }),
  ),
];

const movers: OperatorCase[] = [
  single({ kind: 'RESHAPE', inputs: [image], constants: { s: int32(1, 144) }, outputs: [[1, 144]] }),
  single({
    kind: 'SQUEEZE',
    inputs: [[1, 1, 6, 4]],
    outputs: [[6, 4]],
    options: optionsOf('SqueezeOptions', { squeezeDims: Int32Array.of(0, 1) }),
  }),
  single({ kind: 'EXPAND_DIMS', inputs: [[6, 4]], constants: { a: scalar32(0) }, outputs: [[1, 6, 4]] }),
  single({
    kind: 'TRANSPOSE',
    inputs: [image],
    constants: { p: int32(0, 3, 1, 2) },
    outputs: [[1, 4, 6, 6]],
  }),
  single({
    kind: 'TILE',
    inputs: [[1, 4]],
    constants: { m: int32(2, 3) },
    outputs: [[2, 12]],
    int16Db: null,
  }),
  single({
    kind: 'BROADCAST_TO',
    inputs: [[1, 4]],
    constants: { s: int32(3, 4) },
    outputs: [[3, 4]],
    version: 2,
  }),
  single({
    kind: 'PAD',
    inputs: [image],
    constants: { p: { shape: [4, 2], type: 'INT32', data: Int32Array.of(0, 0, 1, 1, 2, 1, 0, 0) } },
    outputs: [[1, 8, 9, 4]],
  }),
  single({
    kind: 'PADV2',
    inputs: [image],
    constants: {
      p: { shape: [4, 2], type: 'INT32', data: Int32Array.of(0, 0, 1, 1, 2, 1, 0, 0) },
      v: { shape: [1], data: Float32Array.of(-4) },
    },
    outputs: [[1, 8, 9, 4]],
  }),
  single({
    kind: 'MIRROR_PAD',
    inputs: [image],
    constants: { p: { shape: [4, 2], type: 'INT32', data: Int32Array.of(0, 0, 1, 1, 2, 1, 0, 0) } },
    outputs: [[1, 8, 9, 4]],
    options: optionsOf('MirrorPadOptions', { mode: 'REFLECT' }),
  }),
  single({
    kind: 'RESIZE_BILINEAR',
    inputs: [image],
    constants: { s: int32(9, 9) },
    outputs: [[1, 9, 9, 4]],
    options: optionsOf('ResizeBilinearOptions', { halfPixelCenters: true }),
    version: 3,
    int8Db: 28,
  }),
  single({
    kind: 'RESIZE_NEAREST_NEIGHBOR',
    inputs: [image],
    constants: { s: int32(9, 9) },
    outputs: [[1, 9, 9, 4]],
    options: optionsOf('ResizeNearestNeighborOptions'),
  }),
  single({
    kind: 'SPACE_TO_DEPTH',
    inputs: [image],
    outputs: [[1, 3, 3, 16]],
    options: optionsOf('SpaceToDepthOptions', { blockSize: 2 }),
    int16Db: null,
  }),
  single({
    kind: 'DEPTH_TO_SPACE',
    inputs: [image],
    outputs: [[1, 12, 12, 1]],
    options: optionsOf('DepthToSpaceOptions', { blockSize: 2 }),
    int16Db: null,
  }),
  single({
    kind: 'SPACE_TO_BATCH_ND',
    inputs: [image],
    constants: { b: int32(2, 2), p: { shape: [2, 2], type: 'INT32', data: new Int32Array(4) } },
    outputs: [[4, 3, 3, 4]],
  }),
  single({
    kind: 'BATCH_TO_SPACE_ND',
    inputs: [[4, 3, 3, 4]],
    constants: { b: int32(2, 2), c: { shape: [2, 2], type: 'INT32', data: new Int32Array(4) } },
    outputs: [image],
  }),
  single({ kind: 'REVERSE_V2', inputs: [image], constants: { a: int32(1) }, outputs: [image] }),
  ...(['SELECT', 'SELECT_V2'] as const).map((kind) =>
    single({
      kind,
      inputs: [
        [1, 4],
        [1, 4],
      ],
      constants: { c: { shape: [1, 4], type: 'BOOL', data: Uint8Array.of(1, 0, 1, 0) } },
      reads: ['c', 'x', 'y'],
      outputs: [[1, 4]],
    }),
  ),
  single({
    kind: 'CONCATENATION',
    inputs: [image, [1, 6, 6, 2]],
    outputs: [[1, 6, 6, 6]],
    options: optionsOf('ConcatenationOptions', { axis: 3 }),
  }),
  single({
    kind: 'PACK',
    inputs: [[4], [4]],
    outputs: [[2, 4]],
    options: optionsOf('PackOptions', { valuesCount: 2, axis: 0 }),
  }),
  single({
    kind: 'UNPACK',
    inputs: [[2, 4]],
    outputs: [[4], [4]],
    options: optionsOf('UnpackOptions', { num: 2, axis: 0 }),
  }),
  single({
    kind: 'SPLIT',
    inputs: [image],
    constants: { a: scalar32(3) },
    reads: ['a', 'x'],
    outputs: [
      [1, 6, 6, 2],
      [1, 6, 6, 2],
    ],
    options: optionsOf('SplitOptions', { numSplits: 2 }),
  }),
  single({
    kind: 'SPLIT_V',
    inputs: [image],
    constants: { s: int32(1, 3), a: scalar32(3) },
    outputs: [
      [1, 6, 6, 1],
      [1, 6, 6, 3],
    ],
    options: optionsOf('SplitVOptions', { numSplits: 2 }),
  }),
  single({
    kind: 'SLICE',
    inputs: [image],
    constants: { b: int32(0, 1, 1, 0), s: int32(1, 2, 3, 4) },
    outputs: [[1, 2, 3, 4]],
  }),
  single({
    kind: 'STRIDED_SLICE',
    inputs: [image],
    constants: { b: int32(0, 0, 0, 0), e: int32(1, 6, 6, 4), s: int32(1, 2, 2, 1) },
    outputs: [[1, 3, 3, 4]],
    options: optionsOf('StridedSliceOptions'),
  }),
  single({
    kind: 'GATHER',
    inputs: [[5, 4]],
    constants: { i: int32(3, 1) },
    outputs: [[2, 4]],
    options: optionsOf('GatherOptions'),
  }),
  single({
    kind: 'GATHER_ND',
    inputs: [[5, 4]],
    constants: { i: { shape: [2, 1], type: 'INT32', data: Int32Array.of(3, 1) } },
    outputs: [[2, 4]],
  }),
  single({
    kind: 'SCATTER_ND',
    inputs: [[2, 4]],
    constants: { i: { shape: [2, 1], type: 'INT32', data: Int32Array.of(3, 1) }, s: int32(5, 4) },
    reads: ['i', 'x', 's'],
    outputs: [[5, 4]],
    int16Db: null,
  }),
  single({
    kind: 'DYNAMIC_UPDATE_SLICE',
    inputs: [
      [5, 4],
      [1, 4],
    ],
    constants: { i: int32(2, 0) },
    outputs: [[5, 4]],
  }),
  single({
    kind: 'FILL',
    inputs: [[]],
    constants: { s: int32(2, 3) },
    reads: ['s', 'x'],
    outputs: [[2, 3]],
    range: [1, 3],
  }),
];

/** Every operator of the table of integer forms that this runtime can run by itself. */
export const operatorCases: readonly OperatorCase[] = [
  ...weighted,
  ...elementwise,
  ...binary,
  ...comparisons,
  ...reductions,
  ...movers,
  topK(),
];

/** Values and places: the second output is no float. */
function topK(): OperatorCase {
  const model = buildModel({
    tensors: {
      x: { shape: [1, 20] },
      k: scalar32(5),
      out0: { shape: [1, 5] },
      out1: { shape: [1, 5], type: 'INT32' },
    },
    operators: [
      {
        kind: 'TOPK_V2',
        inputs: ['x', 'k'],
        outputs: ['out0', 'out1'],
        builtinOptions: optionsOf('TopKV2Options'),
      },
    ],
    inputs: ['x'],
    outputs: ['out0', 'out1'],
  });
  return { name: 'TOPK_V2', kind: 'TOPK_V2', model, range: [-2, 3], int8Db: 30, int16Db: 50, compared: 1 };
}
