import { listEdges } from './adjacency';

const UNSEEN = 0;
const OPEN = 1;
const DONE = 2;

/**
 * Edges that must be turned round so that no cycle is left: those that lead back into the path of a depth-first
 * walk. The walk starts at vertices without incoming edges, in order, then at whatever is left (vertices that lie
 * on or behind a cycle). Self loops are marked too. Iterative: the depth of the graph does not matter.
 */
export function findReversedEdges(count: number, from: Int32Array, to: Int32Array): Uint8Array {
  const out = listEdges(count, from);
  const into = listEdges(count, to);
  const reversed = new Uint8Array(from.length);
  const state = new Uint8Array(count);
  const next = out.start.slice(0, count);
  const path: number[] = [];

  const walk = (root: number): void => {
    state[root] = OPEN;
    path.push(root);
    while (path.length > 0) {
      const v = path.at(-1)!;
      const cursor = next[v]!;
      if (cursor === out.start[v + 1]!) {
        state[v] = DONE;
        path.pop();
        continue;
      }
      next[v] = cursor + 1;
      const e = out.edges[cursor]!;
      const w = to[e]!;
      if (state[w] === OPEN) reversed[e] = 1;
      else if (state[w] === UNSEEN) {
        state[w] = OPEN;
        path.push(w);
      }
    }
  };

  for (let v = 0; v < count; v++) if (into.start[v] === into.start[v + 1] && state[v] === UNSEEN) walk(v);
  for (let v = 0; v < count; v++) if (state[v] === UNSEEN) walk(v);
  return reversed;
}
