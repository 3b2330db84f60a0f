/** Graphs of known shape for the layout's tests and benchmarks. Nodes are operators, sizes those of usual cards. */
import type { LayoutRequest } from '../../src/core/graph/layout/types';
import type { ViewGraph, ViewNode } from '../../src/core/graph/types';
import { seededRandom } from '../../src/core/random';

export interface Links {
  readonly count: number;
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** One operator after the other. */
export function chainGraph(count: number): Links {
  const from = Array.from({ length: count - 1 }, (_, i) => i);
  return { count, from, to: from.map((i) => i + 1) };
}

/**
 * Blocks as in real networks, in turn: a residual block (three in a row and an ADD), an inception block (three
 * branches and a CONCATENATION), an inverted bottleneck with a projection on its skip.
 */
export function blockGraph(count: number): Links {
  const from: number[] = [];
  const to: number[] = [];
  let next = 1;
  const add = (...inputs: number[]): number => {
    for (const input of inputs) {
      from.push(input);
      to.push(next);
    }
    return next++;
  };
  let last = 0;
  for (let block = 0; next < count; block++) {
    if (block % 3 === 0) last = add(add(add(add(last))), last);
    else if (block % 3 === 1) last = add(add(add(last)), add(last), add(add(last)));
    else last = add(add(add(add(last))), add(last));
  }
  return cut({ count: next, from, to }, count);
}

/** Every operator reads one of the 60 before it, a third of them two: long random skips. */
export function skipGraph(count: number, seed = 7): Links {
  const random = seededRandom(seed);
  const from: number[] = [];
  const to: number[] = [];
  for (let i = 1; i < count; i++) {
    const reads = random() < 1 / 3 ? 2 : 1;
    for (let k = 0; k < reads; k++) {
      from.push(i - 1 - Math.floor(random() * Math.min(60, i)));
      to.push(i);
    }
  }
  return { count, from, to };
}

function cut({ from, to }: Links, count: number): Links {
  const kept = from.map((f, e) => f < count && to[e]! < count);
  return { count, from: from.filter((_, e) => kept[e]), to: to.filter((_, e) => kept[e]) };
}

/** A layout request for the links: cards of 200 by 84, one output each, a label on the first edge out of a node. */
export function requestFor(links: Links, direction: 'down' | 'right' = 'down'): LayoutRequest {
  const seen = new Set<number>();
  return {
    direction,
    widths: new Float64Array(links.count).fill(200),
    heights: new Float64Array(links.count).fill(84),
    edgeFrom: Int32Array.from(links.from),
    edgeTo: Int32Array.from(links.to),
    edgePort: new Int32Array(links.from.length),
    labelWidths: Float64Array.from(links.from, (f) => {
      if (seen.has(f)) return 0;
      seen.add(f);
      return 90;
    }),
  };
}

/** The links as a view graph whose operators bear names in stages of 1,000 and blocks of 20; kinds tell fan-in. */
export function scopedGraph({ count, from, to }: Links): ViewGraph {
  const reads = new Int32Array(count);
  for (const v of to) reads[v]!++;
  const nodes = Array.from(reads, (fanIn, index): ViewNode => {
    const title = fanIn > 1 ? 'ADD_N' : 'RELU';
    const name = `stage_${Math.floor(index / 1000)}/block_${Math.floor(index / 20)}/operator_${index}`;
    return {
      kind: 'operator',
      index,
      title,
      name,
      category: fanIn > 1 ? 'arithmetic' : 'activation',
      activation: null,
      rows: [],
      cost: null,
      folded: [],
      tensor: index,
      macs: 0,
      sizeBytes: 0,
      bodies: [],
    };
  });
  return {
    subgraph: 0,
    nodes,
    nodeOfOperator: Int32Array.from(nodes, (_, v) => v),
    edgeFrom: Int32Array.from(from),
    edgeTo: Int32Array.from(to),
    edgeTensor: Int32Array.from(from),
    edgePort: new Int32Array(from.length),
    edgeLabel: from.map(() => '1×56×56×64 f32'),
    notices: [],
  };
}
