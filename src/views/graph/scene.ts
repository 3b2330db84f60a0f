import { listEdges, type Adjacency } from '../../core/graph/layout/adjacency';
import type { Layout } from '../../core/graph/layout/types';
import type { ViewGraph } from '../../core/graph/types';
import { BoxIndex } from './box-index';
import type { Cards } from './cards';

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Everything that painting, hitting and walking need about one laid-out graph. */
export interface Scene {
  readonly graph: ViewGraph;
  readonly layout: Layout;
  readonly cards: Cards;
  readonly nodeIndex: BoxIndex;
  readonly edgeIndex: BoxIndex;
  readonly outgoing: Adjacency;
  readonly incoming: Adjacency;
  readonly bounds: Box;
}

const LABEL_MARGIN = 12;

/** Joins a graph, its cards and its layout. */
export function makeScene(graph: ViewGraph, cards: Cards, layout: Layout): Scene {
  const nodeCount = graph.nodes.length;
  const nodeBounds = new Float64Array(4 * nodeCount);
  for (let v = 0; v < nodeCount; v++) {
    const { left, top, right, bottom } = boxOf(cards, layout, v);
    nodeBounds.set([left, top, right, bottom], 4 * v);
  }
  return {
    graph,
    layout,
    cards,
    nodeIndex: new BoxIndex(nodeBounds),
    edgeIndex: new BoxIndex(edgeBounds(layout, cards)),
    outgoing: listEdges(nodeCount, graph.edgeFrom),
    incoming: listEdges(nodeCount, graph.edgeTo),
    bounds: { left: 0, top: 0, right: layout.width, bottom: layout.height },
  };
}

/** Frame of a node. */
export function nodeBox(scene: Scene, v: number): Box {
  return boxOf(scene.cards, scene.layout, v);
}

function boxOf({ widths, heights }: Cards, { x, y }: Layout, v: number): Box {
  return {
    left: x[v]! - widths[v]! / 2,
    top: y[v]! - heights[v]! / 2,
    right: x[v]! + widths[v]! / 2,
    bottom: y[v]! + heights[v]! / 2,
  };
}

/** Bounds of every edge with its label. */
function edgeBounds({ points, pointStart, labelX, labelY }: Layout, { labelWidths }: Cards): Float64Array {
  const count = labelWidths.length;
  const bounds = new Float64Array(4 * count);
  for (let e = 0; e < count; e++) {
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    const include = (x: number, y: number): void => {
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    };
    for (let i = pointStart[e]!; i < pointStart[e + 1]!; i++) include(points[2 * i]!, points[2 * i + 1]!);
    if (labelWidths[e]! > 0) {
      include(labelX[e]!, labelY[e]! - LABEL_MARGIN);
      include(labelX[e]! + labelWidths[e]!, labelY[e]! + LABEL_MARGIN);
    }
    bounds.set([left, top, right, bottom], 4 * e);
  }
  return bounds;
}
