import { assignCoordinates } from './coordinates';
import { makeLayered, type Layered } from './layered';
import { orderRanks } from './order';
import { assignRanks } from './ranks';
import { routeEdges } from './routes';

const NODE_GAP = 36;
const BEND_GAP = 18;
/** Least room between ranks for edges to bend in, more where they go far to the side. */
const BEND_ROOM = 12;
const BEND_SLOPE = 0.12;
const MAX_BEND_ROOM = 110;

/** What is laid out at once: the parts of one frame, or of the whole graph. Lengths are along or across the ranks. */
export interface Level {
  readonly count: number;
  /** -1 for a part that stands above all others, 1 for one below them, 0 for the rest. */
  readonly side: Int8Array;
  readonly depth: Float64Array;
  /** How far a part reaches to the left and right of its place, with its labels. */
  readonly left: Float64Array;
  readonly right: Float64Array;
  /** Room kept below a part for the labels of what leaves it. */
  readonly band: Float64Array;
  /** Ends of edge e as they are, and turned so that the upper one is above (-1 for a self loop). */
  readonly from: Int32Array;
  readonly upper: Int32Array;
  readonly lower: Int32Array;
  readonly isReversed: Uint8Array;
  /** Edges of one upper end and one trunk share their way. */
  readonly trunk: Int32Array;
  readonly upperOffset: Float64Array;
  readonly lowerOffset: Float64Array;
}

export interface LaidLevel {
  /** Place of each part across the ranks; middle along them. */
  readonly across: Float64Array;
  readonly along: Float64Array;
  readonly rank: Int32Array;
  /** Length along the ranks and span across them, from 0. */
  readonly length: number;
  readonly span: number;
  /** Pairs of (across, along) of every edge, from its source to its target. */
  readonly pointStart: Int32Array;
  readonly points: Float64Array;
  readonly crossings: number;
  readonly unroutedCount: number;
}

/** Ranks, orders, places and routes the parts of one level. Edges must not form cycles. */
export function layoutLevel(level: Level): LaidLevel {
  const { count, depth, left, right, upper, lower } = level;
  const rank = rankParts(level);
  const layered = makeLayered(count, rank, level);
  const crossings = orderRanks(layered);
  const across = assignCoordinates(layered, {
    left: extend(left, layered.count),
    right: extend(right, layered.count),
    nodeGap: NODE_GAP,
    bendGap: BEND_GAP,
  });
  const ranks = placeRanks(layered, level, across);
  const routes = routeEdges({
    layered,
    upper,
    lower,
    isReversed: level.isReversed,
    edgeFrom: level.from,
    upperOffset: level.upperOffset,
    lowerOffset: level.lowerOffset,
    across,
    along: ranks.along,
    depth,
    reach: right,
    rankTop: ranks.top,
    rankEnd: ranks.end,
  });
  let span = 0;
  for (let v = 0; v < layered.count; v++) span = Math.max(span, across[v]! + (v < count ? right[v]! : 0));
  return {
    across: across.slice(0, count),
    along: ranks.along,
    rank,
    length: ranks.length,
    span,
    pointStart: routes.pointStart,
    points: routes.points,
    crossings,
    unroutedCount: layered.isUnrouted.reduce((sum, flag) => sum + flag, 0),
  };
}

/** Ranks of the parts, those of a side above or below all others. */
function rankParts({ count, side, upper, lower }: Level): Int32Array {
  const [innerUpper, innerLower]: [number[], number[]] = [[], []];
  for (let e = 0; e < upper.length; e++) {
    const [u, w] = [upper[e]!, lower[e]!];
    if (u < 0 || side[u] !== 0 || side[w] !== 0) continue;
    innerUpper.push(u);
    innerLower.push(w);
  }
  const rank = assignRanks(count, Int32Array.from(innerUpper), Int32Array.from(innerLower));
  const hasUpper = side.includes(-1);
  let last = 0;
  for (let v = 0; v < count; v++) if (side[v] === 0) last = Math.max(last, (rank[v]! += hasUpper ? 1 : 0));
  for (let v = 0; v < count; v++) if (side[v] !== 0) rank[v] = side[v] === -1 ? 0 : last + 1;
  return rank;
}

function extend(list: Float64Array, count: number): Float64Array {
  const extended = new Float64Array(count);
  extended.set(list);
  return extended;
}

/** Centres of the parts along the ranks, where each rank begins and ends, and the length of all. */
function placeRanks(layered: Layered, { depth, band }: Level, across: Float64Array) {
  const { rankCount, rank, nodeCount, upper, lower } = layered;
  const thickness = new Float64Array(rankCount);
  const bands = new Float64Array(rankCount);
  const shift = new Float64Array(rankCount);
  for (let v = 0; v < nodeCount; v++) {
    const r = rank[v]!;
    thickness[r] = Math.max(thickness[r]!, depth[v]!);
    bands[r] = Math.max(bands[r]!, band[v]!);
  }
  for (let l = 0; l < upper.length; l++) {
    const r = rank[upper[l]!]!;
    shift[r] = Math.max(shift[r]!, Math.abs(across[upper[l]!]! - across[lower[l]!]!));
  }
  const top = new Float64Array(rankCount);
  const end = new Float64Array(rankCount);
  let cursor = 0;
  for (let r = 0; r < rankCount; r++) {
    top[r] = cursor;
    end[r] = cursor + thickness[r]! + bands[r]!;
    cursor = end[r]! + Math.min(MAX_BEND_ROOM, BEND_ROOM + BEND_SLOPE * shift[r]!);
  }
  const along = new Float64Array(nodeCount);
  for (let v = 0; v < nodeCount; v++) along[v] = top[rank[v]!]! + thickness[rank[v]!]! / 2;
  const last = rankCount - 1;
  return { along, top, end, length: rankCount === 0 ? 0 : top[last]! + thickness[last]! };
}
