import type { LaidLevel, Level } from './level';
import { LevelMemory } from './memory';
import { placePorts, type Ports } from './ports';
import { splitEdges, type FrameEdges, type Terminal } from './segments';
import type { Layout, LayoutRequest } from './types';

/** Room under the nodes of a rank for the labels of what leaves them. */
const LABEL_BAND = 22;
const LABEL_INSET = 8;
/** From the middle of a node to where turned edges meet it: beside what runs forward, where its labels are not. */
const TURNED_INSET = 16;

/** A frame that has been laid out. Lengths along and across the ranks. */
interface LaidFrame {
  readonly level: LaidLevel;
  readonly depth: number;
  /** How far it reaches to the left and right of its place: there its main edge enters. */
  readonly left: number;
  readonly right: number;
  /** From its corner to the corner of what it holds. */
  readonly insetAlong: number;
  readonly insetAcross: number;
  /** For each terminal, where its edges pass the border, from the frame's place. */
  readonly offset: Float64Array;
}

/**
 * Layered layout: break cycles, rank, add bends for long edges, order the ranks, place. Frames are laid out from the
 * inside out; each is one part of what is around it, and edges pass its border at the top and the bottom (of
 * those that close a cycle, the other way round). Every edge but those that close a cycle goes to a higher rank; nodes
 * and frames never overlap unless one holds the other; the same request gives the same result. Edges with an end
 * outside 0..n-1 keep no points. Linear in nodes, bends and edges times depth, apart from sorting; nothing recurses.
 * Of frames that hold the same only one is laid out; with the memory of an earlier layout only what has changed is.
 */
export function layoutGraph(request: LayoutRequest, memory = new LevelMemory()): Layout {
  memory.beginLayout();
  const { widths, edgeFrom } = request;
  const isDown = request.direction === 'down';
  const ports = placePorts(request);
  const split = splitEdges(request);
  const frameCount = request.frames?.parent.length ?? 0;
  const laid: LaidFrame[] = new Array<LaidFrame>(frameCount);
  for (let f = frameCount - 1; f >= 0; f--) {
    laid[f] = layoutFrame(request, ports, split.inside[f]!, laid, f, memory);
  }
  const outermost = memory.layout(makeLevel(request, ports, split.outside, laid));

  // From the outside in: where each frame's content begins.
  const count = widths.length;
  const along = new Float64Array(count);
  const across = new Float64Array(count);
  const rank = new Int32Array(count);
  const originAlong = new Float64Array(frameCount);
  const originAcross = new Float64Array(frameCount);
  const frameBounds = new Float64Array(4 * frameCount);
  let crossings = 0;
  let unroutedCount = 0;
  const spread = (level: LaidLevel, { parts }: FrameEdges, startAlong: number, startAcross: number): void => {
    crossings += level.crossings;
    unroutedCount += level.unroutedCount;
    parts.forEach((part, i) => {
      const placeAlong = startAlong + level.along[i]!;
      const placeAcross = startAcross + level.across[i]!;
      if (part < count) {
        along[part] = placeAlong;
        across[part] = placeAcross;
        rank[part] = level.rank[i]!;
        return;
      }
      const f = part - count;
      const { depth, left, right, insetAlong, insetAcross } = laid[f]!;
      const [first, last] = [placeAlong - depth / 2, placeAlong + depth / 2];
      const [low, high] = [placeAcross - left, placeAcross + right];
      originAlong[f] = first + insetAlong;
      originAcross[f] = low + insetAcross;
      frameBounds.set(isDown ? [low, first, high, last] : [first, low, last, high], 4 * f);
    });
  };
  spread(outermost, split.outside, 0, 0);
  for (let f = 0; f < frameCount; f++) {
    spread(laid[f]!.level, split.inside[f]!, originAlong[f]!, originAcross[f]!);
  }

  const pointStart = new Int32Array(edgeFrom.length + 1);
  const points: number[] = [];
  for (let e = 0; e < edgeFrom.length; e++) {
    for (let k = split.pathStart[e]!; k < split.pathStart[e + 1]!; k++) {
      const f = split.pathFrame[k]!;
      const level = f === -1 ? outermost : laid[f]!.level;
      const s = split.pathSegment[k]!;
      const [offAcross, offAlong] = f === -1 ? [0, 0] : [originAcross[f]!, originAlong[f]!];
      for (let i = level.pointStart[s]!; i < level.pointStart[s + 1]!; i++) {
        const a = level.points[2 * i]! + offAcross;
        const b = level.points[2 * i + 1]! + offAlong;
        points.push(isDown ? a : b, isDown ? b : a);
      }
    }
    pointStart[e + 1] = points.length / 2;
  }
  const labels = placeLabels(request, ports, across, along);
  return {
    direction: request.direction,
    x: isDown ? across : along,
    y: isDown ? along : across,
    width: isDown ? outermost.span : outermost.length,
    height: isDown ? outermost.length : outermost.span,
    pointStart,
    points: Float64Array.from(points),
    labelX: labels.x,
    labelY: labels.y,
    frameBounds,
    rank,
    isReversed: split.isReversed,
    unroutedCount,
    crossings,
  };
}

/** Lays out what a frame holds and works out its size and where edges pass its border. */
function layoutFrame(
  request: LayoutRequest,
  ports: Ports,
  edges: FrameEdges,
  laid: readonly LaidFrame[],
  f: number,
  memory: LevelMemory,
): LaidFrame {
  const { leastWidths, titleHeight, padding } = request.frames!;
  const level = memory.layout(makeLevel(request, ports, edges, laid));
  const isDown = request.direction === 'down';
  const top = titleHeight + padding;
  const insetAlong = isDown ? top : padding;
  const insetAcross = isDown ? padding : top;
  const depth = Math.max(insetAlong + level.length + padding, isDown ? 0 : leastWidths[f]!);
  const breadth = Math.max(insetAcross + level.span + padding, isDown ? leastWidths[f]! : 0);
  const first = edges.parts.length;
  const placeOf = (terminal: number) => insetAcross + level.across[first + terminal]!;
  const main = mainTerminal(edges.terminals);
  const place = main === -1 ? breadth / 2 : placeOf(main);
  return {
    level,
    depth,
    left: place,
    right: breadth - place,
    insetAlong,
    insetAcross,
    offset: Float64Array.from(edges.terminals, (_, i) => placeOf(i) - place),
  };
}

/** The edge that a frame is lined up by: of those that enter at the top the one with the latest source, or leave. */
function mainTerminal(terminals: readonly Terminal[]): number {
  let main = -1;
  terminals.forEach(({ isUpper, source }, i) => {
    const best = terminals[main];
    if (!best || (isUpper && !best.isUpper) || (isUpper === best.isUpper && source > best.source)) main = i;
  });
  return main;
}

/** Sizes and edges of the parts of a frame: its nodes and inner frames, then its terminals, which take no room. */
function makeLevel(
  { direction, widths, heights }: LayoutRequest,
  ports: Ports,
  edges: FrameEdges,
  laid: readonly LaidFrame[],
): Level {
  const isDown = direction === 'down';
  const nodeCount = widths.length;
  const { parts, terminals } = edges;
  const count = parts.length + terminals.length;
  const depth = new Float64Array(count);
  const left = new Float64Array(count);
  const right = new Float64Array(count);
  const band = new Float64Array(count);
  parts.forEach((part, i) => {
    if (part >= nodeCount) {
      const frame = laid[part - nodeCount]!;
      depth[i] = frame.depth;
      left[i] = frame.left;
      right[i] = frame.right;
      return;
    }
    const half = (isDown ? widths[part]! : heights[part]!) / 2;
    depth[i] = isDown ? heights[part]! : widths[part]!;
    left[i] = half;
    right[i] = Math.max(half, ports.labelReach[part]!);
    if (ports.labelLength[part]! > 0) {
      band[i] = isDown ? LABEL_BAND : ports.labelLength[part]! + 2 * LABEL_INSET;
    }
  });
  const side = new Int8Array(count);
  terminals.forEach(({ isUpper }, i) => (side[parts.length + i] = isUpper ? -1 : 1));
  const { from, to, isReversed, port, sourceEdge, fromTerminal, toTerminal } = edges;
  const breadth = isDown ? widths : heights;
  /** Where a segment meets a part: by its port at a node, by the terminal it goes on from at a frame. */
  const offsetAt = (i: number, terminal: number, s: number, port: number): number => {
    if (i >= parts.length) return 0;
    const part = parts[i]!;
    if (part >= nodeCount) return laid[part - nodeCount]!.offset[terminal]!;
    // A turned edge leaves its source at the top and reaches its target at the bottom.
    if (isReversed[s]) return (isDown ? -1 : 1) * Math.min(TURNED_INSET, breadth[part]! / 4);
    return port;
  };
  const size = from.length;
  const upper = new Int32Array(size);
  const lower = new Int32Array(size);
  const upperOffset = new Float64Array(size);
  const lowerOffset = new Float64Array(size);
  for (let s = 0; s < size; s++) {
    const [u, w] = [from[s]!, to[s]!];
    if (u === w) {
      upper[s] = lower[s] = -1;
      continue;
    }
    const atFrom = offsetAt(u, fromTerminal[s]!, s, ports.offset[sourceEdge[s]!]!);
    const atTo = offsetAt(w, toTerminal[s]!, s, 0);
    upper[s] = isReversed[s] ? w : u;
    lower[s] = isReversed[s] ? u : w;
    upperOffset[s] = isReversed[s] ? atTo : atFrom;
    lowerOffset[s] = isReversed[s] ? atFrom : atTo;
  }
  return {
    count,
    side,
    depth,
    left,
    right,
    band,
    from: Int32Array.from(from),
    upper,
    lower,
    isReversed: Uint8Array.from(isReversed),
    trunk: renumber(port),
    upperOffset,
    lowerOffset,
  };
}

/** Numbers by first appearance, so that frames that hold the same have the same numbers. */
function renumber(numbers: readonly number[]): Int32Array {
  const places = new Map<number, number>();
  return Int32Array.from(numbers, (number) => {
    const place = places.get(number) ?? places.size;
    places.set(number, place);
    return place;
  });
}

/** Labels stand beside the edge right where it leaves its node. */
function placeLabels(
  { direction, edgeFrom, widths, heights }: LayoutRequest,
  ports: Ports,
  across: Float64Array,
  along: Float64Array,
) {
  const depth = direction === 'down' ? heights : widths;
  const x = new Float64Array(edgeFrom.length);
  const y = new Float64Array(edgeFrom.length);
  for (let e = 0; e < edgeFrom.length; e++) {
    const v = edgeFrom[e]!;
    if (!(v >= 0 && v < depth.length)) continue;
    const exitAcross = across[v]! + ports.offset[e]!;
    const exitAlong = along[v]! + depth[v]! / 2;
    x[e] = direction === 'down' ? exitAcross + LABEL_INSET : exitAlong + LABEL_INSET;
    y[e] = direction === 'down' ? exitAlong + LABEL_BAND / 2 + 2 : exitAcross - LABEL_INSET;
  }
  return { x, y };
}
