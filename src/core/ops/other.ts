/** What fits nowhere else: foreign code, detection, text, random numbers. */
import { activation, define, fromConstant, fromShape, index, optional, parameter } from './define';
import { sameShape, unknownShapes, versions } from './define';
import { optionsOf } from './operator-view';
import { shapeOfParts, times, UNKNOWN } from './shape-math';
import type { KnownBuiltin, OperatorView, OpSpec, Shape } from './spec';

/** Boxes chosen among candidates, as many as input 2 says, then how many of them hold. */
function chosen(view: OperatorView): Shape {
  return [view.constant(2)?.[0] ?? UNKNOWN];
}
const detectionInputs = [
  activation('boxes'),
  activation('scores'),
  parameter('maxOutputs'),
  parameter('overlapThreshold'),
  parameter('scoreThreshold'),
];

/** Random numbers of the shape in input 0. */
function random(): OpSpec {
  return define({
    category: 'other',
    inputs: [parameter('shape')],
    shapes: fromConstant(0, (target) => target),
  });
}

export const other = {
  CUSTOM: define({
    category: 'other',
    inputs: [optional(activation())],
    variadicInputs: true,
    variadicOutputs: true,
    shapes: unknownShapes,
    versions: {},
  }),
  // Marks that the operator's number is in the newer field; no operator of its own.
  PLACEHOLDER_FOR_GREATER_OP_CODES: define({
    category: 'other',
    inputs: [optional(activation())],
    variadicInputs: true,
    variadicOutputs: true,
    shapes: unknownShapes,
    versions: {},
  }),
  NON_MAX_SUPPRESSION_V4: define({
    category: 'other',
    inputs: detectionInputs,
    outputs: ['indices', 'validOutputs'],
    shapes: (view) => [chosen(view), []],
  }),
  NON_MAX_SUPPRESSION_V5: define({
    category: 'other',
    inputs: [...detectionInputs, parameter('sigma')],
    outputs: ['indices', 'scores', 'validOutputs'],
    shapes: (view) => [chosen(view), chosen(view), []],
  }),
  LSH_PROJECTION: define({
    category: 'other',
    inputs: [activation('hash'), index('input'), optional(activation('weights'))],
    shapes: fromShape(0, (hash, view) =>
      optionsOf(view, 'LSHProjectionOptions')?.type === 'DENSE'
        ? [times(hash[0] ?? UNKNOWN, hash[1] ?? UNKNOWN)]
        : shapeOfParts(hash[0]),
    ),
    versions: versions({ 1: ['INT32', 'FLOAT32', 'STRING'] }),
  }),
  SKIP_GRAM: define({
    category: 'other',
    inputs: [index('text')],
    shapes: unknownShapes,
    versions: versions({ 1: ['STRING'] }),
  }),
  BUCKETIZE: define({
    category: 'other',
    inputs: [activation()],
    shapes: sameShape(),
    versions: versions({ 1: ['FLOAT32', 'FLOAT64', 'INT32', 'INT64'] }),
  }),
  // A Fourier transform over the last two axes, half of the spectrum: [..., height, width / 2 + 1].
  RFFT2D: define({
    category: 'other',
    inputs: [activation(), parameter('fftLength')],
    shapes: fromShape(0, (shape, view) => {
      const length = view.constant(1);
      if (length?.length !== 2 || shape.length < 2) return null;
      return [...shape.slice(0, -2), length[0]!, Math.floor(length[1]! / 2) + 1];
    }),
  }),
  RANDOM_UNIFORM: random(),
  RANDOM_STANDARD_NORMAL: random(),
  MULTINOMIAL: define({
    category: 'other',
    inputs: [activation('logits'), parameter('samples')],
    shapes: fromShape(0, (logits, view) => shapeOfParts(logits[0], view.constant(1)?.[0] ?? UNKNOWN)),
  }),
  STABLEHLO_RNG_BIT_GENERATOR: define({
    category: 'other',
    inputs: [index('state')],
    outputs: ['state', 'values'],
    shapes: (view) => view.outputs.map((_, i) => (i === 0 ? (view.inputShapes[0] ?? null) : null)),
    versions: versions({ 1: ['UINT64'] }),
  }),
  STABLEHLO_CUSTOM_CALL: define({
    category: 'other',
    inputs: [optional(activation())],
    variadicInputs: true,
    variadicOutputs: true,
    shapes: unknownShapes,
    versions: {},
  }),
} satisfies Partial<Record<KnownBuiltin, OpSpec>>;
