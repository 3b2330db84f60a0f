/** Convolutions: windows of weights slid over space. Activations are N, (depth,) height, width, channels. */
import { activation, bias, define, free, fromConstant, fromShape, optional } from './define';
import { parameter, versions, weight } from './define';
import { optionsOf } from './operator-view';
import { countAtLeast, shapeOfParts, slidingSize } from './shape-math';
import type { KnownBuiltin, MacsRule, OperatorView, OpSpec, Shape } from './spec';

function slidShape(view: OperatorView, channelAxis: number): Shape | null {
  const input = view.inputShapes[0];
  const filter = view.inputShapes[1];
  const options = optionsOf(view, 'Conv2DOptions') ?? optionsOf(view, 'DepthwiseConv2DOptions');
  if (input?.length !== 4 || filter?.length !== 4 || !options) return null;
  const { strideH, strideW, dilationHFactor, dilationWFactor, padding } = options;
  return shapeOfParts(
    input[0],
    slidingSize(input[1], filter[1], strideH, dilationHFactor, padding),
    slidingSize(input[2], filter[2], strideW, dilationWFactor, padding),
    filter[channelAxis],
  );
}

function slidShape3d(view: OperatorView): Shape | null {
  const input = view.inputShapes[0];
  const filter = view.inputShapes[1];
  const options = optionsOf(view, 'Conv3DOptions');
  if (input?.length !== 5 || filter?.length !== 5 || !options) return null;
  const { padding } = options;
  return shapeOfParts(
    input[0],
    slidingSize(input[1], filter[0], options.strideD, options.dilationDFactor, padding),
    slidingSize(input[2], filter[1], options.strideH, options.dilationHFactor, padding),
    slidingSize(input[3], filter[2], options.strideW, options.dilationWFactor, padding),
    filter[4],
  );
}

/** Each element of tensor `shape` meets the filter's sizes on `axes` once. */
function macsPer(shape: (view: OperatorView) => Shape | null | undefined, axes: readonly number[]): MacsRule {
  return (view) => {
    const elements = shape(view);
    const filter = view.inputShapes[1];
    if (!elements || !filter) return 0;
    return countAtLeast(elements) * countAtLeast(axes.map((axis) => filter[axis] ?? 1));
  };
}
const perOutput = (axes: readonly number[]) => macsPer((view) => view.outputShapes[0], axes);
const perInput = (axes: readonly number[]) => macsPer((view) => view.inputShapes[2], axes);

/** The output shape is given as a constant. */
const givenShape = fromConstant(0, (shape) => shape);

export const convolution = {
  // Filter [out, height, width, in / groups].
  CONV_2D: define({
    category: 'convolution',
    inputs: [activation(), weight('filter', 0), optional(bias())],
    shapes: (view) => [slidShape(view, 0)],
    macs: perOutput([1, 2, 3]),
    quantization: free,
    hybrid: {
      weightInputs: [1],
      perChannel: true,
      versionPerTensor: 2,
      versionPerChannel: 5,
      versionAsymmetric: null,
    },
    versions: versions({ 1: ['FLOAT32', 'UINT8'], 3: ['INT8'], 4: ['INT16'] }),
  }),
  // Filter [1, height, width, in * multiplier]. The hybrid kernel insists on one scale per channel.
  DEPTHWISE_CONV_2D: define({
    category: 'convolution',
    inputs: [activation(), weight('filter', 3), optional(bias())],
    shapes: (view) => [slidShape(view, 3)],
    macs: perOutput([1, 2]),
    quantization: free,
    hybrid: {
      weightInputs: [1],
      perChannel: true,
      versionPerTensor: null,
      versionPerChannel: 6,
      versionAsymmetric: null,
    },
    versions: versions({ 1: ['FLOAT32', 'UINT8'], 3: ['INT8'], 5: ['INT16'] }),
  }),
  // Filter [out, height, width, in]; every input element is spread over the window.
  TRANSPOSE_CONV: define({
    category: 'convolution',
    inputs: [parameter('outputShape'), weight('filter', 0), activation(), optional(bias())],
    shapes: givenShape,
    macs: perInput([0, 1, 2]),
    quantization: free,
    hybrid: {
      weightInputs: [1],
      perChannel: true,
      versionPerTensor: 3,
      versionPerChannel: 3,
      versionAsymmetric: null,
    },
    versions: versions({ 1: ['FLOAT32', 'UINT8'], 2: ['INT8', 'INT16'] }),
  }),
  // Filter [depth, height, width, in, out].
  CONV_3D: define({
    category: 'convolution',
    inputs: [activation(), weight('filter', 4), optional(bias())],
    shapes: (view) => [slidShape3d(view)],
    macs: perOutput([0, 1, 2, 3]),
  }),
  // Filter [depth, height, width, out, in].
  CONV_3D_TRANSPOSE: define({
    category: 'convolution',
    inputs: [parameter('outputShape'), weight('filter', 3), activation(), optional(bias())],
    shapes: givenShape,
    macs: perInput([0, 1, 2, 3]),
  }),
  // Spreads elements apart: the first half of a transposed convolution.
  DILATE: define({
    category: 'shape',
    inputs: [activation(), parameter('dilations'), parameter('paddingValue')],
    shapes: fromShape(0, (shape, view) => {
      const dilations = view.constant(1);
      if (dilations?.length !== shape.length) return null;
      return shape.map((size, i) => (size < 1 ? size : (size - 1) * dilations[i]! + 1));
    }),
    versions: versions({
      1: ['FLOAT32', 'FLOAT64', 'INT8', 'INT16', 'INT32', 'INT64', 'UINT8', 'UINT16', 'UINT32', 'UINT64'],
    }),
  }),
} satisfies Partial<Record<KnownBuiltin, OpSpec>>;
