/**
 * StableHLO operators as they appear inside .tflite files. The settings are attributes, not tensors; shapes never
 * broadcast by themselves. An empty version list means that LiteRT has no kernel for it.
 */
import { activation, define, index, sameShape, unknownShapes, versions, weight } from './define';
import type { Category, KnownBuiltin, OpSpec, ShapeRule } from './spec';
import * as infer from './stablehlo-shapes';

const numbers = versions({
  1: ['FLOAT32', 'FLOAT16', 'INT8', 'UINT8', 'INT16', 'INT32', 'INT64', 'UINT32', 'UINT64'],
});
const integersAndBool = versions({ 1: ['BOOL', 'INT8', 'UINT8', 'INT16', 'INT32', 'INT64'] });
const noKernel: OpSpec['versions'] = {};

function binary(byType: OpSpec['versions'] = noKernel): OpSpec {
  return define({
    category: 'arithmetic',
    inputs: [activation('left'), activation('right')],
    shapes: sameShape(),
    versions: byType,
  });
}

function unary(category: Category = 'arithmetic'): OpSpec {
  return define({ category, inputs: [activation()], shapes: sameShape(), versions: noKernel });
}

function mover(
  shapes: ShapeRule,
  inputs: OpSpec['inputs'] = [activation()],
  byType: OpSpec['versions'] = noKernel,
): OpSpec {
  return define({ category: 'shape', inputs, shapes, versions: byType });
}

/** Windows and reductions take any number of operands with one start value each. */
function reducer(shapes: ShapeRule, byType: OpSpec['versions'] = noKernel): OpSpec {
  return define({
    category: 'pooling',
    inputs: [activation(), activation('initialValue')],
    variadicInputs: true,
    variadicOutputs: true,
    shapes,
    versions: byType,
  });
}

export const stablehlo = {
  STABLEHLO_ADD: binary(numbers),
  STABLEHLO_SUBTRACT: binary(),
  STABLEHLO_MULTIPLY: binary(numbers),
  STABLEHLO_DIVIDE: binary(),
  STABLEHLO_MAXIMUM: binary(numbers),
  STABLEHLO_MINIMUM: binary(numbers),
  STABLEHLO_POWER: binary(),
  STABLEHLO_REMAINDER: binary(),
  STABLEHLO_AND: binary(integersAndBool),
  STABLEHLO_OR: binary(),
  STABLEHLO_SHIFT_LEFT: binary(versions({ 1: ['INT8', 'INT16', 'INT32'] })),
  STABLEHLO_COMPARE: binary(),
  STABLEHLO_ABS: unary(),
  STABLEHLO_NEGATE: unary(),
  STABLEHLO_EXPONENTIAL: unary(),
  STABLEHLO_LOG: unary(),
  STABLEHLO_RSQRT: unary(),
  STABLEHLO_CBRT: unary(),
  STABLEHLO_COSINE: unary(),
  STABLEHLO_FLOOR: unary(),
  STABLEHLO_LOGISTIC: unary('activation'),
  STABLEHLO_TANH: unary('activation'),
  STABLEHLO_CONVERT: unary('quantization'),
  STABLEHLO_CLAMP: define({
    category: 'activation',
    inputs: [activation('low'), activation(), activation('high')],
    shapes: sameShape(1),
    versions: noKernel,
  }),
  STABLEHLO_SELECT: mover(sameShape(1), [index('condition'), activation('x'), activation('y')]),

  // The output shape is in the type of the output alone.
  STABLEHLO_RESHAPE: mover(unknownShapes),
  STABLEHLO_BROADCAST_IN_DIM: mover(unknownShapes),
  STABLEHLO_IOTA: mover(unknownShapes, []),
  STABLEHLO_TRANSPOSE: mover(infer.transpose),
  STABLEHLO_CONCATENATE: define({
    category: 'shape',
    inputs: [activation()],
    variadicInputs: true,
    shapes: infer.concatenate,
    versions: noKernel,
  }),
  STABLEHLO_SLICE: mover(infer.slice),
  STABLEHLO_DYNAMIC_SLICE: define({
    category: 'shape',
    inputs: [activation(), index('start')],
    variadicInputs: true,
    shapes: infer.dynamicSlice,
    versions: noKernel,
  }),
  STABLEHLO_DYNAMIC_UPDATE_SLICE: define({
    category: 'shape',
    inputs: [activation(), activation('update'), index('start')],
    variadicInputs: true,
    shapes: sameShape(),
    versions: noKernel,
  }),
  STABLEHLO_PAD: mover(infer.pad, [activation(), activation('value')], numbers),
  STABLEHLO_GATHER: mover(infer.gather, [activation(), index()], numbers),
  STABLEHLO_SCATTER: mover(sameShape(), [activation(), index(), activation('updates')], numbers),
  STABLEHLO_SORT: define({
    category: 'shape',
    inputs: [activation()],
    variadicInputs: true,
    variadicOutputs: true,
    shapes: (view) => view.outputs.map((_, i) => view.inputShapes[i] ?? null),
    versions: noKernel,
  }),

  STABLEHLO_REDUCE: reducer(infer.reduce),
  STABLEHLO_REDUCE_WINDOW: reducer(infer.reduceWindow, numbers),
  STABLEHLO_DOT_GENERAL: define({
    category: 'dense',
    inputs: [activation('left'), activation('right')],
    shapes: infer.dotGeneral,
    macs: infer.dotGeneralMacs,
    versions: noKernel,
  }),
  STABLEHLO_CONVOLUTION: define({
    category: 'convolution',
    inputs: [activation(), weight('filter')],
    shapes: infer.convolution,
    macs: infer.convolutionMacs,
    versions: noKernel,
  }),
} satisfies Partial<Record<KnownBuiltin, OpSpec>>;
