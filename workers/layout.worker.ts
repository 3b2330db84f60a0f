/** Lays out graphs. */
import { expose, transfer } from 'comlink';
import { layoutGraph } from '../src/core/graph/layout/layout';
import { registerErrors } from '../src/rpc/errors';
import type { LayoutApi } from './protocol';

registerErrors();

const api: LayoutApi = {
  async layout(request) {
    const layout = layoutGraph(request);
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
