/** Arithmetic on shapes in which -1 is an unknown size. Nothing here throws: what does not fit together gives null. */
import type { Shape } from './spec';

export const UNKNOWN = -1;

/** Product of two sizes; unknown when one is and the other is not zero. */
export function times(a: number, b: number): number {
  if (a === 0 || b === 0) return 0;
  return a < 0 || b < 0 ? UNKNOWN : a * b;
}

/** Sum of two sizes; unknown when one is. */
export function plus(a: number, b: number): number {
  return a < 0 || b < 0 ? UNKNOWN : a + b;
}

/** Number of elements, -1 when unknown. A scalar has one. */
export function count(shape: Shape): number {
  return shape.reduce(times, 1);
}

/** Number of elements with unknown sizes taken as 1. */
export function countAtLeast(shape: Shape): number {
  return shape.reduce((product, size) => product * (size < 0 ? 1 : size), 1);
}

/** An axis counted from the front, or null when it lies outside. */
export function frontAxis(axis: number | undefined, rank: number): number | null {
  if (axis === undefined || !Number.isInteger(axis) || axis < -rank || axis >= rank) return null;
  return axis < 0 ? axis + rank : axis;
}

/** The shape with another size at `axis`. */
export function withSize(shape: Shape, axis: number, size: number): Shape {
  return shape.map((old, i) => (i === axis ? size : old));
}

/** The shape without `axis`. */
export function withoutAxis(shape: Shape, axis: number): Shape {
  return shape.filter((_, i) => i !== axis);
}

/** The shape with a new size in front of `axis`. */
export function withNewAxis(shape: Shape, axis: number, size: number): Shape {
  return [...shape.slice(0, axis), size, ...shape.slice(axis)];
}

/** A shape of known parts, or null when one of them is null. */
export function shapeOfParts(...parts: readonly (number | null | undefined)[]): Shape | null {
  const shape: number[] = [];
  for (const part of parts) {
    if (part === null || part === undefined) return null;
    shape.push(part);
  }
  return shape;
}

/** One size that two operands share: an unknown one gives way to a known one; null when they differ. */
export function sharedSize(a: number, b: number): number | null {
  if (a < 0) return b;
  return b < 0 || a === b ? a : null;
}

function broadcastSize(a: number, b: number): number | null {
  if (a === 1) return b;
  if (b === 1) return a;
  return sharedSize(a, b);
}

/** NumPy broadcasting; null when the shapes do not fit or one is missing. */
export function broadcast(...shapes: readonly (Shape | null | undefined)[]): Shape | null {
  let result: Shape = [];
  for (const shape of shapes) {
    if (!shape) return null;
    const rank = Math.max(result.length, shape.length);
    const next: number[] = [];
    for (let i = 0; i < rank; i++) {
      const a = result[result.length - rank + i] ?? 1;
      const b = shape[shape.length - rank + i] ?? 1;
      const size = broadcastSize(a, b);
      if (size === null) return null;
      next.push(size);
    }
    result = next;
  }
  return result;
}

/**
 * Size of one output dimension of a sliding window, as in TensorFlow: SAME gives ceil(input / stride), VALID
 * the number of windows that fit. Null when there is none or a setting is not positive.
 */
export function slidingSize(
  input: number | undefined,
  filter: number | undefined,
  stride: number,
  dilation: number,
  padding: string,
): number | null {
  if (input === undefined || filter === undefined || stride < 1 || dilation < 1) return null;
  if (input < 0 || filter < 0) return UNKNOWN;
  if (padding === 'SAME') return Math.ceil(input / stride);
  const reach = (filter - 1) * dilation + 1;
  return reach > input ? null : Math.floor((input - reach) / stride) + 1;
}
