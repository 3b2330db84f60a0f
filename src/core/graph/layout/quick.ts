import { findReversedEdges } from './acyclic';
import { assignRanks } from './ranks';
import type { Layout, LayoutRequest } from './types';

const GAP = 36;
const RANK_GAP = 40;

/**
 * A layout to look at while `layoutGraph` works: nodes in rows by rank, in the order of their numbers, edges straight,
 * frames left out. Takes a fraction of the time.
 */
export function quickLayout(request: LayoutRequest): Layout {
  const { direction, widths, heights, edgeFrom, edgeTo } = request;
  const count = widths.length;
  const isDown = direction === 'down';
  const [depth, breadth] = isDown ? [heights, widths] : [widths, heights];
  const isReversed = findReversedEdges(count, edgeFrom, edgeTo);
  const inner = [...edgeFrom.keys()].filter((e) => edgeFrom[e] !== edgeTo[e]);
  const end = (e: number, isUpper: boolean) =>
    isUpper === (isReversed[e] === 0) ? edgeFrom[e]! : edgeTo[e]!;
  const rank = assignRanks(
    count,
    Int32Array.from(inner, (e) => end(e, true)),
    Int32Array.from(inner, (e) => end(e, false)),
  );
  const rankCount = rank.reduce((most, r) => Math.max(most, r + 1), 0);
  const thickness = new Float64Array(rankCount);
  const row = new Float64Array(rankCount);
  const across = new Float64Array(count);
  for (let v = 0; v < count; v++) {
    const r = rank[v]!;
    thickness[r] = Math.max(thickness[r]!, depth[v]!);
    across[v] = row[r]! + breadth[v]! / 2;
    row[r]! += breadth[v]! + GAP;
  }
  const span = row.reduce((most, length) => Math.max(most, length - GAP), 0);
  const top = new Float64Array(rankCount + 1);
  for (let r = 0; r < rankCount; r++) top[r + 1] = top[r]! + thickness[r]! + RANK_GAP;
  const along = new Float64Array(count);
  for (let v = 0; v < count; v++) {
    along[v] = top[rank[v]!]! + thickness[rank[v]!]! / 2;
    across[v]! += (span - (row[rank[v]!]! - GAP)) / 2;
  }
  const x = isDown ? across : along;
  const y = isDown ? along : across;
  const points = new Float64Array(4 * edgeFrom.length);
  for (let e = 0; e < edgeFrom.length; e++) {
    const [v, w] = [edgeFrom[e]!, edgeTo[e]!];
    points.set([x[v]!, y[v]!, x[w]!, y[w]!], 4 * e);
  }
  const length = Math.max(0, top[rankCount]! - RANK_GAP);
  return {
    direction,
    x,
    y,
    width: isDown ? span : length,
    height: isDown ? length : span,
    pointStart: Int32Array.from({ length: edgeFrom.length + 1 }, (_, e) => 2 * e),
    points,
    labelX: new Float64Array(edgeFrom.length),
    labelY: new Float64Array(edgeFrom.length),
    frameBounds: new Float64Array(0),
    rank,
    isReversed,
    unroutedCount: 0,
    crossings: 0,
  };
}
