import { HEADER_HEIGHT, ROW_HEIGHT } from './cards';
import { TITLE_HEIGHT } from './group-card';
import { frameBox, frameCount, nodeBox, type Scene } from './scene';

/** What lies under a point. */
export type Hit =
  | {
      readonly kind: 'node';
      readonly node: number;
      /** Constant of the row hit, or null. */
      readonly tensor: number | null;
      /** Subgraph that the row hit leads to. */
      readonly subgraph?: number;
    }
  | { readonly kind: 'edge'; readonly edge: number }
  /** Title strip of an expanded group, by its number among the frames. */
  | { readonly kind: 'frame'; readonly frame: number };

/** True when both are the same node and row, the same edge, or the same title. */
export function isSameHit(a: Hit, b: Hit | null): boolean {
  if (a.kind === 'node')
    return b?.kind === 'node' && a.node === b.node && a.tensor === b.tensor && a.subgraph === b.subgraph;
  if (a.kind === 'frame') return b?.kind === 'frame' && a.frame === b.frame;
  return b?.kind === 'edge' && a.edge === b.edge;
}

const LABEL_HALF_HEIGHT = 8;
/** Steps in which a bend is looked at. */
const CURVE_STEPS = 8;

/** Finds the node or title at a point of the scene, else the nearest edge (or its label) within `reach`. */
export function hitScene(scene: Scene, x: number, y: number, reach: number): Hit | null {
  let node = -1;
  scene.nodeIndex.search(x, y, x, y, (v) => (node = Math.max(node, v)));
  if (node !== -1) return { kind: 'node', node, ...rowAt(scene, node, y) };
  for (let f = frameCount(scene) - 1; f >= 0; f--) {
    const { left, top, right } = frameBox(scene, f);
    if (x >= left && x <= right && y >= top && y <= top + TITLE_HEIGHT) return { kind: 'frame', frame: f };
  }
  let nearest = reach;
  let edge = -1;
  scene.edgeIndex.search(x - reach, y - reach, x + reach, y + reach, (e) => {
    const distance = Math.min(distanceToLabel(scene, e, x, y), distanceToEdge(scene, e, x, y));
    if (distance < nearest || (distance === nearest && e < edge)) {
      nearest = distance;
      edge = e;
    }
  });
  return edge === -1 ? null : { kind: 'edge', edge };
}

function rowAt(scene: Scene, node: number, y: number): { tensor: number | null; subgraph?: number } {
  const row = Math.floor((y - nodeBox(scene, node).top - HEADER_HEIGHT) / ROW_HEIGHT);
  const { tensor = null, subgraph } = scene.cards.card[node]!.rows[row] ?? {};
  return subgraph === undefined ? { tensor } : { tensor, subgraph };
}

function distanceToLabel({ layout, cards }: Scene, e: number, x: number, y: number): number {
  const width = cards.labelWidths[e]!;
  const inside =
    width > 0 &&
    x >= layout.labelX[e]! &&
    x <= layout.labelX[e]! + width &&
    Math.abs(y - layout.labelY[e]!) <= LABEL_HALF_HEIGHT;
  return inside ? 0 : Infinity;
}

function distanceToEdge({ layout }: Scene, e: number, x: number, y: number): number {
  const { points, pointStart, direction } = layout;
  let least = Infinity;
  for (let i = pointStart[e]!; i + 1 < pointStart[e + 1]!; i++) {
    const [x0, y0, x1, y1] = [points[2 * i]!, points[2 * i + 1]!, points[2 * i + 2]!, points[2 * i + 3]!];
    const bends = direction === 'down' ? x0 !== x1 : y0 !== y1;
    const steps = bends ? CURVE_STEPS : 1;
    let [fromX, fromY] = [x0, y0];
    for (let step = 1; step <= steps; step++) {
      const t = step / steps;
      // The cubic that `traceEdge` draws: both control points half way along the direction.
      const ease = t * t * (3 - 2 * t);
      const along = steps === 1 ? t : 1.5 * t * (1 - t) + t * t * t;
      const toX = x0 + (x1 - x0) * (direction === 'down' ? ease : along);
      const toY = y0 + (y1 - y0) * (direction === 'down' ? along : ease);
      least = Math.min(least, distanceToSegment(x, y, fromX, fromY, toX, toY));
      [fromX, fromY] = [toX, toY];
    }
  }
  return least;
}

function distanceToSegment(x: number, y: number, x0: number, y0: number, x1: number, y1: number): number {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const squared = dx * dx + dy * dy;
  const t = squared === 0 ? 0 : Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / squared));
  return Math.hypot(x - x0 - t * dx, y - y0 - t * dy);
}
