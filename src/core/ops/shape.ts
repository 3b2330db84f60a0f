/** Operators that rearrange, repeat or resize without computing: reshape, transpose, pad, resize, space and batch. */
import { activation, define, fromConstant, fromShape, index, indexOnly, optional, parameter } from './define';
import { sameScale, sameShape, versions } from './define';
import { optionsOf } from './operator-view';
import { batched, padded, reblocked, reshaped, resized, squeezed, transposed } from './shape-inference';
import { broadcast, frontAxis, shapeOfParts, times, UNKNOWN, withNewAxis } from './shape-math';
import type { KnownBuiltin, OpSpec } from './spec';

function mover(facts: Partial<OpSpec> & Pick<OpSpec, 'shapes' | 'versions'>): OpSpec {
  return define({ category: 'shape', inputs: [activation()], quantization: sameScale, ...facts });
}

const padVersions = versions({
  1: ['FLOAT32', 'INT32', 'INT64', 'UINT8'],
  2: ['INT8'],
  3: ['INT16'],
  5: ['BOOL'],
});
const resizeVersions = versions({ 1: ['FLOAT32', 'UINT8'], 2: ['INT8'], 4: ['INT16'] });
const blockVersions = versions({ 1: ['FLOAT32', 'INT32', 'INT64', 'UINT8'], 2: ['INT8'], 4: ['INT16'] });
const anyType = versions({
  1: ['FLOAT32', 'FLOAT16', 'INT8', 'UINT8', 'INT16', 'INT32', 'INT64', 'BOOL', 'STRING'],
});
/** Most element types; the kernels copy bytes. */
const plainTypes = versions({ 1: ['FLOAT32', 'INT32', 'INT64', 'UINT8', 'INT16', 'BOOL'], 3: ['INT8'] });

export const shape = {
  RESHAPE: mover({
    inputs: [activation(), optional(parameter('shape'))],
    shapes: fromShape(0, reshaped),
    versions: anyType,
  }),
  SQUEEZE: mover({ shapes: fromShape(0, squeezed), versions: { ...anyType, STRING: 2 } }),
  EXPAND_DIMS: mover({
    inputs: [activation(), parameter('axis')],
    shapes: fromShape(0, (input, view) => {
      const axis = frontAxis(view.constant(1)?.[0], input.length + 1);
      return axis === null ? null : withNewAxis(input, axis, 1);
    }),
    versions: anyType,
  }),
  TRANSPOSE: mover({
    inputs: [activation(), parameter('permutation')],
    shapes: fromShape(0, transposed),
    versions: versions({
      1: ['FLOAT32', 'INT32', 'INT64', 'UINT8'],
      2: ['INT8'],
      3: ['BOOL'],
      5: ['INT16'],
      7: ['INT4'],
      8: ['BFLOAT16'],
      9: ['FLOAT16'],
    }),
  }),
  TILE: mover({
    inputs: [activation(), parameter('multiples')],
    shapes: fromShape(0, (input, view) => {
      const multiples = view.constant(1);
      return multiples?.length === input.length ? input.map((size, i) => times(size, multiples[i]!)) : null;
    }),
    versions: versions({
      1: ['FLOAT32', 'INT32', 'INT64', 'UINT8', 'BOOL'],
      2: ['STRING'],
      3: ['INT8'],
    }),
  }),
  BROADCAST_TO: mover({
    inputs: [activation(), parameter('shape')],
    shapes: fromConstant(1, (target) => target),
    versions: versions({
      2: ['FLOAT32', 'INT32', 'INT64', 'UINT8', 'UINT32', 'BOOL', 'COMPLEX64'],
      3: ['INT8', 'INT16'],
    }),
  }),
  // The shape that two shapes broadcast to.
  BROADCAST_ARGS: define({
    category: 'shape',
    inputs: [parameter('left'), parameter('right')],
    shapes: (view) => [
      shapeOfParts(Math.max(view.inputShapes[0]?.[0] ?? UNKNOWN, view.inputShapes[1]?.[0] ?? UNKNOWN)),
    ],
    versions: versions({ 1: ['INT32', 'INT64'] }),
  }),
  PAD: mover({
    inputs: [activation(), parameter('paddings')],
    shapes: fromShape(0, padded),
    versions: padVersions,
  }),
  PADV2: mover({
    inputs: [activation(), parameter('paddings'), activation('value')],
    shapes: fromShape(0, padded),
    versions: padVersions,
  }),
  MIRROR_PAD: mover({
    inputs: [activation(), parameter('paddings')],
    shapes: fromShape(0, padded),
    versions: versions({ 1: ['FLOAT32', 'INT32', 'INT64', 'UINT8'], 2: ['INT8'], 3: ['INT16'] }),
  }),
  RESIZE_BILINEAR: mover({
    inputs: [activation(), parameter('size')],
    shapes: fromShape(0, resized),
    versions: resizeVersions,
  }),
  RESIZE_NEAREST_NEIGHBOR: mover({
    inputs: [activation(), parameter('size')],
    shapes: fromShape(0, resized),
    versions: resizeVersions,
  }),
  SPACE_TO_DEPTH: mover({
    shapes: fromShape(0, (input, view) =>
      reblocked(input, optionsOf(view, 'SpaceToDepthOptions')?.blockSize ?? 0, true),
    ),
    versions: versions({ 1: ['FLOAT32', 'INT32', 'INT64', 'UINT8'], 2: ['INT8'] }),
  }),
  DEPTH_TO_SPACE: mover({
    shapes: fromShape(0, (input, view) =>
      reblocked(input, optionsOf(view, 'DepthToSpaceOptions')?.blockSize ?? 0, false),
    ),
    versions: versions({ 1: ['FLOAT32', 'INT32', 'INT64', 'UINT8'], 2: ['INT8'] }),
  }),
  SPACE_TO_BATCH_ND: mover({
    inputs: [activation(), parameter('blockShape'), parameter('paddings')],
    shapes: fromShape(0, (input, view) => batched(input, view, false)),
    versions: blockVersions,
  }),
  BATCH_TO_SPACE_ND: mover({
    inputs: [activation(), parameter('blockShape'), parameter('crops')],
    shapes: fromShape(0, (input, view) => batched(input, view, true)),
    versions: blockVersions,
  }),
  REVERSE_V2: mover({
    inputs: [activation(), parameter('axis')],
    shapes: sameShape(),
    versions: { ...plainTypes, BOOL: 2 },
  }),
  REVERSE_SEQUENCE: define({
    category: 'shape',
    inputs: [activation(), index('lengths')],
    shapes: sameShape(),
    versions: versions({ 1: ['FLOAT32', 'INT32', 'INT64', 'UINT8', 'INT16'] }),
  }),
  MATRIX_DIAG: define({
    category: 'shape',
    inputs: [activation('diagonal')],
    shapes: fromShape(0, (input) => shapeOfParts(...input, input.at(-1))),
    versions: versions({ 1: ['FLOAT32', 'INT8', 'UINT8', 'INT16', 'INT32', 'INT64'] }),
  }),
  MATRIX_SET_DIAG: define({
    category: 'shape',
    inputs: [activation(), activation('diagonal')],
    shapes: sameShape(),
    versions: versions({ 1: ['FLOAT32', 'INT8', 'UINT8', 'INT16', 'INT32', 'INT64'] }),
  }),
  SHAPE: define({
    category: 'shape',
    inputs: [activation()],
    shapes: fromShape(0, (input) => [input.length]),
    quantization: indexOnly,
    versions: anyType,
  }),
  RANK: define({
    category: 'shape',
    inputs: [activation()],
    shapes: fromShape(0, () => []),
    quantization: indexOnly,
    versions: anyType,
  }),
  SELECT: mover({
    inputs: [index('condition'), activation('x'), activation('y')],
    shapes: sameShape(1),
    versions: versions({ 1: ['FLOAT32', 'INT8', 'UINT8', 'INT16', 'INT32', 'INT64', 'BOOL'], 4: ['UINT32'] }),
  }),
  SELECT_V2: mover({
    inputs: [index('condition'), activation('x'), activation('y')],
    shapes: (view) => [broadcast(...view.inputShapes)],
    versions: versions({
      1: ['FLOAT32', 'FLOAT16', 'INT8', 'UINT8', 'INT16', 'INT32', 'INT64', 'BOOL'],
      2: ['UINT32'],
    }),
  }),
} satisfies Partial<Record<KnownBuiltin, OpSpec>>;
