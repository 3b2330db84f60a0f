/** From one picture of a graph to another with other groups open: everything moves from where it was. */
import type { DrawnGraph } from '../../core/graph/groups-draw';
import { frameBox, groupBox, nodeBox, type Box, type Scene } from './scene';

const DURATION_MS = 180;
/** Pictures with more on screen than this are swapped. */
const MOST_MOVING = 6000;

export interface Transition {
  /** What is to be painted at a time; null when the move is over. */
  at(now: number): Scene | null;
}

/** How far the old picture is shifted, so that what holds still in both has the same place. */
export interface Shift {
  readonly x: number;
  readonly y: number;
}

/**
 * A move from `before` to `after` in the time of 180 ms, or null where too much would move. Only what meets `visible`
 * (a box of the new picture) before or after is moved, the rest is left out. What was hidden in a group comes out of it;
 * a group that closes stands where its corner was.
 */
export function makeTransition(
  before: Scene,
  after: Scene,
  shift: Shift,
  visible: Box,
  start: number,
): Transition | null {
  const [old, drawn] = [before.drawn, after.drawn];
  if (!old || !drawn || old.whole !== drawn.whole) return null;
  const { layout, graph } = after;
  const first = firstShown(drawn);
  const nodes: number[] = [];
  const deltaX = new Float64Array(graph.nodes.length);
  const deltaY = new Float64Array(graph.nodes.length);
  graph.nodes.forEach((_, v) => {
    const from = placeBefore(before, old, after, v, first[v]!);
    deltaX[v] = from.x + shift.x - layout.x[v]!;
    deltaY[v] = from.y + shift.y - layout.y[v]!;
    const box = nodeBox(after, v);
    if (meets(box, visible) || meets(moved(box, deltaX[v], deltaY[v]), visible)) nodes.push(v);
  });
  if (nodes.length > MOST_MOVING) return null;
  const isMoving = new Uint8Array(graph.nodes.length);
  for (const v of nodes) isMoving[v] = 1;
  const edges = new Set<number>();
  graph.edgeFrom.forEach((v, e) => {
    if (isMoving[v] || isMoving[graph.edgeTo[e]!]) edges.add(e);
  });
  after.edgeIndex.search(visible.left, visible.top, visible.right, visible.bottom, (e) => edges.add(e));
  const framesBefore = new Float64Array(layout.frameBounds.length);
  for (let f = 0; 4 * f < framesBefore.length; f++) {
    const box = groupBox(before, drawn.frames[f]!) ?? outerBox(before, drawn, drawn.frames[f]!);
    const { left, top, right, bottom } = box ? moved(box, shift.x, shift.y) : frameBox(after, f);
    framesBefore.set([left, top, right, bottom], 4 * f);
  }

  const moving = {
    ...layout,
    x: layout.x.slice(),
    y: layout.y.slice(),
    points: layout.points.slice(),
    labelX: layout.labelX.slice(),
    labelY: layout.labelY.slice(),
    frameBounds: layout.frameBounds.slice(),
  };
  const scene: Scene = {
    ...after,
    layout: moving,
    nodeIndex: { search: (_l, _t, _r, _b, visit) => nodes.forEach(visit) },
    edgeIndex: { search: (_l, _t, _r, _b, visit) => edges.forEach((e) => visit(e)) },
  };
  return {
    at(now) {
      const t = (now - start) / DURATION_MS;
      if (t >= 1) return null;
      const rest = (1 - Math.max(0, t)) ** 3;
      for (const v of nodes) {
        moving.x[v] = layout.x[v]! + rest * deltaX[v]!;
        moving.y[v] = layout.y[v]! + rest * deltaY[v]!;
      }
      for (const e of edges) moveEdge(e, rest);
      for (let i = 0; i < framesBefore.length; i++) {
        moving.frameBounds[i] = layout.frameBounds[i]! + rest * (framesBefore[i]! - layout.frameBounds[i]!);
      }
      return scene;
    },
  };

  /** The points of an edge follow its ends, those in the middle both of them. */
  function moveEdge(e: number, rest: number): void {
    const [v, w] = [graph.edgeFrom[e]!, graph.edgeTo[e]!];
    const from = layout.pointStart[e]!;
    const last = layout.pointStart[e + 1]! - 1;
    for (let i = from; i <= last; i++) {
      const share = last === from ? 0 : (i - from) / (last - from);
      moving.points[2 * i] = layout.points[2 * i]! + rest * ((1 - share) * deltaX[v]! + share * deltaX[w]!);
      moving.points[2 * i + 1] =
        layout.points[2 * i + 1]! + rest * ((1 - share) * deltaY[v]! + share * deltaY[w]!);
    }
    moving.labelX[e] = layout.labelX[e]! + rest * deltaX[v]!;
    moving.labelY[e] = layout.labelY[e]! + rest * deltaY[v]!;
  }
}

/** Centre that node v of the new picture had in the old one: its own, that of the group that hid it, or its corner's. */
function placeBefore(before: Scene, old: DrawnGraph, after: Scene, v: number, first: number) {
  const node = after.graph.nodes[v]!;
  if (node.kind === 'group') {
    const box = groupBox(before, node.index);
    if (box) {
      const now = nodeBox(after, v);
      return {
        x: box.left + (now.right - now.left) / 2,
        y: box.top + (now.bottom - now.top) / 2,
      };
    }
  }
  const u = old.shownBy[first]!;
  return { x: before.layout.x[u]!, y: before.layout.y[u]! };
}

/** Box that a group came out of: that of the innermost group around it which the old picture shows. */
function outerBox(before: Scene, { groups }: DrawnGraph, group: number): Box | null {
  for (let g = groups.list[group]!.parent; g >= 0; g = groups.list[g]!.parent) {
    const box = groupBox(before, g);
    if (box) return box;
  }
  return null;
}

/** For each node of a drawn graph the first node of the whole one that it shows. */
export function firstShown({ shownBy, nodes }: DrawnGraph): Int32Array {
  const first = new Int32Array(nodes.length).fill(-1);
  shownBy.forEach((v, whole) => {
    if (first[v] === -1) first[v] = whole;
  });
  return first;
}

/**
 * The shift between two pictures that keeps a group's corner in place, or, without one, the node nearest to a point of
 * the old picture. Null where they have nothing in common.
 */
export function shiftBetween(before: Scene, after: Scene, group: number, x: number, y: number): Shift | null {
  const [old, now] = [groupBox(before, group), groupBox(after, group)];
  if (old && now) return { x: now.left - old.left, y: now.top - old.top };
  if (!before.drawn || !after.drawn || before.drawn.whole !== after.drawn.whole) return null;
  let least = Infinity;
  let nearest = -1;
  before.drawn.shownBy.forEach((v, whole) => {
    const distance = Math.hypot(before.layout.x[v]! - x, before.layout.y[v]! - y);
    if (distance >= least) return;
    least = distance;
    nearest = whole;
  });
  if (nearest === -1) return null;
  const [u, v] = [before.drawn.shownBy[nearest]!, after.drawn.shownBy[nearest]!];
  return { x: after.layout.x[v]! - before.layout.x[u]!, y: after.layout.y[v]! - before.layout.y[u]! };
}

function meets(a: Box, b: Box): boolean {
  return a.left <= b.right && a.right >= b.left && a.top <= b.bottom && a.bottom >= b.top;
}

function moved({ left, top, right, bottom }: Box, x: number, y: number): Box {
  return { left: left + x, top: top + y, right: right + x, bottom: bottom + y };
}
