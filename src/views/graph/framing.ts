/** Which part of a scene a canvas shows: the first view of a picture, and what stays in place when it changes. */
import { MARGIN, MARGIN_ALONG, type View } from './camera';
import { nodeBox, type Box, type Scene } from './scene';
import { nodesToShow, type Selection } from './selection';

/** Width and height of a canvas in CSS pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Zoom at which a picture opens when it does not fit whole. */
const OPENING_ZOOM = 0.85;
const SMALLEST_FIT = 0.6;
/** Larger boxes, in scene pixels, are not read at once. */
const MOST_TALL = 1200;
const MOST_WIDE = 1600;

/** Where a picture opens that is too large to be seen whole: at its top. Null: whole, it is small enough. */
export function openingView({ bounds, layout }: Scene, { width, height }: Size): View | null {
  const { right, bottom } = bounds;
  const fit = Math.min((width - 2 * MARGIN) / right, (height - 2 * MARGIN_ALONG) / bottom);
  if (fit >= SMALLEST_FIT) return null;
  const first = layout.x.length > 0 ? topMiddle(layout) : right / 2;
  return { k: OPENING_ZOOM, x: width / 2 - OPENING_ZOOM * first, y: MARGIN_ALONG };
}

/** Middle of the first rank's nodes. */
function topMiddle({ rank, x, width }: Scene['layout']): number {
  let [sum, count] = [0, 0];
  rank.forEach((r, v) => {
    if (r !== 0) return;
    sum += x[v]!;
    count++;
  });
  return count === 0 ? width / 2 : sum / count;
}

/**
 * How far the node nearest to a point moved from one scene to the next, found again by kind and name; null where the
 * next one has none of the first.
 */
export function shiftOfNearest(
  before: Scene,
  after: Scene,
  x: number,
  y: number,
): { x: number; y: number } | null {
  let anchor = -1;
  let least = Infinity;
  const names = new Map(after.graph.nodes.map(({ name, kind }, v) => [`${kind} ${name}`, v]));
  before.graph.nodes.forEach(({ name, kind }, v) => {
    if (name === '' || !names.has(`${kind} ${name}`)) return;
    const distance = Math.hypot(before.layout.x[v]! - x, before.layout.y[v]! - y);
    if (distance < least) {
      least = distance;
      anchor = v;
    }
  });
  if (anchor === -1) return null;
  const { kind, name } = before.graph.nodes[anchor]!;
  const now = names.get(`${kind} ${name}`)!;
  return {
    x: after.layout.x[now]! - before.layout.x[anchor]!,
    y: after.layout.y[now]! - before.layout.y[anchor]!,
  };
}

/** What to bring into view for a selection; null where the scene does not show it. */
export function boxOfSelection(scene: Scene, selection: Selection): Box | null {
  const boxes = nodesToShow(scene.graph, selection).map((v) => nodeBox(scene, v));
  if (boxes.length === 0) return null;
  const box = boxes.reduce(unite);
  // Ends too far apart to read together: the first one.
  const isTooLarge = box.bottom - box.top > MOST_TALL || box.right - box.left > MOST_WIDE;
  return isTooLarge ? boxes[0]! : box;
}

function unite(a: Box, b: Box): Box {
  return {
    left: Math.min(a.left, b.left),
    top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right),
    bottom: Math.max(a.bottom, b.bottom),
  };
}

/** True when both views are the same. */
export function isSameView(a: View | null, b: View): boolean {
  return a !== null && a.x === b.x && a.y === b.y && a.k === b.k;
}

/** True when a box of the scene is on a canvas of that size whole, give or take a pixel. */
export function isInView(
  { left, top, right, bottom }: Box,
  { x, y, k }: View,
  { width, height }: Size,
): boolean {
  return (
    left * k + x >= -1 && right * k + x <= width + 1 && top * k + y >= -1 && bottom * k + y <= height + 1
  );
}

/** The part of a scene that a view shows. */
export function visibleBox({ x, y, k }: View, { width, height }: Size): Box {
  return { left: -x / k, top: -y / k, right: (width - x) / k, bottom: (height - y) / k };
}
