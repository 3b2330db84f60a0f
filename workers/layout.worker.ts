/** Lays out graphs. */
import { expose, transfer } from 'comlink';
import { layoutGraph } from '../src/core/graph/layout/layout';
import { LevelMemory } from '../src/core/graph/layout/memory';
import type { LayoutRequest } from '../src/core/graph/layout/types';
import { registerErrors } from '../src/rpc/errors';
import type { LayoutApi } from './protocol';

registerErrors();

/** When a group is opened or closed, all but what is around it is remembered. */
const memory = new LevelMemory();

const api: LayoutApi = {
  async layout(request) {
    const layout = layoutGraph(request, memory);
    const { x, y, points, pointStart, labelX, labelY, frameBounds, rank, isReversed } = layout;
    return transfer(
      layout,
      [x, y, points, pointStart, labelX, labelY, frameBounds, rank, isReversed].map(
        (list) => list.buffer as ArrayBuffer,
      ),
    );
  },
};

expose(api);
practise();

/** Lays out small graphs with crossings, long edges and frames, so that the first real one finds the code compiled. */
function practise(): void {
  const count = 96;
  const edgeFrom: number[] = [];
  const edgeTo: number[] = [];
  for (let v = 1; v < count; v++) {
    for (const step of [1, 3, 11]) {
      if (v < step) continue;
      edgeFrom.push(v - step);
      edgeTo.push(v);
    }
  }
  const request: LayoutRequest = {
    direction: 'down',
    widths: new Float64Array(count).fill(200),
    heights: new Float64Array(count).fill(60),
    edgeFrom: Int32Array.from(edgeFrom),
    edgeTo: Int32Array.from(edgeTo),
    edgePort: new Int32Array(edgeFrom.length),
    labelWidths: new Float64Array(edgeFrom.length).fill(40),
  };
  for (const size of [12, 8, 6]) {
    layoutGraph({
      ...request,
      frames: {
        parent: new Int32Array(count / size).fill(-1),
        parentOfNode: Int32Array.from({ length: count }, (_, v) => Math.floor(v / size)),
        leastWidths: new Float64Array(count / size),
        titleHeight: 28,
        padding: 16,
      },
    });
  }
}
