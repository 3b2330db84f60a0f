/** From coordinates of vertices to the points of every edge. */
import type { Layered } from './layered';

export interface RouteInput {
  readonly layered: Layered;
  /** Upper and lower end of each edge; -1 for a self loop. */
  readonly upper: Int32Array;
  readonly lower: Int32Array;
  readonly isReversed: Uint8Array;
  readonly edgeFrom: Int32Array;
  /** Across the ranks: where edge e meets its upper and its lower end, from the place of that vertex. */
  readonly upperOffset: Float64Array;
  readonly lowerOffset: Float64Array;
  /** Across the ranks: place of every vertex. Along the ranks: centre of every node. */
  readonly across: Float64Array;
  readonly along: Float64Array;
  /** Size of node i along the ranks, and how far it reaches to the right of its place. */
  readonly depth: Float64Array;
  readonly reach: Float64Array;
  /** Where the nodes of rank r begin, and where its nodes with their labels end. */
  readonly rankTop: Float64Array;
  readonly rankEnd: Float64Array;
}

export interface Routes {
  readonly pointStart: Int32Array;
  /** Pairs of (across, along). */
  readonly points: Float64Array;
}

/** How far a self loop reaches out of its node. */
const LOOP_REACH = 14;
/** Steps smaller than this are due to rounding. */
const UNSEEN = 1e-3;

/** Points of every edge from its source to its target: it runs straight through ranks and bends between them. */
export function routeEdges(input: RouteInput): Routes {
  const { upper, isReversed, edgeFrom } = input;
  const runTop = findRuns(input);
  const pointStart = new Int32Array(edgeFrom.length + 1);
  const points: number[] = [];
  const path: number[] = [];
  for (let e = 0; e < edgeFrom.length; e++) {
    path.length = 0;
    if (upper[e]! < 0) traceLoop(input, edgeFrom[e]!, path);
    else traceDown(input, runTop, e, path);
    const size = path.length / 2;
    for (let i = 0; i < size; i++) {
      const k = isReversed[e] ? size - 1 - i : i;
      points.push(path[2 * k]!, path[2 * k + 1]!);
    }
    pointStart[e + 1] = pointStart[e]! + size;
  }
  return { pointStart, points: Float64Array.from(points) };
}

/** For each bend, the highest bend of the straight run it belongs to. Bends have higher numbers than those above. */
function findRuns({ layered, across }: RouteInput): Int32Array {
  const { nodeCount, count, above, upper } = layered;
  const runTop = new Int32Array(count);
  for (let v = nodeCount; v < count; v++) {
    const parent = upper[above.edges[above.start[v]!]!]!;
    runTop[v] = parent >= nodeCount && across[parent] === across[v] ? runTop[parent]! : v;
  }
  return runTop;
}

function traceDown(input: RouteInput, runTop: Int32Array, e: number, path: number[]): void {
  const { layered, upper, lower, upperOffset, lowerOffset, across, along, depth, rankTop, rankEnd } = input;
  const { rank, nodeCount, above, lastBend } = layered;
  const u = upper[e]!;
  const w = lower[e]!;
  const start = across[u]! + upperOffset[e]!;
  const end = across[w]! + lowerOffset[e]!;
  addPoint(path, start, along[u]! + depth[u]! / 2);
  addPoint(path, start, rankEnd[rank[u]!]!);
  const runs: number[] = [];
  for (let bend = lastBend[e]!; bend >= nodeCount;) {
    const top = runTop[bend]!;
    runs.push(bend, top);
    bend = layered.upper[above.edges[above.start[top]!]!]!;
  }
  for (let i = runs.length - 2; i >= 0; i -= 2) {
    const bottom = runs[i]!;
    addPoint(path, across[bottom]!, rankTop[rank[runs[i + 1]!]!]!);
    addPoint(path, across[bottom]!, rankEnd[rank[bottom]!]!);
  }
  addPoint(path, end, rankTop[rank[w]!]!);
  addPoint(path, end, along[w]! - depth[w]! / 2);
}

function traceLoop({ across, along, depth, reach }: RouteInput, v: number, path: number[]): void {
  addPoint(path, across[v]!, along[v]! + depth[v]! / 2);
  addPoint(path, across[v]! + reach[v]! + LOOP_REACH, along[v]!);
  addPoint(path, across[v]!, along[v]! - depth[v]! / 2);
}

/** Appends a point; the middle one of three in a straight line is dropped, and what leans unseen stands straight. */
function addPoint(path: number[], place: number, along: number): void {
  const n = path.length;
  const across = n >= 2 && Math.abs(path[n - 2]! - place) < UNSEEN ? path[n - 2]! : place;
  if (n >= 4 && path[n - 2] === across && path[n - 4] === across) path[n - 1] = along;
  else if (n < 2 || path[n - 2] !== across || path[n - 1] !== along) path.push(across, along);
}
