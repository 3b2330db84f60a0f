import { findReversedEdges } from './acyclic';
import { assignCoordinates } from './coordinates';
import { makeLayered, type Layered } from './layered';
import { orderRanks } from './order';
import { placePorts, type Ports } from './ports';
import { assignRanks } from './ranks';
import { routeEdges } from './routes';
import type { Layout, LayoutRequest } from './types';

const NODE_GAP = 36;
const BEND_GAP = 18;
/** Room under the nodes of a rank for the labels of what leaves them. */
const LABEL_BAND = 22;
/** Least room between ranks for edges to bend in, more where they go far to the side. */
const BEND_ROOM = 12;
const BEND_SLOPE = 0.12;
const MAX_BEND_ROOM = 110;
const LABEL_INSET = 8;

/**
 * Layered layout: break cycles, rank, add bends for long edges, order the ranks, place. Every edge but those that
 * close a cycle goes to a higher rank; nodes never overlap; the same request gives the same result. Edges with an
 * end outside 0..n-1 keep no points. Linear in nodes and bends apart from sorting; nothing recurses.
 */
export function layoutGraph(request: LayoutRequest): Layout {
  const { direction, widths, heights, edgeFrom, edgeTo } = request;
  const count = widths.length;
  const depth = direction === 'down' ? heights : widths;
  const breadth = direction === 'down' ? widths : heights;

  const isReversed = findReversedEdges(count, edgeFrom, edgeTo);
  const edges = directEdges(request, isReversed);
  const inner = withoutLoops(edges);
  const nodeRank = assignRanks(count, inner.upper, inner.lower);
  const layered = makeLayered(count, nodeRank, edges);
  const crossings = orderRanks(layered);

  const ports = placePorts(request);
  const across = assignCoordinates(layered, {
    left: extend(layered.count, breadth, null),
    right: extend(layered.count, breadth, ports.labelReach),
    nodeGap: NODE_GAP,
    bendGap: BEND_GAP,
  });
  const ranks = placeRanks(layered, request, ports, across, depth);
  const routes = routeEdges({
    layered,
    upper: edges.upper,
    lower: edges.lower,
    isReversed,
    edgeFrom,
    portOffset: ports.offset,
    across,
    along: ranks.along,
    depth,
    breadth,
    rankTop: ranks.top,
    rankEnd: ranks.end,
  });
  const acrossNodes = across.slice(0, count);
  let span = 0;
  for (let v = 0; v < layered.count; v++) {
    const reach = v < count ? Math.max(breadth[v]! / 2, ports.labelReach[v]!) : 0;
    span = Math.max(span, across[v]! + reach);
  }
  const labels = placeLabels(request, ports, acrossNodes, ranks.along, depth);
  if (direction === 'right') swapPairs(routes.points);
  return {
    direction,
    x: direction === 'down' ? acrossNodes : ranks.along,
    y: direction === 'down' ? ranks.along : acrossNodes,
    width: direction === 'down' ? span : ranks.length,
    height: direction === 'down' ? ranks.length : span,
    pointStart: routes.pointStart,
    points: routes.points,
    labelX: labels.x,
    labelY: labels.y,
    rank: nodeRank,
    isReversed,
    unroutedCount: layered.isUnrouted.reduce((sum, flag) => sum + flag, 0),
    crossings,
  };
}

/** Edges with the upper end first. A turned edge has a trunk of its own: it does not share its source's way. */
function directEdges({ edgeFrom, edgeTo, edgePort }: LayoutRequest, isReversed: Uint8Array) {
  const upper = edgeFrom.slice();
  const lower = edgeTo.slice();
  const trunk = edgePort.slice();
  for (let e = 0; e < upper.length; e++) {
    if (edgeFrom[e] === edgeTo[e]) upper[e] = lower[e] = -1;
    else if (isReversed[e]) {
      upper[e] = edgeTo[e]!;
      lower[e] = edgeFrom[e]!;
      trunk[e] = -1 - e;
    }
  }
  return { upper, lower, trunk };
}

function withoutLoops({ upper, lower }: { upper: Int32Array; lower: Int32Array }) {
  return { upper: upper.filter((v) => v >= 0), lower: lower.filter((v) => v >= 0) };
}

/** Half the breadth of each node, at least its label's reach; bends take no room. */
function extend(count: number, breadth: Float64Array, reach: Float64Array | null): Float64Array {
  const extents = new Float64Array(count);
  for (let v = 0; v < breadth.length; v++) extents[v] = Math.max(breadth[v]! / 2, reach?.[v] ?? 0);
  return extents;
}

/** Centres of the nodes along the ranks, where each rank begins and ends, and the length of all. */
function placeRanks(
  layered: Layered,
  { direction, labelWidths, edgeFrom }: LayoutRequest,
  ports: Ports,
  across: Float64Array,
  depth: Float64Array,
) {
  const { rankCount, rank, nodeCount, upper, lower } = layered;
  const thickness = new Float64Array(rankCount);
  const band = new Float64Array(rankCount);
  const shift = new Float64Array(rankCount);
  for (let v = 0; v < nodeCount; v++) thickness[rank[v]!] = Math.max(thickness[rank[v]!]!, depth[v]!);
  for (let e = 0; e < edgeFrom.length; e++) {
    if (labelWidths[e]! === 0) continue;
    const v = edgeFrom[e]!;
    const room = direction === 'down' ? LABEL_BAND : ports.labelLength[v]! + 2 * LABEL_INSET;
    band[rank[v]!] = Math.max(band[rank[v]!]!, room);
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
    end[r] = cursor + thickness[r]! + band[r]!;
    cursor = end[r]! + Math.min(MAX_BEND_ROOM, BEND_ROOM + BEND_SLOPE * shift[r]!);
  }
  const along = new Float64Array(nodeCount);
  for (let v = 0; v < nodeCount; v++) along[v] = top[rank[v]!]! + thickness[rank[v]!]! / 2;
  const last = rankCount - 1;
  return { along, top, end, length: rankCount === 0 ? 0 : top[last]! + thickness[last]! };
}

/** Labels stand beside the edge right where it leaves its node. */
function placeLabels(
  { direction, edgeFrom }: LayoutRequest,
  ports: Ports,
  across: Float64Array,
  along: Float64Array,
  depth: Float64Array,
) {
  const x = new Float64Array(edgeFrom.length);
  const y = new Float64Array(edgeFrom.length);
  for (let e = 0; e < edgeFrom.length; e++) {
    const v = edgeFrom[e]!;
    const exitAcross = across[v]! + ports.offset[e]!;
    const exitAlong = along[v]! + depth[v]! / 2;
    x[e] = direction === 'down' ? exitAcross + LABEL_INSET : exitAlong + LABEL_INSET;
    y[e] = direction === 'down' ? exitAlong + LABEL_BAND / 2 + 2 : exitAcross - LABEL_INSET;
  }
  return { x, y };
}

function swapPairs(points: Float64Array): void {
  for (let i = 0; i < points.length; i += 2) {
    const first = points[i]!;
    points[i] = points[i + 1]!;
    points[i + 1] = first;
  }
}
