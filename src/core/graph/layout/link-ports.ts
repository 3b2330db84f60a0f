/** The order in which links meet a vertex: from the left to the right of its upper or its lower side. */
import type { Adjacency } from './adjacency';

export interface LinkPorts {
  /** Number of the port of link l, from 0 at the left of its vertex. */
  readonly number: Int32Array;
  /** Ports of vertex v on this side, at least 1. */
  readonly count: Int32Array;
  /** The port of link l as a part of its vertex's place: within -0.5 to 0.5, 0 for the only port. */
  readonly shift: Float64Array;
}

/**
 * Numbers the ports of one side. `offset` says where link l meets its vertex, from the vertex's place; links at one
 * offset share a port. Puts the links of every vertex in `side` in the order of their ports.
 */
export function numberLinkPorts(side: Adjacency, offset: Float64Array): LinkPorts {
  const { start, edges } = side;
  const vertexCount = start.length - 1;
  const number = new Int32Array(offset.length);
  const count = new Int32Array(vertexCount).fill(1);
  const shift = new Float64Array(offset.length);
  for (let v = 0; v < vertexCount; v++) {
    const [first, end] = [start[v]!, start[v + 1]!];
    let isOne = true;
    for (let k = first + 1; k < end; k++) isOne &&= offset[edges[k]!] === offset[edges[first]!];
    if (isOne) continue;
    const links = edges.subarray(first, end).sort((a, b) => offset[a]! - offset[b]! || a - b);
    let last = 0;
    for (let k = 1; k < links.length; k++) {
      if (offset[links[k]!] !== offset[links[k - 1]!]) last++;
      number[links[k]!] = last;
    }
    count[v] = last + 1;
    for (const link of links) shift[link] = (number[link]! + 1) / (last + 2) - 0.5;
  }
  return { number, count, shift };
}
