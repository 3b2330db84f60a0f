/** What the layout of large graphs costs, and how good it is. */
import { findGroups } from '../../src/core/graph/groups';
import { drawGraph, framesOf } from '../../src/core/graph/groups-draw';
import { layoutGraph } from '../../src/core/graph/layout/layout';
import type { LayoutRequest } from '../../src/core/graph/layout/types';
import { blockGraph, chainGraph, requestFor, scopedGraph, skipGraph, type Links } from './graph-models';

export interface GraphFigures {
  /** `branchy nested`: generator, and whether its scopes are frames. */
  readonly graph: string;
  readonly operators: number;
  readonly layoutCpuMs: number;
  readonly layoutWallMs: number;
  readonly crossings: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

const GENERATORS: readonly (readonly [string, (count: number) => Links])[] = [
  ['chain', chainGraph],
  ['branchy', blockGraph],
  ['nas', skipGraph],
];
const COUNTS = [1000, 5000, 20_000];
const RUNS = 3;

/** Lays out chains, blocks and random skips of 1,000 to 20,000 operators, flat and with all their scopes as frames. */
export function runGraphSuite(): GraphFigures[] {
  const figures: GraphFigures[] = [];
  layoutGraph(requestFor(blockGraph(1000)));
  for (const [name, make] of GENERATORS) {
    for (const count of COUNTS) {
      const links = make(count);
      figures.push(measure(`${name} flat`, count, requestFor(links)));
      figures.push(measure(`${name} nested`, count, nestedRequest(links)));
    }
  }
  return figures;
}

/** The links in stages of 1,000 and blocks of 20 operators. */
function nestedRequest(links: Links): LayoutRequest {
  const graph = scopedGraph(links);
  const drawn = drawGraph(graph, findGroups(graph), new Set());
  return { ...requestFor(links), frames: framesOf(drawn, 28, 16, () => 200) };
}

/** Medians of three runs. */
function measure(graph: string, operators: number, request: LayoutRequest): GraphFigures {
  const cpu: number[] = [];
  const wall: number[] = [];
  let layout = layoutGraph(request);
  for (let run = 0; run < RUNS; run++) {
    const usage = process.cpuUsage();
    const start = performance.now();
    layout = layoutGraph(request);
    wall.push(performance.now() - start);
    const { user, system } = process.cpuUsage(usage);
    cpu.push((user + system) / 1000);
  }
  const median = (times: number[]) => Math.round(times.sort((a, b) => a - b)[RUNS >> 1]! * 10) / 10;
  return {
    graph,
    operators,
    layoutCpuMs: median(cpu),
    layoutWallMs: median(wall),
    crossings: layout.crossings,
    widthPx: Math.round(layout.width),
    heightPx: Math.round(layout.height),
  };
}
