import { listEdges, type Adjacency } from '../../core/graph/layout/adjacency';
import type { Layout } from '../../core/graph/layout/types';
import { type DrawnGraph, isDrawn } from '../../core/graph/groups-draw';
import type { ViewGraph } from '../../core/graph/types';
import { BoxIndex } from './box-index';
import type { Steps } from '../../core/steps';
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
  /** The graph with its groups; null where it has none. */
  readonly drawn: DrawnGraph | null;
  readonly layout: Layout;
  readonly cards: Cards;
  readonly nodeIndex: Pick<BoxIndex, 'search'>;
  readonly edgeIndex: Pick<BoxIndex, 'search'>;
  readonly outgoing: Adjacency;
  readonly incoming: Adjacency;
  readonly bounds: Box;
}

const LABEL_MARGIN = 12;

/** Joins a graph, its cards and its layout. */
export function* sceneSteps(graph: ViewGraph, cards: Cards, layout: Layout): Steps<Scene> {
  const nodeCount = graph.nodes.length;
  const nodeBounds = new Float64Array(4 * nodeCount);
  for (let v = 0; v < nodeCount; v++) {
    const { left, top, right, bottom } = boxOf(cards, layout, v);
    nodeBounds.set([left, top, right, bottom], 4 * v);
  }
  yield 0.2;
  const nodeIndex = new BoxIndex(nodeBounds);
  yield 0.4;
  const bounds = edgeBounds(layout, cards);
  yield 0.6;
  const edgeIndex = new BoxIndex(bounds);
  yield 0.8;
  return {
    graph,
    drawn: isDrawn(graph) ? graph : null,
    layout,
    cards,
    nodeIndex,
    edgeIndex,
    outgoing: listEdges(nodeCount, graph.edgeFrom),
    incoming: listEdges(nodeCount, graph.edgeTo),
    bounds: { left: 0, top: 0, right: layout.width, bottom: layout.height },
  };
}

/** Frame of a node. */
export function nodeBox(scene: Scene, v: number): Box {
  return boxOf(scene.cards, scene.layout, v);
}

/** How many groups are shown as frames; none in a picture that is only there until the layout is ready. */
export function frameCount({ layout }: Scene): number {
  return layout.frameBounds.length / 4;
}

/** Box of frame f. */
export function frameBox({ layout: { frameBounds } }: Scene, f: number): Box {
  return {
    left: frameBounds[4 * f]!,
    top: frameBounds[4 * f + 1]!,
    right: frameBounds[4 * f + 2]!,
    bottom: frameBounds[4 * f + 3]!,
  };
}

/** Box of a group, be it a frame or a card; null where another group hides it. */
export function groupBox(scene: Scene, group: number): Box | null {
  const { drawn } = scene;
  if (!drawn) return null;
  const f = drawn.frameOfGroup[group] ?? -1;
  if (f !== -1) return f < frameCount(scene) ? frameBox(scene, f) : null;
  const v = nodeOfGroup(drawn, group);
  return v === -1 ? null : nodeBox(scene, v);
}

/** Node of a collapsed group, or -1. */
export function nodeOfGroup({ nodes, groups, shownBy }: DrawnGraph, group: number): number {
  const first = groups.list[group]?.first;
  if (first === undefined) return -1;
  const v = shownBy[first]!;
  return nodes[v]!.kind === 'group' && nodes[v]!.index === group ? v : -1;
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
