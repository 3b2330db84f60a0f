/** Edges cut at the borders of frames. */
import { findReversedEdges } from './acyclic';
import type { LayoutRequest } from './types';

/** Where edges of one output pass the border of a frame. */
export interface Terminal {
  readonly isUpper: boolean;
  /** Node that the edges come from. */
  readonly source: number;
}

/** What one frame (or the whole graph) holds and the pieces of edges within it. */
export interface FrameEdges {
  /** Nodes, and frames as node count + frame. */
  readonly parts: number[];
  readonly terminals: Terminal[];
  /** Ends of segment s: places among the parts, or number of parts + terminal. */
  readonly from: number[];
  readonly to: number[];
  readonly isReversed: number[];
  /** Segments of one upper end and one port share their way. */
  readonly port: number[];
  /** An edge that the segment is a piece of. */
  readonly sourceEdge: number[];
  /** Where an end is a frame, the terminal of that frame at which the segment meets it; -1 otherwise. */
  readonly fromTerminal: number[];
  readonly toTerminal: number[];
}

export interface SplitEdges {
  readonly outside: FrameEdges;
  readonly inside: readonly FrameEdges[];
  readonly isReversed: Uint8Array;
  /** Segments of edge e in order: `pathSegment[pathStart[e]]` on, each in frame `pathFrame` (-1: outside of all). */
  readonly pathStart: Int32Array;
  readonly pathFrame: Int32Array;
  readonly pathSegment: Int32Array;
}

function emptyFrame(): FrameEdges {
  return {
    parts: [],
    terminals: [],
    from: [],
    to: [],
    isReversed: [],
    port: [],
    sourceEdge: [],
    fromTerminal: [],
    toTerminal: [],
  };
}

/**
 * Cuts every edge at the borders of the frames between its ends, so that each frame can be laid out by itself. Edges
 * of one output that go into (or out of) one frame pass its border together. An edge that closes a cycle among the
 * parts of the innermost frame around both its ends is turned round as a whole.
 */
export function splitEdges(request: LayoutRequest): SplitEdges {
  const { edgeFrom, edgeTo, frames } = request;
  const count = request.widths.length;
  const parent = frames?.parent ?? new Int32Array(0);
  const parentOfNode = frames?.parentOfNode ?? new Int32Array(count).fill(-1);
  const holders = [emptyFrame(), ...Array.from(parent, emptyFrame)];
  const holderOf = (f: number) => holders[f + 1]!;
  const placeOf = new Int32Array(count + parent.length);
  const place = (part: number, f: number): void => {
    placeOf[part] = holderOf(f).parts.push(part) - 1;
  };
  for (let v = 0; v < count; v++) place(v, parentOfNode[v]!);
  for (let f = 0; f < parent.length; f++) place(count + f, parent[f]!);
  const depth = new Int32Array(parent.length);
  for (let f = 0; f < parent.length; f++) depth[f] = parent[f] === -1 ? 1 : depth[parent[f]!]! + 1;

  const isSound = (e: number) =>
    edgeFrom[e]! >= 0 && edgeFrom[e]! < count && edgeTo[e]! >= 0 && edgeTo[e]! < count;
  /** Frame that holds both ends, and the parts of it that they lie in. */
  const common = new Int32Array(edgeFrom.length).fill(-1);
  const partFrom = edgeFrom.slice();
  const partTo = edgeTo.slice();
  for (let e = 0; e < edgeFrom.length; e++) {
    if (!isSound(e)) continue;
    let [f, g] = [parentOfNode[edgeFrom[e]!]!, parentOfNode[edgeTo[e]!]!];
    while (f !== g) {
      if (g === -1 || (f !== -1 && depth[f]! >= depth[g]!)) {
        partFrom[e] = count + f;
        f = parent[f]!;
      } else {
        partTo[e] = count + g;
        g = parent[g]!;
      }
    }
    common[e] = f;
  }
  const isReversed = turnCycles(request, holders, placeOf, common, partFrom, partTo, isSound);

  const ways = numberWays(request, isReversed);
  /** By frame (and outside of all): the segment of a way that ends at a part, the terminal at which a way passes the border. */
  const segments = holders.map(() => new Map<number, number>());
  const terminals = holders.map(() => new Map<number, number>());
  const endCount = count + parent.length + 2 * edgeFrom.length;
  const pathStart = new Int32Array(edgeFrom.length + 1);
  const pathFrame: number[] = [];
  const pathSegment: number[] = [];

  /** Terminal of an edge at the border of a frame; edges of one way share it. */
  const terminalOf = (f: number, e: number, isEntry: boolean): number => {
    const known = terminals[f + 1]!;
    const key = 2 * ways[e]! + (isEntry ? 1 : 0);
    let terminal = known.get(key);
    if (terminal === undefined) {
      const isUpper = isEntry !== (isReversed[e] === 1);
      terminal = holderOf(f).terminals.push({ isUpper, source: edgeFrom[e]! }) - 1;
      known.set(key, terminal);
    }
    return terminal;
  };
  const step = (f: number, e: number, from: number, to: number, at: number, on: number): void => {
    const holder = holderOf(f);
    const known = segments[f + 1]!;
    // A way begins at one place of a frame, so where it ends says which segment it is.
    const key = ways[e]! * endCount + to;
    // Without frames every edge is a segment of its own.
    let segment = parent.length === 0 ? undefined : known.get(key);
    if (segment === undefined) {
      segment = holder.from.push(from) - 1;
      holder.to.push(to);
      holder.isReversed.push(isReversed[e]!);
      holder.port.push(ways[e]!);
      holder.sourceEdge.push(e);
      holder.fromTerminal.push(at);
      holder.toTerminal.push(on);
      if (parent.length > 0) known.set(key, segment);
    }
    pathFrame.push(f);
    pathSegment.push(segment);
  };
  const entered: number[] = [];
  for (let e = 0; e < edgeFrom.length; e++) {
    if (isSound(e)) {
      let part = edgeFrom[e]!;
      let at = -1;
      for (let f = parentOfNode[part]!; f !== common[e]; f = parent[f]!) {
        const terminal = terminalOf(f, e, false);
        step(f, e, placeOf[part]!, holderOf(f).parts.length + terminal, at, -1);
        part = count + f;
        at = terminal;
      }
      entered.length = 0;
      for (let f = parentOfNode[edgeTo[e]!]!; f !== common[e]; f = parent[f]!) entered.push(f);
      const on = entered.length === 0 ? -1 : terminalOf(entered.at(-1)!, e, true);
      step(common[e]!, e, placeOf[partFrom[e]!]!, placeOf[partTo[e]!]!, at, on);
      for (let i = entered.length - 1; i >= 0; i--) {
        const f = entered[i]!;
        const target = i === 0 ? edgeTo[e]! : count + entered[i - 1]!;
        const next = i === 0 ? -1 : terminalOf(entered[i - 1]!, e, true);
        const from = holderOf(f).parts.length + terminalOf(f, e, true);
        step(f, e, from, placeOf[target]!, -1, next);
      }
    }
    pathStart[e + 1] = pathFrame.length;
  }
  return {
    outside: holders[0]!,
    inside: holders.slice(1),
    isReversed,
    pathStart,
    pathFrame: Int32Array.from(pathFrame),
    pathSegment: Int32Array.from(pathSegment),
  };
}

/**
 * A number for the way of each edge: those of one output (node and port) go one way, but each edge that is turned
 * round goes its own.
 */
function numberWays({ edgeFrom, edgePort }: LayoutRequest, isReversed: Uint8Array): Int32Array {
  let portCount = 1;
  for (const port of edgePort) portCount = Math.max(portCount, port + 1);
  const numbers = new Map<number, number>();
  let count = 0;
  return Int32Array.from(edgeFrom, (v, e) => {
    if (isReversed[e]) return count++;
    const output = v * portCount + edgePort[e]!;
    let number = numbers.get(output);
    if (number === undefined) numbers.set(output, (number = count++));
    return number;
  });
}

/** Marks the edges to turn so that no cycle is left among the parts of any frame. */
function turnCycles(
  { edgeFrom }: LayoutRequest,
  holders: readonly FrameEdges[],
  placeOf: Int32Array,
  common: Int32Array,
  partFrom: Int32Array,
  partTo: Int32Array,
  isSound: (e: number) => boolean,
): Uint8Array {
  const isReversed = new Uint8Array(edgeFrom.length);
  const edgesOf: number[][] = holders.map(() => []);
  for (let e = 0; e < edgeFrom.length; e++) if (isSound(e)) edgesOf[common[e]! + 1]!.push(e);
  holders.forEach(({ parts }, i) => {
    const edges = edgesOf[i]!;
    const ends = (side: Int32Array) => Int32Array.from(edges, (e) => placeOf[side[e]!]!);
    const turned = findReversedEdges(parts.length, ends(partFrom), ends(partTo));
    edges.forEach((e, k) => (isReversed[e] = turned[k]!));
  });
  return isReversed;
}
