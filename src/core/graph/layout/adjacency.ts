/** Neighbour lists of a graph in two flat arrays: the edges of vertex v are `edges[start[v]]` to `edges[start[v + 1]]`. */
export interface Adjacency {
  readonly start: Int32Array;
  readonly edges: Int32Array;
}

/** Lists the edges that begin (or end) at each vertex, in edge order. `ends[e]` outside 0..count-1 is left out. */
export function listEdges(count: number, ends: Int32Array): Adjacency {
  const start = new Int32Array(count + 1);
  for (const v of ends) if (v >= 0 && v < count) start[v + 1]!++;
  for (let v = 0; v < count; v++) start[v + 1]! += start[v]!;
  const cursor = start.slice(0, count);
  const edges = new Int32Array(start[count]!);
  for (let e = 0; e < ends.length; e++) {
    const v = ends[e]!;
    if (v >= 0 && v < count) edges[cursor[v]!++] = e;
  }
  return { start, edges };
}
