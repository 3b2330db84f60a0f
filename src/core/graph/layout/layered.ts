import { listEdges, type Adjacency } from './adjacency';
import { numberLinkPorts, type LinkPorts } from './link-ports';

/**
 * The graph made proper: every link joins neighbouring ranks. Vertices 0 to nodeCount - 1 are the nodes, the rest
 * are bends of long edges. Edges that leave one node by one port share their bends as far as they go together.
 */
export interface Layered {
  readonly nodeCount: number;
  readonly count: number;
  readonly rankCount: number;
  readonly rank: Int32Array;
  /** Ends of link l. */
  readonly upper: Int32Array;
  readonly lower: Int32Array;
  /** Where link l meets its ends, from their places; 0 at bends. */
  readonly upperOffset: Float64Array;
  readonly lowerOffset: Float64Array;
  /** Links to the rank below and above, by vertex, each vertex's in the order of its ports. */
  readonly below: Adjacency;
  readonly above: Adjacency;
  /** Ports at which links leave their upper end and reach their lower end. */
  readonly upperPorts: LinkPorts;
  readonly lowerPorts: LinkPorts;
  /** Vertices of rank r in order: `order[rankStart[r]]` to `order[rankStart[r + 1]]`. */
  readonly rankStart: Int32Array;
  readonly order: Int32Array;
  /** Place of each vertex within its rank. */
  readonly place: Int32Array;
  /** The last bend of edge e before its lower end, or -1 when it has none. */
  readonly lastBend: Int32Array;
  /** 1 where edge e was left without bends because there were too many. */
  readonly isUnrouted: Uint8Array;
}

/** Edges with their upper end first (reversed ones turned round); self loops are left out by `upper` -1. */
export interface DirectedEdges {
  readonly upper: Int32Array;
  readonly lower: Int32Array;
  /** Edges with the same upper end and the same trunk number share bends. */
  readonly trunk: Int32Array;
  /** Where edge e meets its upper and its lower end, from the places of those; one for all edges of a trunk. */
  readonly upperOffset: Float64Array;
  readonly lowerOffset: Float64Array;
}

/** Bends that a layout may hold: beyond this the longest edges go straight to their end. */
export function bendBudget(nodeCount: number): number {
  return 200_000 + 12 * nodeCount;
}

/** Adds the bends and lists the links. Vertices of a rank come in index order; `orderRanks` improves on that. */
export function makeLayered(nodeCount: number, nodeRank: Int32Array, edges: DirectedEdges): Layered {
  const sorted = sortByTrunk(nodeRank, edges);
  const isUnrouted = dropLongTrunks(sorted, nodeRank, edges, bendBudget(nodeCount));
  const rank: number[] = Array.from(nodeRank);
  const upper: number[] = [];
  const lower: number[] = [];
  const upperOffset: number[] = [];
  const lowerOffset: number[] = [];
  const lastBend = new Int32Array(edges.upper.length).fill(-1);

  let trunkEnd = -1;
  let trunkRank = 0;
  let previous = -1;
  for (const e of sorted) {
    const u = edges.upper[e]!;
    const w = edges.lower[e]!;
    if (isUnrouted[e]) continue;
    if (previous === -1 || edges.upper[previous] !== u || edges.trunk[previous] !== edges.trunk[e]) {
      trunkEnd = u;
      trunkRank = nodeRank[u]!;
    }
    while (trunkRank < nodeRank[w]! - 1) {
      upper.push(trunkEnd);
      lower.push(rank.length);
      upperOffset.push(trunkEnd === u ? edges.upperOffset[e]! : 0);
      lowerOffset.push(0);
      trunkEnd = rank.length;
      rank.push(++trunkRank);
    }
    // Two edges of one trunk to one node are one link: they lie on each other.
    const repeats =
      previous !== -1 &&
      edges.upper[previous] === u &&
      edges.trunk[previous] === edges.trunk[e] &&
      edges.lower[previous] === w;
    if (!repeats) {
      upper.push(trunkEnd);
      lower.push(w);
      upperOffset.push(trunkEnd === u ? edges.upperOffset[e]! : 0);
      lowerOffset.push(edges.lowerOffset[e]!);
    }
    if (trunkEnd !== u) lastBend[e] = trunkEnd;
    previous = e;
  }
  const links = {
    upper: Int32Array.from(upper),
    lower: Int32Array.from(lower),
    upperOffset: Float64Array.from(upperOffset),
    lowerOffset: Float64Array.from(lowerOffset),
  };
  return finish(nodeCount, Int32Array.from(rank), links, lastBend, isUnrouted);
}

function finish(
  nodeCount: number,
  rank: Int32Array,
  links: Pick<Layered, 'upper' | 'lower' | 'upperOffset' | 'lowerOffset'>,
  lastBend: Int32Array,
  isUnrouted: Uint8Array,
): Layered {
  const count = rank.length;
  let rankCount = 0;
  for (const r of rank) rankCount = Math.max(rankCount, r + 1);
  const { start: rankStart, edges: order } = listEdges(rankCount, rank);
  const place = new Int32Array(count);
  for (let i = 0; i < count; i++) place[order[i]!] = i - rankStart[rank[order[i]!]!]!;
  const below = listEdges(count, links.upper);
  const above = listEdges(count, links.lower);
  return {
    nodeCount,
    count,
    rankCount,
    rank,
    ...links,
    below,
    above,
    upperPorts: numberLinkPorts(below, links.upperOffset),
    lowerPorts: numberLinkPorts(above, links.lowerOffset),
    rankStart,
    order,
    place,
    lastBend,
    isUnrouted,
  };
}

/** Edges by upper end, trunk, and rank of the lower end. */
function sortByTrunk(nodeRank: Int32Array, { upper, lower, trunk }: DirectedEdges): Int32Array {
  const ids: number[] = [];
  for (let e = 0; e < upper.length; e++) if (upper[e]! >= 0) ids.push(e);
  return Int32Array.from(ids).sort(
    (a, b) =>
      upper[a]! - upper[b]! ||
      trunk[a]! - trunk[b]! ||
      nodeRank[lower[a]!]! - nodeRank[lower[b]!]! ||
      lower[a]! - lower[b]! ||
      a - b,
  );
}

/** Marks the edges of the longest spans when all bends together would be more than the budget. */
function dropLongTrunks(
  sorted: Int32Array,
  nodeRank: Int32Array,
  { upper, lower, trunk }: DirectedEdges,
  budget: number,
): Uint8Array {
  const isUnrouted = new Uint8Array(upper.length);
  const span = (e: number) => nodeRank[lower[e]!]! - nodeRank[upper[e]!]!;
  let total = 0;
  const lengths: number[] = [];
  for (let i = 0; i < sorted.length; i++) {
    const e = sorted[i]!;
    const next = sorted[i + 1];
    // The last edge of a trunk is its longest.
    if (next === undefined || upper[next] !== upper[e] || trunk[next] !== trunk[e]) {
      total += span(e) - 1;
      lengths.push(span(e) - 1);
    }
  }
  if (total <= budget) return isUnrouted;
  lengths.sort((a, b) => a - b);
  let spent = 0;
  let limit = 0;
  for (const length of lengths) {
    spent += length;
    if (spent > budget) break;
    limit = length;
  }
  for (const e of sorted) if (span(e) - 1 > limit) isUnrouted[e] = 1;
  return isUnrouted;
}
