/** Which part of a scene a canvas shows: the first view of a picture, and what stays in place when it changes. */
import { MARGIN, type View } from './camera';
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

/**
 * Where a picture opens that is too large to be seen whole: at its top. Null: whole, it is small enough. `roomAlong` is
 * what stays free above and below, in screen pixels.
 */
export function openingView(
  { bounds, layout }: Scene,
  { width, height }: Size,
  roomAlong: number,
): View | null {
  const { right, bottom } = bounds;
  const fit = Math.min((width - 2 * MARGIN) / right, (height - 2 * roomAlong) / bottom);
  if (fit >= SMALLEST_FIT) return null;
  const first = layout.x.length > 0 ? topMiddle(layout, width / OPENING_ZOOM) : right / 2;
  // Nothing is cut at a side that has room, and no side is empty beyond the graph.
  const rest = width - MARGIN - OPENING_ZOOM * right;
  const x = Math.max(
    Math.min(MARGIN, rest),
    Math.min(Math.max(MARGIN, rest), width / 2 - OPENING_ZOOM * first),
  );
  return { k: OPENING_ZOOM, x, y: roomAlong };
}

/** Middle of the first rank's nodes; where they are farther apart than `most`, the place of the middle one. */
function topMiddle({ rank, x, width }: Scene['layout'], most: number): number {
  const places = Array.from(x.filter((_, v) => rank[v] === 0)).sort((a, b) => a - b);
  const [first, last] = [places[0], places.at(-1)];
  if (first === undefined || last === undefined) return width / 2;
  if (last - first > most) return places[places.length >> 1]!;
  return places.reduce((sum, place) => sum + place, 0) / places.length;
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

/** True where a view shows all of a scene so small that it is lost on the canvas. */
export function isSpeck({ bounds }: Scene, { k }: View, { width, height }: Size): boolean {
  return k < 0.5 && bounds.right * k < 0.4 * width && bounds.bottom * k < 0.4 * height;
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
