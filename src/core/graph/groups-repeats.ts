/** Groups from chains that repeat, and the hashes of all groups. */
import { hashParts, nodeSymbols } from './groups-hash';
import type { GroupTree } from './groups-tree';
import { findRuns, type Run } from './groups-runs';

/** A group with fewer parts is read at a glance: nothing is grouped in it. */
const LEAST_PARTS = 24;
/** Equal blocks in a row from this number on get a group of their own around them: closed, it shows them once. */
const MANY_BLOCKS = 4;
/** Blocks within blocks, at most. */
const MAX_NESTING = 4;

/** Edges whose ends lie in different parts of one group. */
interface PartEdges {
  readonly from: number[];
  readonly to: number[];
  readonly port: number[];
}

/**
 * Groups blocks that repeat one after the other within every group of many parts. Returns a hash of each group's
 * structure: the same for groups that hold the same operators in the same order, linked in the same way.
 */
export function groupRepeats(tree: GroupTree): Map<number, number> {
  const { nodeCount } = tree;
  const symbols = nodeSymbols(tree.graph);
  const hashes = new Map<number, number>();
  const symbolOf = (part: number) => (part < nodeCount ? symbols[part]! : hashes.get(part - nodeCount)!);
  const children = tree.listChildren();
  const edges = edgesByGroup(tree);
  // Scope groups have higher numbers than their parents: inner ones first.
  const scoped = tree.parent.flatMap((_, g) => (tree.isGone[g] ? [] : [g])).reverse();
  for (const group of [...scoped, -1]) {
    const parts = children.get(group) ?? [];
    const inner = edges.get(group) ?? { from: [], to: [], port: [] };
    const place = new Map(parts.map((part, i) => [part, i]));
    if (parts.length > LEAST_PARTS) groupParts(tree, group, parts, place, inner, symbolOf, hashes);
    if (group >= 0) hashes.set(group, hashBlock(parts, place, inner, symbolOf));
  }
  return hashes;
}

/** For each group (and -1) the edges that join two of its parts. */
function edgesByGroup(tree: GroupTree): Map<number, PartEdges> {
  const { graph, nodeCount, parent, parentOfNode } = tree;
  const depth: number[] = [];
  // Parents have lower numbers.
  parent.forEach((outer) => depth.push(outer < 0 ? 1 : depth[outer]! + 1));
  const depthOf = (group: number) => (group < 0 ? 0 : depth[group]!);
  const byGroup = new Map<number, PartEdges>();
  graph.edgeFrom.forEach((v, e) => {
    const w = graph.edgeTo[e]!;
    if (graph.nodes[v]?.kind !== 'operator' || graph.nodes[w]?.kind !== 'operator') return;
    let [a, b, outerA, outerB] = [v, w, parentOfNode[v]!, parentOfNode[w]!];
    while (outerA !== outerB) {
      if (depthOf(outerA) >= depthOf(outerB)) {
        a = nodeCount + outerA;
        outerA = parent[outerA]!;
      } else {
        b = nodeCount + outerB;
        outerB = parent[outerB]!;
      }
    }
    if (a === b) return;
    let list = byGroup.get(outerA);
    if (!list) byGroup.set(outerA, (list = { from: [], to: [], port: [] }));
    list.from.push(a);
    list.to.push(b);
    list.port.push(graph.edgePort[e]!);
  });
  return byGroup;
}

function hashBlock(
  parts: readonly number[],
  place: ReadonlyMap<number, number>,
  { from, to, port }: PartEdges,
  symbolOf: (part: number) => number,
): number {
  const ends: number[] = [];
  from.forEach((part, e) => ends.push(place.get(part)!, place.get(to[e]!)!, port[e]!));
  return hashParts(parts.map(symbolOf), ends);
}

/** Makes groups of the repeats among the parts of one group, and of the repeats within those. */
function groupParts(
  tree: GroupTree,
  group: number,
  parts: readonly number[],
  place: ReadonlyMap<number, number>,
  edges: PartEdges,
  symbolOf: (part: number) => number,
  hashes: Map<number, number>,
): void {
  // A group that a name gives is a block already, and none of another one.
  const symbols = parts.map((part, i) => {
    const isNamed = part >= tree.nodeCount && tree.isNamed[part - tree.nodeCount];
    return isNamed ? -1 - i : symbolOf(part);
  });
  const width = countCrossing(parts.length, place, edges);
  const within = sortByPlace(parts.length, place, edges);
  const waiting = [{ from: 0, to: parts.length, parent: group, nesting: 0 }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { from, to, parent, nesting } = next;
    for (const run of findRuns(symbols.slice(from, to), width.subarray(from, to + 1))) {
      const outer =
        run.count >= MANY_BLOCKS && (run.count * run.period < to - from || nesting === 0)
          ? tree.add(parent, `${run.count} × ${blockName(tree, parts, from + run.start, run)}`, false)
          : parent;
      const blocks: number[] = [];
      for (let block = 0; block < run.count; block++) {
        const start = from + run.start + block * run.period;
        const id = tree.add(outer, blockName(tree, parts, start, run), false);
        for (let i = start; i < start + run.period; i++) tree.move(parts[i]!, id);
        hashes.set(id, hashParts(symbols.slice(start, start + run.period), within(start, run.period)));
        blocks.push(hashes.get(id)!);
        if (run.period > LEAST_PARTS && nesting < MAX_NESTING) {
          waiting.push({ from: start, to: start + run.period, parent: id, nesting: nesting + 1 });
        }
      }
      if (outer !== parent) hashes.set(outer, hashParts(blocks, []));
    }
  }
}

/** `CONV_2D to ADD`: the first and the last operator of a block. */
function blockName(tree: GroupTree, parts: readonly number[], start: number, { period }: Run): string {
  const title = (part: number) =>
    part < tree.nodeCount ? tree.graph.nodes[part]!.title : tree.name[part - tree.nodeCount]!;
  return `${title(parts[start]!)} to ${title(parts[start + period - 1]!)}`;
}

/** Parts before place i whose result is read at place i or behind it: how many edges a cut there meets. */
function countCrossing(
  count: number,
  place: ReadonlyMap<number, number>,
  { from, to }: PartEdges,
): Int32Array {
  const last = new Int32Array(count).fill(-1);
  from.forEach((part, e) => {
    const i = place.get(part)!;
    last[i] = Math.max(last[i]!, place.get(to[e]!)!);
  });
  const width = new Int32Array(count + 2);
  for (let i = 0; i < count; i++) {
    if (last[i]! <= i) continue;
    width[i + 1]!++;
    width[last[i]! + 1]!--;
  }
  for (let i = 1; i <= count; i++) width[i]! += width[i - 1]!;
  return width.subarray(0, count + 1);
}

/** Gives the edges within a stretch of places: places from its start, and ports. */
function sortByPlace(count: number, place: ReadonlyMap<number, number>, { from, to, port }: PartEdges) {
  const start = new Int32Array(count + 1);
  const at = from.map((part) => place.get(part)!);
  for (const i of at) start[i + 1]!++;
  for (let i = 0; i < count; i++) start[i + 1]! += start[i]!;
  const sorted = new Int32Array(at.length);
  const cursor = start.slice();
  at.forEach((i, e) => (sorted[cursor[i]!++] = e));
  return (first: number, length: number): number[] => {
    const ends: number[] = [];
    for (let k = start[first]!; k < start[first + length]!; k++) {
      const e = sorted[k]!;
      const target = place.get(to[e]!)!;
      if (target < first || target >= first + length) continue;
      ends.push(at[e]! - first, target - first, port[e]!);
    }
    return ends;
  };
}
