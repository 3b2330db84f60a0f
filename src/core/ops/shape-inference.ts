/** Output shapes of the operators that rearrange, repeat or resize. */
import { optionsOf } from './operator-view';
import { count, frontAxis, shapeOfParts, times, UNKNOWN, withSize } from './shape-math';
import type { OperatorView, Shape } from './spec';

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
export function reshaped(input: Shape, view: OperatorView): Shape | null {
  if (view.inputShapes[1]?.length === 1) {
    const target = view.constant(1);
    return target && resolvedShape(input, target);
  }
  const target = Array.from(optionsOf(view, 'ReshapeOptions')?.newShape ?? []);
  return resolvedShape(input, target.length === 1 && target[0] === 0 ? [] : target);
}

/** Without the listed axes, or without all axes of size 1; null where an unknown size could be one of them. */
export function squeezed(input: Shape, view: OperatorView): Shape | null {
  const dims = optionsOf(view, 'SqueezeOptions')?.squeezeDims ?? [];
  if (dims.length === 0) return input.includes(UNKNOWN) ? null : input.filter((size) => size !== 1);
  const gone = new Set(Array.from(dims, (axis) => frontAxis(axis, input.length)));
  return input.filter((_, i) => !gone.has(i));
}

/** Input 1 lists what is added before and after each axis. */
export function padded(input: Shape, view: OperatorView): Shape | null {
  const amounts = view.constant(1);
  if (amounts?.length !== 2 * input.length) return null;
  return input.map((size, i) => (size < 0 ? size : size + amounts[2 * i]! + amounts[2 * i + 1]!));
}

/** Input 1 is [height, width]; the rest stays. */
export function resized(input: Shape, view: OperatorView): Shape | null {
  const size = view.constant(1);
  return input.length === 4 ? shapeOfParts(input[0], size?.[0], size?.[1], input[3]) : null;
}

/** The axes in the order of input 1. */
export function transposed(input: Shape, view: OperatorView): Shape | null {
  const order = view.constant(1);
  return order?.length === input.length ? shapeOfParts(...order.map((axis) => input[axis])) : null;
}

/** Moves blocks of space into depth (`deepen`) or back; null where the block does not divide the sizes. */
export function reblocked(input: Shape, block: number, deepen: boolean): Shape | null {
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
export function batched(input: Shape, view: OperatorView, toSpace: boolean): Shape | null {
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
