import { describe, expect, it } from 'vitest';
import { inferShapes } from '../../../src/core/ops';
import { data, options, options2, scalar, shapeOfFirst, vector, viewOf } from './one-operator';

const big = (...values: number[]) => BigInt64Array.from(values, BigInt);

describe('convolutions and pools', () => {
  const conv = (padding: 'SAME' | 'VALID', stride = 1, dilation = 1) =>
    options('Conv2DOptions', {
      padding,
      strideH: stride,
      strideW: stride,
      dilationHFactor: dilation,
      dilationWFactor: dilation,
    });
  it.each([
    [conv('SAME'), [1, 28, 28, 8]],
    [conv('SAME', 2), [1, 14, 14, 8]],
    [conv('VALID'), [1, 26, 26, 8]],
    [conv('VALID', 2), [1, 13, 13, 8]],
    [conv('VALID', 1, 3), [1, 22, 22, 8]],
  ])('CONV_2D of 28×28 with a 3×3 filter', (given, shape) => {
    expect(shapeOfFirst('CONV_2D', [data(1, 28, 28, 4), data(8, 3, 3, 4)], given)).toEqual(shape);
  });
  it('says null where the window does not fit or the stride is missing', () => {
    expect(shapeOfFirst('CONV_2D', [data(1, 2, 2, 4), data(8, 3, 3, 4)], conv('VALID'))).toBeNull();
    expect(shapeOfFirst('CONV_2D', [data(1, 2, 2, 4), data(8, 3, 3, 4)], conv('SAME', 0))).toBeNull();
    expect(shapeOfFirst('CONV_2D', [data(1, 2, 2, 4), data(8, 3, 3, 4)])).toBeNull();
  });
  it('keeps unknown sizes unknown', () => {
    expect(shapeOfFirst('CONV_2D', [data(-1, -1, 28, 4), data(8, 3, 3, 4)], conv('SAME', 2))).toEqual([
      -1, -1, 14, 8,
    ]);
  });
  it('DEPTHWISE_CONV_2D takes its channels from the filter', () => {
    const given = options('DepthwiseConv2DOptions', { padding: 'SAME', strideH: 2, strideW: 1 });
    expect(shapeOfFirst('DEPTHWISE_CONV_2D', [data(1, 9, 9, 4), data(1, 3, 3, 8)], given)).toEqual([
      1, 5, 9, 8,
    ]);
  });
  it('TRANSPOSE_CONV reads its output shape', () => {
    const inputs = [vector(1, 14, 14, 4), data(4, 3, 3, 2), data(1, 7, 7, 2)];
    expect(shapeOfFirst('TRANSPOSE_CONV', inputs)).toEqual([1, 14, 14, 4]);
    expect(shapeOfFirst('TRANSPOSE_CONV', [data(4), ...inputs.slice(1)])).toBeNull();
  });
  it('CONV_3D slides over depth, height and width', () => {
    const given = options('Conv3DOptions', { padding: 'VALID', strideD: 1, strideH: 2, strideW: 2 });
    expect(shapeOfFirst('CONV_3D', [data(1, 8, 9, 9, 3), data(2, 3, 3, 3, 16)], given)).toEqual([
      1, 7, 4, 4, 16,
    ]);
  });
  it('MAX_POOL_2D', () => {
    const given = options('Pool2DOptions', {
      padding: 'VALID',
      strideH: 2,
      strideW: 2,
      filterHeight: 2,
      filterWidth: 2,
    });
    expect(shapeOfFirst('MAX_POOL_2D', [data(1, 7, 8, 3)], given)).toEqual([1, 3, 4, 3]);
  });
  it('DILATE and REDUCE_WINDOW', () => {
    expect(shapeOfFirst('DILATE', [data(3, 4), vector(2, 1), scalar(0)])).toEqual([5, 4]);
    const window = [data(1, 8, 8), scalar(0), vector(1, 2, 2), vector(1, 2, 2), vector(1, 1, 1)];
    expect(shapeOfFirst('REDUCE_WINDOW', window)).toEqual([1, 4, 4]);
  });
});

describe('matrix products and look-ups', () => {
  it('FULLY_CONNECTED flattens unless told to keep the axes', () => {
    const inputs = [data(2, 3, 8), data(16, 8)];
    expect(shapeOfFirst('FULLY_CONNECTED', inputs, options('FullyConnectedOptions'))).toEqual([6, 16]);
    const keep = options('FullyConnectedOptions', { keepNumDims: true });
    expect(shapeOfFirst('FULLY_CONNECTED', inputs, keep)).toEqual([2, 3, 16]);
    expect(shapeOfFirst('FULLY_CONNECTED', [data(-1, 8), data(16, 8)])).toEqual([-1, 16]);
  });
  it('BATCH_MATMUL broadcasts the batch and heeds the adjoints', () => {
    expect(shapeOfFirst('BATCH_MATMUL', [data(5, 1, 2, 3), data(4, 3, 7)])).toEqual([5, 4, 2, 7]);
    const adjoint = options('BatchMatMulOptions', { adjX: true, adjY: true });
    expect(shapeOfFirst('BATCH_MATMUL', [data(3, 2), data(7, 3)], adjoint)).toEqual([2, 7]);
  });
  it('EMBEDDING_LOOKUP', () => {
    expect(shapeOfFirst('EMBEDDING_LOOKUP', [data(5), data(100, 16)])).toEqual([5, 16]);
  });
});

describe('elementwise operators', () => {
  it('broadcast', () => {
    expect(shapeOfFirst('ADD', [data(2, 1, 3), data(4, 1)])).toEqual([2, 4, 3]);
    expect(shapeOfFirst('ADD', [data(2), data(3)])).toBeNull();
    expect(shapeOfFirst('MUL', [data(-1, 3), data(1)])).toEqual([-1, 3]);
    expect(shapeOfFirst('MUL', [data(-1, 3), data(5, 3)])).toEqual([5, 3]);
    expect(shapeOfFirst('SELECT_V2', [data(3, 1), data(1, 4), data()])).toEqual([3, 4]);
  });
  it('keep the shape', () => {
    expect(shapeOfFirst('RELU', [data(1, 2)])).toEqual([1, 2]);
    expect(shapeOfFirst('CAST', [data()])).toEqual([]);
    expect(shapeOfFirst('CUMSUM', [data(4), scalar(0)])).toEqual([4]);
  });
});

describe('movers', () => {
  it('RESHAPE fills in -1, reads the options of old files and unknown batches', () => {
    expect(shapeOfFirst('RESHAPE', [data(2, 3, 4), vector(-1, 6)])).toEqual([4, 6]);
    expect(shapeOfFirst('RESHAPE', [data(2, 3, 4), vector(-1, 5)])).toBeNull();
    expect(shapeOfFirst('RESHAPE', [data(-1, 4, 4), vector(-1, 16)])).toEqual([-1, 16]);
    expect(shapeOfFirst('RESHAPE', [data(2, 3), data(2)])).toBeNull();
    const old = options('ReshapeOptions', { newShape: Int32Array.of(3, -1) });
    expect(shapeOfFirst('RESHAPE', [data(2, 3)], old)).toEqual([3, 2]);
    const oldScalar = options('ReshapeOptions', { newShape: Int32Array.of(0) });
    expect(shapeOfFirst('RESHAPE', [data(1)], oldScalar)).toEqual([]);
  });
  it('SQUEEZE and EXPAND_DIMS', () => {
    expect(shapeOfFirst('SQUEEZE', [data(1, 3, 1)])).toEqual([3]);
    const last = options('SqueezeOptions', { squeezeDims: Int32Array.of(-1) });
    expect(shapeOfFirst('SQUEEZE', [data(1, 3, 1)], last)).toEqual([1, 3]);
    expect(shapeOfFirst('SQUEEZE', [data(-1, 1)])).toBeNull();
    expect(shapeOfFirst('EXPAND_DIMS', [data(2, 3), scalar(-1)])).toEqual([2, 3, 1]);
  });
  it('TRANSPOSE, TILE, PAD, BROADCAST_TO', () => {
    expect(shapeOfFirst('TRANSPOSE', [data(1, 2, 3), vector(2, 0, 1)])).toEqual([3, 1, 2]);
    expect(shapeOfFirst('TILE', [data(2, -1), vector(3, 2)])).toEqual([6, -1]);
    const paddings = { shape: [2, 2], values: [1, 2, 0, 3] };
    expect(shapeOfFirst('PAD', [data(4, 5), paddings])).toEqual([7, 8]);
    expect(shapeOfFirst('MIRROR_PAD', [data(4, 5), paddings])).toEqual([7, 8]);
    expect(shapeOfFirst('BROADCAST_TO', [data(1), vector(2, 3)])).toEqual([2, 3]);
  });
  it('resizing, space and depth, space and batch', () => {
    expect(shapeOfFirst('RESIZE_BILINEAR', [data(1, 4, 4, 3), vector(8, 6)])).toEqual([1, 8, 6, 3]);
    const deep = options('SpaceToDepthOptions', { blockSize: 2 });
    expect(shapeOfFirst('SPACE_TO_DEPTH', [data(1, 4, 6, 3)], deep)).toEqual([1, 2, 3, 12]);
    const spread = options('DepthToSpaceOptions', { blockSize: 2 });
    expect(shapeOfFirst('DEPTH_TO_SPACE', [data(1, 2, 3, 12)], spread)).toEqual([1, 4, 6, 3]);
    const edges = { shape: [2, 2], values: [0, 1, 0, 1] };
    expect(shapeOfFirst('SPACE_TO_BATCH_ND', [data(1, 7, 7, 3), vector(2, 2), edges])).toEqual([4, 4, 4, 3]);
    expect(shapeOfFirst('BATCH_TO_SPACE_ND', [data(4, 4, 4, 3), vector(2, 2), edges])).toEqual([1, 7, 7, 3]);
  });
  it('CONCATENATION and PACK', () => {
    const last = options('ConcatenationOptions', { axis: -1 });
    expect(shapeOfFirst('CONCATENATION', [data(-1, 3), data(2, 4)], last)).toEqual([2, 7]);
    expect(shapeOfFirst('CONCATENATION', [data(3, 3), data(2, 4)], last)).toBeNull();
    expect(shapeOfFirst('PACK', [data(2, 3), data(2, 3)], options('PackOptions', { axis: 1 }))).toEqual([
      2, 2, 3,
    ]);
  });
  it('SPLIT, SPLIT_V and UNPACK give every output', () => {
    const outputs = [[], []];
    const split = viewOf({
      kind: 'SPLIT',
      inputs: [scalar(1), data(2, 6)],
      outputs,
      options: options('SplitOptions', { numSplits: 2 }),
    });
    expect(inferShapes(split)).toEqual([
      [2, 3],
      [2, 3],
    ]);
    const bySizes = viewOf({ kind: 'SPLIT_V', inputs: [data(6), vector(4, -1), scalar(0)], outputs });
    expect(inferShapes(bySizes)).toEqual([[4], [2]]);
    expect(inferShapes(viewOf({ kind: 'UNPACK', inputs: [data(2, 5)], outputs }))).toEqual([[5], [5]]);
  });
  it('SLICE, GATHER, GATHER_ND, SCATTER_ND', () => {
    expect(shapeOfFirst('SLICE', [data(5, 6), vector(1, 2), vector(2, -1)])).toEqual([2, 4]);
    expect(shapeOfFirst('SLICE', [data(5, 6), data(2), vector(2, 3)])).toEqual([2, 3]);
    expect(shapeOfFirst('GATHER', [data(5, 6), data(2, 3)], options('GatherOptions', { axis: 1 }))).toEqual([
      5, 2, 3,
    ]);
    const batched = options('GatherOptions', { axis: 1, batchDims: 1 });
    expect(shapeOfFirst('GATHER', [data(5, 6, 7), data(5, 3)], batched)).toEqual([5, 3, 7]);
    expect(shapeOfFirst('GATHER_ND', [data(5, 6, 7), data(4, 2)])).toEqual([4, 7]);
    expect(shapeOfFirst('SCATTER_ND', [data(4, 1), data(4), vector(8)])).toEqual([8]);
  });
  it('ONE_HOT, TOPK_V2, ARG_MAX, RANGE, SHAPE, WHERE', () => {
    const inputs = [data(2, 3), scalar(10), data(), data()];
    expect(shapeOfFirst('ONE_HOT', inputs, options('OneHotOptions', { axis: -1 }))).toEqual([2, 3, 10]);
    expect(shapeOfFirst('ONE_HOT', inputs, options('OneHotOptions', { axis: 0 }))).toEqual([10, 2, 3]);
    const top = viewOf({ kind: 'TOPK_V2', inputs: [data(4, 9), scalar(3)], outputs: [[], []] });
    expect(inferShapes(top)).toEqual([
      [4, 3],
      [4, 3],
    ]);
    expect(shapeOfFirst('ARG_MAX', [data(4, 9), scalar(-1)])).toEqual([4]);
    expect(shapeOfFirst('RANGE', [scalar(1), scalar(8), scalar(3)])).toEqual([3]);
    expect(shapeOfFirst('RANGE', [data(), scalar(8), scalar(3)])).toEqual([-1]);
    expect(shapeOfFirst('SHAPE', [data(4, 9)])).toEqual([2]);
    expect(shapeOfFirst('WHERE', [data(4, 9)])).toEqual([-1, 2]);
  });
  it('reductions keep or drop the axes', () => {
    expect(shapeOfFirst('MEAN', [data(1, 7, 7, 8), vector(1, -2)])).toEqual([1, 8]);
    const keep = options('ReducerOptions', { keepDims: true });
    expect(shapeOfFirst('SUM', [data(1, 7, 7, 8), vector(1, 2)], keep)).toEqual([1, 1, 1, 8]);
    expect(shapeOfFirst('REDUCE_MAX', [data(3, 4), scalar(5)])).toBeNull();
  });
  it('RFFT2D and BITCAST', () => {
    expect(shapeOfFirst('RFFT2D', [data(2, 16, 16), vector(16, 32)])).toEqual([2, 16, 17]);
    const cast = (from: 'INT8' | 'INT32', shape: number[]) =>
      inferShapes(
        viewOf({ kind: 'BITCAST', inputs: [{ shape, dtype: from }], outputs: [[]], outputDtype: 'INT16' }),
      );
    expect(cast('INT32', [3])).toEqual([[3, 2]]);
    expect(cast('INT8', [3, 2])).toEqual([[3]]);
  });
});

describe('STRIDED_SLICE', () => {
  const slice = (
    shape: number[],
    [begin, end, strides]: readonly number[][],
    masks: Parameters<typeof options<'StridedSliceOptions'>>[1] = {},
  ) =>
    shapeOfFirst(
      'STRIDED_SLICE',
      [data(...shape), vector(...begin!), vector(...end!), vector(...strides!)],
      options('StridedSliceOptions', masks),
    );

  it.each([
    // As NumPy: the index expression, on the shape in front.
    ['[1:4] of 10', [10], [[1], [4], [1]], {}, [3]],
    ['[-3:-1] of 10', [10], [[-3], [-1], [1]], {}, [2]],
    ['[::2] of 7', [7], [[0], [0], [2]], { beginMask: 1, endMask: 1 }, [4]],
    ['[::-1] of 7', [7], [[0], [0], [-1]], { beginMask: 1, endMask: 1 }, [7]],
    ['[5:1:-2] of 7', [7], [[5], [1], [-2]], {}, [2]],
    ['[4:2] of 7', [7], [[4], [2], [1]], {}, [0]],
    ['[2:99] of 7', [7], [[2], [99], [1]], {}, [5]],
    ['[1] of 4×5', [4, 5], [[1], [2], [1]], { shrinkAxisMask: 1 }, [5]],
    [
      '[..., 0] of 2×3×4',
      [2, 3, 4],
      [
        [0, 0],
        [0, 1],
        [1, 1],
      ],
      { ellipsisMask: 1, shrinkAxisMask: 2 },
      [2, 3],
    ],
    [
      '[0, ...] of 2×3×4',
      [2, 3, 4],
      [
        [0, 0],
        [1, 0],
        [1, 1],
      ],
      { ellipsisMask: 2, shrinkAxisMask: 1 },
      [3, 4],
    ],
    [
      '[new, :] of 5',
      [5],
      [
        [0, 0],
        [0, 0],
        [1, 1],
      ],
      { newAxisMask: 1, beginMask: 2, endMask: 2 },
      [1, 5],
    ],
    [
      '[..., new] of 5×6',
      [5, 6],
      [
        [0, 0],
        [0, 0],
        [1, 1],
      ],
      { ellipsisMask: 1, newAxisMask: 2 },
      [5, 6, 1],
    ],
    ['offset of 3 from 2', [10], [[2], [3], [1]], { offset: true }, [3]],
    ['[1:] of unknown', [-1], [[1], [0], [1]], { endMask: 1 }, [-1]],
  ])('%s', (_, shape, parts, masks, expected) => {
    expect(slice(shape, parts, masks)).toEqual(expected);
  });
  it('does not fit', () => {
    expect(slice([4], [[0], [4], [0]])).toBeNull();
    expect(
      slice(
        [4],
        [
          [0, 0],
          [4, 4],
          [1, 1],
        ],
      ),
    ).toBeNull();
  });
});

describe('recurrent operators', () => {
  it('LSTM and sequences take their units from the recurrent weights', () => {
    const weights = [
      ...Array.from({ length: 4 }, () => data(20, 28)),
      ...Array.from({ length: 4 }, () => data(20, 16)),
    ];
    expect(shapeOfFirst('LSTM', [data(1, 28), ...weights])).toEqual([1, 16]);
    expect(shapeOfFirst('UNIDIRECTIONAL_SEQUENCE_LSTM', [data(1, 9, 28), ...weights])).toEqual([1, 9, 16]);
  });
  it('the basic LSTM cell gives four outputs', () => {
    const view = viewOf({
      kind: 'LSTM',
      inputs: [data(1, 3), data(1, 4), data(16, 7), data(16), data(1, 4)],
      outputs: [[], [], [], []],
      options: options('LSTMOptions', { kernelType: 'BASIC' }),
    });
    expect(inferShapes(view)).toEqual([
      [1, 4],
      [1, 4],
      [1, 7],
      [1, 16],
    ]);
  });
  it('BIDIRECTIONAL_SEQUENCE_RNN merges or not', () => {
    const inputs = [data(2, 5, 3), data(4, 3), data(4, 4), data(4), data(2, 4), data(6, 3), data(6, 6)];
    const merged = options('BidirectionalSequenceRNNOptions', { mergeOutputs: true });
    expect(shapeOfFirst('BIDIRECTIONAL_SEQUENCE_RNN', inputs, merged)).toEqual([2, 5, 10]);
    const view = viewOf({ kind: 'BIDIRECTIONAL_SEQUENCE_RNN', inputs, outputs: [[], []] });
    expect(inferShapes(view)).toEqual([
      [2, 5, 4],
      [2, 5, 6],
    ]);
  });
  it('SVDF has filters / rank units', () => {
    const given = options('SVDFOptions', { rank: 2 });
    expect(shapeOfFirst('SVDF', [data(3, 8), data(10, 8), data(10, 5)], given)).toEqual([3, 5]);
  });
});

describe('StableHLO', () => {
  it('reads its settings from 64-bit attributes', () => {
    const permuted = options2('StablehloTransposeOptions', { permutation: big(1, 0) });
    expect(shapeOfFirst('STABLEHLO_TRANSPOSE', [data(2, 3)], permuted)).toEqual([3, 2]);
    const cut = options2('StablehloSliceOptions', {
      startIndices: big(1, 0),
      limitIndices: big(4, 5),
      strides: big(1, 2),
    });
    expect(shapeOfFirst('STABLEHLO_SLICE', [data(6, 6)], cut)).toEqual([3, 3]);
    const padded = options2('StablehloPadOptions', {
      edgePaddingLow: big(1),
      edgePaddingHigh: big(-1),
      interiorPadding: big(2),
    });
    expect(shapeOfFirst('STABLEHLO_PAD', [data(4), data()], padded)).toEqual([10]);
    const joined = options2('StablehloConcatenateOptions', { dimension: 1n });
    expect(shapeOfFirst('STABLEHLO_CONCATENATE', [data(2, 3), data(2, 4)], joined)).toEqual([2, 7]);
    const reduced = options2('StablehloReduceOptions', { dimensions: big(0, 2) });
    expect(shapeOfFirst('STABLEHLO_REDUCE', [data(2, 3, 4), data()], reduced)).toEqual([3]);
  });
  it('DOT_GENERAL and GATHER', () => {
    const dot = options2('StablehloDotGeneralOptions', {
      lhsBatchingDimensions: big(0),
      rhsBatchingDimensions: big(0),
      lhsContractingDimensions: big(2),
      rhsContractingDimensions: big(1),
    });
    expect(shapeOfFirst('STABLEHLO_DOT_GENERAL', [data(5, 2, 3), data(5, 3, 7)], dot)).toEqual([5, 2, 7]);
    const picked = options2('StablehloGatherOptions', {
      offsetDims: big(1, 2),
      collapsedSliceDims: big(0),
      startIndexMap: big(0),
      indexVectorDim: 1n,
      sliceSizes: big(1, 4, 5),
    });
    expect(shapeOfFirst('STABLEHLO_GATHER', [data(9, 4, 5), data(3, 1)], picked)).toEqual([3, 4, 5]);
  });
  it('CONVOLUTION and REDUCE_WINDOW', () => {
    const conv = options2('StablehloConvolutionOptions', {
      windowStrides: big(2, 2),
      padding: big(1, 1, 1, 1),
      inputBatchDimension: 0n,
      inputFeatureDimension: 3n,
      inputSpatialDimensions: big(1, 2),
      kernelInputFeatureDimension: 2n,
      kernelOutputFeatureDimension: 3n,
      kernelSpatialDimensions: big(0, 1),
      outputBatchDimension: 0n,
      outputFeatureDimension: 3n,
      outputSpatialDimensions: big(1, 2),
    });
    expect(shapeOfFirst('STABLEHLO_CONVOLUTION', [data(1, 9, 9, 4), data(3, 3, 4, 8)], conv)).toEqual([
      1, 5, 5, 8,
    ]);
    const window = options2('StablehloReduceWindowOptions', {
      windowDimensions: big(1, 3),
      windowStrides: big(1, 2),
      padding: big(0, 0, 1, 0),
    });
    expect(shapeOfFirst('STABLEHLO_REDUCE_WINDOW', [data(4, 8), data()], window)).toEqual([4, 4]);
  });
});
