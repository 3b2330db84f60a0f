/** Operators that rearrange, repeat or resize without computing: reshape, transpose, pad, resize, space and batch. */
import { activation, define, fromConstant, fromShape, index, indexOnly, optional, parameter } from './define';
import { sameScale, sameShape, versions } from './define';
import { optionsOf } from './operator-view';
import { broadcast, count, frontAxis, shapeOfParts, times, UNKNOWN } from './shape-math';
import { withNewAxis, withSize } from './shape-math';
import type { KnownBuiltin, OperatorView, OpSpec, Shape } from './spec';

function mover(facts: Partial<OpSpec> & Pick<OpSpec, 'shapes' | 'versions'>): OpSpec {
  return define({ category: 'shape', inputs: [activation()], quantization: sameScale, ...facts });
}

/** Puts the size that follows from the others where the target says -1. */
function resolvedShape(input: Shape, target: Shape): Shape | null {
  const hole = target.indexOf(-1);
  if (hole < 0) return target;
  const rest = count(target.filter((_, i) => i !== hole));
  const elements = count(input);
  if (rest < 0) return null;
  if (elements < 0) return target;
  return rest === 0 || elements % rest !== 0 ? null : withSize(target, hole, elements / rest);
}

/** The shape tensor counts where it is a vector; old files keep the shape in the options ([0] for a scalar). */
function reshaped(input: Shape, view: OperatorView): Shape | null {
  if (view.inputShapes[1]?.length === 1) {
    const target = view.constant(1);
    return target && resolvedShape(input, target);
  }
  const target = Array.from(optionsOf(view, 'ReshapeOptions')?.newShape ?? []);
  return resolvedShape(input, target.length === 1 && target[0] === 0 ? [] : target);
}

function squeezed(input: Shape, view: OperatorView): Shape | null {
  const dims = optionsOf(view, 'SqueezeOptions')?.squeezeDims ?? [];
  if (dims.length === 0) return input.includes(UNKNOWN) ? null : input.filter((size) => size !== 1);
  const gone = new Set(Array.from(dims, (axis) => frontAxis(axis, input.length)));
  return input.filter((_, i) => !gone.has(i));
}

/** Input 1 lists what is added before and after each axis. */
function padded(input: Shape, view: OperatorView): Shape | null {
  const amounts = view.constant(1);
  if (amounts?.length !== 2 * input.length) return null;
  return input.map((size, i) => (size < 0 ? size : size + amounts[2 * i]! + amounts[2 * i + 1]!));
}

/** Input 1 is [height, width]; the rest stays. */
function resized(input: Shape, view: OperatorView): Shape | null {
  const size = view.constant(1);
  return input.length === 4 ? shapeOfParts(input[0], size?.[0], size?.[1], input[3]) : null;
}

function transposed(input: Shape, view: OperatorView): Shape | null {
  const order = view.constant(1);
  return order?.length === input.length ? shapeOfParts(...order.map((axis) => input[axis])) : null;
}

/** Moves blocks between space and depth: `step` above 1 deepens, its inverse spreads. */
function reblocked(input: Shape, block: number, deepen: boolean): Shape | null {
  const [batch, height, width, depth] = input;
  if (input.length !== 4 || block < 1) return null;
  const area = block * block;
  const shrink = (size: number | undefined, by: number) =>
    size === undefined || size % by !== 0 ? null : size < 0 ? UNKNOWN : size / by;
  const grow = (size: number | undefined, by: number) => (size === undefined ? null : times(size, by));
  return deepen
    ? shapeOfParts(batch, shrink(height, block), shrink(width, block), grow(depth, area))
    : shapeOfParts(batch, grow(height, block), grow(width, block), shrink(depth, area));
}

/** Block sizes in input 1, crops or paddings (two per block axis) in input 2. */
function batched(input: Shape, view: OperatorView, toSpace: boolean): Shape | null {
  const blocks = view.constant(1);
  const edges = view.constant(2);
  if (!blocks || edges?.length !== 2 * blocks.length || input.length <= blocks.length) return null;
  const volume = count(blocks);
  const sizes = input.slice(1, 1 + blocks.length).map((size, i) => {
    if (size < 0) return UNKNOWN;
    const edge = edges[2 * i]! + edges[2 * i + 1]!;
    return toSpace ? size * blocks[i]! - edge : (size + edge) / blocks[i]!;
  });
  const batch = input[0]! < 0 ? UNKNOWN : toSpace ? input[0]! / volume : input[0]! * volume;
  const shape = [batch, ...sizes, ...input.slice(1 + blocks.length)];
  return shape.every(Number.isInteger) ? shape : null;
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
