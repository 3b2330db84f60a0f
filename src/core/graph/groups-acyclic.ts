/** Keeps groups from closing cycles that the operators do not have. */
import type { GroupTree } from './groups-tree';

/** Rounds in which the smallest group of each cycle goes; after them all groups of what cycles are left go. */
const GENTLE_ROUNDS = 6;

/**
 * Dissolves groups until the parts of no group lead round in a circle through a group: names may put the operators
 * before and after another group into one. Of each circle the smallest group goes first.
 */
export function dissolveCycles(tree: GroupTree): void {
  const { graph, nodeCount, parent, isGone, parentOfNode } = tree;
  if (parent.length === 0) return;
  const sizes = new Int32Array(parent.length);
  for (let v = 0; v < nodeCount; v++) {
    for (let g = parentOfNode[v]!; g >= 0; g = parent[g]!) sizes[g]!++;
  }
  const depthOf = (group: number): number => {
    let depth = 0;
    for (let g = group; g >= 0; g = parent[g]!) depth++;
    return depth;
  };
  for (let round = 0; ; round++) {
    const depth = Int32Array.from(parent, (_, g) => depthOf(g));
    // One graph of all parts: every edge joins two parts of one group, so circles stay within a group.
    const from = new Int32Array(graph.edgeFrom.length);
    const to = new Int32Array(graph.edgeFrom.length);
    let count = 0;
    for (let e = 0; e < from.length; e++) {
      const v = graph.edgeFrom[e]!;
      const w = graph.edgeTo[e]!;
      if (v >= nodeCount || w >= nodeCount || v < 0 || w < 0) continue;
      let [a, b, outerA, outerB] = [v, w, parentOfNode[v]!, parentOfNode[w]!];
      while (outerA !== outerB) {
        if (outerB === -1 || (outerA !== -1 && depth[outerA]! >= depth[outerB]!)) {
          a = nodeCount + outerA;
          outerA = parent[outerA]!;
        } else {
          b = nodeCount + outerB;
          outerB = parent[outerB]!;
        }
      }
      if (a === b) continue;
      from[count] = a;
      to[count++] = b;
    }
    const circles = findCircles(nodeCount + parent.length, from.subarray(0, count), to.subarray(0, count));
    let isDone = true;
    for (const circle of circles) {
      const groups = circle.filter((part) => part >= nodeCount).map((part) => part - nodeCount);
      groups.sort((a, b) => sizes[a]! - sizes[b]! || b - a);
      for (const g of round < GENTLE_ROUNDS ? groups.slice(0, 1) : groups) {
        isGone[g] = true;
        isDone = false;
      }
    }
    if (isDone) return;
    const kept = (group: number): number => {
      while (group >= 0 && isGone[group]) group = parent[group]!;
      return group;
    };
    for (let v = 0; v < nodeCount; v++) parentOfNode[v] = kept(parentOfNode[v]!);
    for (let g = 0; g < parent.length; g++) parent[g] = kept(parent[g]!);
  }
}

/** Strongly connected parts of more than one vertex (Tarjan 1972, with a stack of its own). */
function findCircles(count: number, from: Int32Array, to: Int32Array): number[][] {
  const start = new Int32Array(count + 1);
  for (const v of from) start[v + 1]!++;
  for (let v = 0; v < count; v++) start[v + 1]! += start[v]!;
  const cursor = start.slice();
  const targets = new Int32Array(from.length);
  from.forEach((v, e) => (targets[cursor[v]!++] = to[e]!));
  const next = start.slice(0, count);
  const index = new Int32Array(count).fill(-1);
  const low = new Int32Array(count);
  const isOpen = new Uint8Array(count);
  const open: number[] = [];
  const path: number[] = [];
  const circles: number[][] = [];
  let counter = 0;
  const enter = (v: number): void => {
    index[v] = low[v] = counter++;
    isOpen[v] = 1;
    open.push(v);
    path.push(v);
  };
  for (let root = 0; root < count; root++) {
    if (index[root] !== -1) continue;
    enter(root);
    while (path.length > 0) {
      const v = path.at(-1)!;
      if (next[v]! < start[v + 1]!) {
        const w = targets[next[v]!++]!;
        if (index[w] === -1) enter(w);
        else if (isOpen[w]) low[v] = Math.min(low[v]!, index[w]!);
        continue;
      }
      path.pop();
      const below = path.at(-1);
      if (below !== undefined) low[below] = Math.min(low[below]!, low[v]!);
      if (low[v] !== index[v]) continue;
      const circle = open.splice(open.lastIndexOf(v));
      for (const w of circle) isOpen[w] = 0;
      if (circle.length > 1) circles.push(circle);
    }
  }
  return circles;
}
