/** Groups from chains that repeat, and the hashes of all groups. */
import { hashParts } from './groups-hash';
import { findRuns, type Run } from './groups-runs';
import type { NodeSymbols } from './groups-symbols';
import type { Children, GroupTree } from './groups-tree';

/** A group with fewer parts is read at a glance: nothing is grouped in it. */
const LEAST_PARTS = 24;
/** Equal blocks in a row from this number on get a group of their own around them: closed, it shows them once. */
const MANY_BLOCKS = 4;
/** Blocks within blocks, at most. */
const MAX_NESTING = 4;

/** Parts of all groups, one group after the other, and the edges between parts of the same group. */
interface Parts {
  readonly children: Children;
  /** For each node or group its place in `children.list`. */
  readonly place: Int32Array;
  /** For each place the first of the edges that start there; one more at the end. */
  readonly firstEdge: Int32Array;
  /** Place where each edge ends, and the port that it leaves by. */
  readonly target: Int32Array;
  readonly port: Int32Array;
}

/**
 * Groups blocks that repeat one after the other within every group of many parts. Returns a hash of each group's
 * structure: the same for groups that hold the same operators with the same options in the same order, linked in the same
 * way.
 */
export function groupRepeats(tree: GroupTree, symbols: NodeSymbols): readonly number[] {
  const { nodeCount } = tree;
  const hashes: number[] = [];
  const hashOf = (part: number) => (part < nodeCount ? symbols.settings[part]! : hashes[part - nodeCount]!);
  const parts = listParts(tree);
  // Scope groups have higher numbers than their parents: inner ones first.
  const scoped = tree.parent.flatMap((_, g) => (tree.isGone[g] ? [] : [g])).reverse();
  for (const group of [...scoped, -1]) {
    const start = parts.children.startOf(group);
    const held = parts.children.of(group);
    if (held.length > LEAST_PARTS) groupParts(tree, group, parts, symbols, hashOf, hashes);
    if (group >= 0) hashes[group] = hashBlock(parts, start, start + held.length, hashOf);
  }
  return hashes;
}

/** The edges are in the order of their sources, those of one source in the order of the graph. */
function listParts(tree: GroupTree): Parts {
  const { graph, nodeCount, parent, parentOfNode } = tree;
  const children = tree.listChildren();
  const place = new Int32Array(nodeCount + parent.length).fill(-1);
  children.list.forEach((part, i) => (place[part] = i));
  const depth = new Int32Array(parent.length + 1);
  // Parents have lower numbers. The whole graph comes first here.
  parent.forEach((outer, g) => (depth[g + 1] = depth[outer + 1]! + 1));
  const from = new Int32Array(graph.edgeFrom.length).fill(-1);
  const to = new Int32Array(graph.edgeFrom.length);
  const firstEdge = new Int32Array(children.list.length + 1);
  for (let e = 0; e < from.length; e++) {
    const [v, w] = [graph.edgeFrom[e]!, graph.edgeTo[e]!];
    if (graph.nodes[v]?.kind !== 'operator' || graph.nodes[w]?.kind !== 'operator') continue;
    let [a, b, outerA, outerB] = [v, w, parentOfNode[v]!, parentOfNode[w]!];
    while (outerA !== outerB) {
      if (depth[outerA + 1]! >= depth[outerB + 1]!) {
        a = nodeCount + outerA;
        outerA = parent[outerA]!;
      } else {
        b = nodeCount + outerB;
        outerB = parent[outerB]!;
      }
    }
    if (a === b) continue;
    from[e] = place[a]!;
    to[e] = place[b]!;
    firstEdge[from[e]! + 1]!++;
  }
  for (let i = 1; i < firstEdge.length; i++) firstEdge[i]! += firstEdge[i - 1]!;
  const cursor = firstEdge.slice();
  const target = new Int32Array(firstEdge.at(-1)!);
  const port = new Int32Array(target.length);
  from.forEach((source, e) => {
    if (source === -1) return;
    const i = cursor[source]!++;
    target[i] = to[e]!;
    port[i] = graph.edgePort[e]!;
  });
  return { children, place, firstEdge, target, port };
}

/** Hash of the parts at these places and of the edges among them. */
function hashBlock(
  { children, firstEdge, target, port }: Parts,
  start: number,
  end: number,
  hashOf: (part: number) => number,
): number {
  const ends: number[] = [];
  for (let i = start; i < end; i++) {
    for (let e = firstEdge[i]!; e < firstEdge[i + 1]!; e++) {
      if (target[e]! >= start && target[e]! < end) ends.push(i - start, target[e]! - start, port[e]!);
    }
  }
  return hashParts(Array.from(children.list.subarray(start, end), hashOf), ends);
}

/** Makes groups of the repeats among the parts of one group, and of the repeats within those. */
function groupParts(
  tree: GroupTree,
  group: number,
  parts: Parts,
  { kinds }: NodeSymbols,
  hashOf: (part: number) => number,
  hashes: number[],
): void {
  const { list } = parts.children;
  const first = parts.children.startOf(group);
  // A group that a name gives is a block already, and none of another one.
  const symbols = parts.children.of(group).map((part, i) => (part >= tree.nodeCount ? -1 - i : kinds[part]!));
  const width = countCrossing(parts, first, first + symbols.length);
  const title = (part: number) =>
    part < tree.nodeCount ? tree.graph.nodes[part]!.title : tree.name[part - tree.nodeCount]!;
  /** `CONV_2D to ADD`: the first and the last operator of a block. */
  const blockName = (start: number, { period }: Run) =>
    `${title(list[start]!)} to ${title(list[start + period - 1]!)}`;
  const waiting = [{ from: 0, to: symbols.length, parent: group, nesting: 0 }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { from, to, parent, nesting } = next;
    for (const run of findRuns(symbols.subarray(from, to), width.subarray(from, to + 1))) {
      const isMany = run.count >= MANY_BLOCKS && (run.count * run.period < to - from || nesting === 0);
      const name = blockName(first + from + run.start, run);
      const outer = isMany ? tree.add(parent, `${run.count} × ${name}`, 'row') : parent;
      const blocks: number[] = [];
      for (let block = 0; block < run.count; block++) {
        const place = from + run.start + block * run.period;
        const start = first + place;
        const id = tree.add(outer, blockName(start, run), 'block');
        for (let i = start; i < start + run.period; i++) tree.move(list[i]!, id);
        hashes[id] = hashBlock(parts, start, start + run.period, hashOf);
        blocks.push(hashes[id]);
        if (run.period > LEAST_PARTS && nesting < MAX_NESTING) {
          waiting.push({ from: place, to: place + run.period, parent: id, nesting: nesting + 1 });
        }
      }
      if (outer !== parent) hashes[outer] = hashParts(blocks, []);
    }
  }
}

/** Parts before place i whose result is read at place i or behind it: how many edges a cut there meets. */
function countCrossing({ firstEdge, target }: Parts, start: number, end: number): Int32Array {
  const width = new Int32Array(end - start + 2);
  for (let i = start; i < end; i++) {
    let last = i;
    for (let e = firstEdge[i]!; e < firstEdge[i + 1]!; e++) last = Math.max(last, target[e]!);
    if (last === i) continue;
    width[i - start + 1]!++;
    width[last - start + 1]!--;
  }
  for (let i = 1; i < width.length; i++) width[i]! += width[i - 1]!;
  return width.subarray(0, end - start + 1);
}
