/** The picture of a graph with some of its groups collapsed. */
import { formatCount } from '../format';
import type { Category } from '../ops/spec';
import type { Frames } from './layout/types';
import type { Group, Groups, ViewGraph, ViewNode } from './types';

/**
 * A graph in which every collapsed group is one node of kind `group`, whose `index` is the number of the group. It
 * is a `ViewGraph` itself: what draws one draws the other. `nodeOfOperator` leads to the group that hides an operator.
 */
export interface DrawnGraph extends ViewGraph {
  readonly whole: ViewGraph;
  readonly groups: Groups;
  /** By group: 1 where it is collapsed. */
  readonly isCollapsed: Uint8Array;
  /** Expanded groups that show, parents before children. */
  readonly frames: Int32Array;
  /** For each group its frame, or -1: it is collapsed, or another group hides it. */
  readonly frameOfGroup: Int32Array;
  /** For each frame the frame around it, or -1. */
  readonly frameParent: Int32Array;
  /** For each node the frame that directly holds it, or -1. */
  readonly frameOfNode: Int32Array;
  /** For each node of `whole` the node that shows it. */
  readonly shownBy: Int32Array;
}

/**
 * Draws a graph with the groups whose keys are in `collapsed` as one node each. Edges between the same two nodes that
 * carry the same tensor become one; edges within a collapsed group go. Time and memory grow with nodes, edges and
 * groups.
 */
export function drawGraph(whole: ViewGraph, groups: Groups, collapsed: ReadonlySet<string>): DrawnGraph {
  const { list, groupOfNode } = groups;
  const isCollapsed = Uint8Array.from(list, ({ key }) => (collapsed.has(key) ? 1 : 0));
  /** Outermost collapsed group at or around each group; -1 where all are expanded. */
  const hiddenBy = new Int32Array(list.length).fill(-1);
  const frameNumber = new Int32Array(list.length).fill(-1);
  const frames: number[] = [];
  const frameParent: number[] = [];
  list.forEach(({ parent }, g) => {
    const outer = parent === -1 ? -1 : hiddenBy[parent]!;
    hiddenBy[g] = outer !== -1 ? outer : isCollapsed[g] ? g : -1;
    if (hiddenBy[g] !== -1) return;
    frameNumber[g] = frames.length;
    frames.push(g);
    frameParent.push(parent === -1 ? -1 : frameNumber[parent]!);
  });

  const nodes: ViewNode[] = [];
  const frameOfNode: number[] = [];
  const shownBy = new Int32Array(whole.nodes.length);
  const nodeOfGroup = new Map<number, number>();
  const categories = mainCategories(whole, groups);
  whole.nodes.forEach((node, v) => {
    const group = groupOfNode[v]!;
    const hidden = group === -1 ? -1 : hiddenBy[group]!;
    if (hidden === -1) {
      shownBy[v] = nodes.length;
      nodes.push(node);
      frameOfNode.push(group === -1 ? -1 : frameNumber[group]!);
      return;
    }
    let shown = nodeOfGroup.get(hidden);
    if (shown === undefined) {
      nodeOfGroup.set(hidden, (shown = nodes.length));
      nodes.push(groupNode(list[hidden]!, hidden, categories[hidden]!));
      const { parent } = list[hidden]!;
      frameOfNode.push(parent === -1 ? -1 : frameNumber[parent]!);
    }
    shownBy[v] = shown;
  });
  return {
    subgraph: whole.subgraph,
    nodes,
    nodeOfOperator: whole.nodeOfOperator.map((v) => (v < 0 ? -1 : shownBy[v]!)),
    ...mergeEdges(whole, shownBy, nodes),
    notices: whole.notices,
    whole,
    groups,
    isCollapsed,
    frames: Int32Array.from(frames),
    frameOfGroup: frameNumber,
    frameParent: Int32Array.from(frameParent),
    frameOfNode: Int32Array.from(frameOfNode),
    shownBy,
  };
}

function groupNode(group: Group, index: number, category: Category): ViewNode {
  return {
    kind: 'group',
    index,
    title: group.name,
    name: group.key,
    category,
    activation: null,
    rows: [],
    cost: group.macs > 0 ? formatCount(group.macs) : null,
    folded: [],
    tensor: null,
    macs: group.macs,
    sizeBytes: group.sizeBytes,
    bodies: [],
  };
}

/** Category of most of the cost of each group, or of most of its operators where nothing costs. */
function mainCategories({ nodes }: ViewGraph, { list, groupOfNode }: Groups): Category[] {
  const sums = list.map(() => new Map<Category, number>());
  nodes.forEach(({ category, macs }, v) => {
    // An operator without a cost counts, but less than any with one.
    for (let g = groupOfNode[v]!; g >= 0; g = list[g]!.parent) {
      const sum = sums[g]!;
      sum.set(category, (sum.get(category) ?? 0) + macs + 1e-3);
    }
  });
  return sums.map((sum) => {
    let best: Category = 'other';
    let most = 0;
    for (const [category, value] of sum) {
      if (value <= most) continue;
      most = value;
      best = category;
    }
    return best;
  });
}

/** Edges between shown nodes. What leaves a group leaves it by one port for each tensor, in order of first use. */
function mergeEdges(whole: ViewGraph, shownBy: Int32Array, nodes: readonly ViewNode[]) {
  const from: number[] = [];
  const to: number[] = [];
  const tensor: number[] = [];
  const port: number[] = [];
  const edgeLabel: string[] = [];
  const seen = new Set<string>();
  const portsOf = new Map<number, Map<string, number>>();
  whole.edgeFrom.forEach((source, e) => {
    const v = shownBy[source]!;
    const w = shownBy[whole.edgeTo[e]!]!;
    const isGroup = nodes[v]!.kind === 'group';
    if (isGroup && v === w) return;
    if (isGroup || nodes[w]!.kind === 'group') {
      const key = `${v} ${w} ${whole.edgeTensor[e]} ${whole.edgePort[e]}`;
      if (seen.has(key)) return;
      seen.add(key);
    }
    from.push(v);
    to.push(w);
    tensor.push(whole.edgeTensor[e]!);
    edgeLabel.push(whole.edgeLabel[e]!);
    if (!isGroup) {
      port.push(whole.edgePort[e]!);
      return;
    }
    let ports = portsOf.get(v);
    if (!ports) portsOf.set(v, (ports = new Map<string, number>()));
    const result = `${source} ${whole.edgePort[e]}`;
    if (!ports.has(result)) ports.set(result, ports.size);
    port.push(ports.get(result)!);
  });
  return {
    edgeFrom: Int32Array.from(from),
    edgeTo: Int32Array.from(to),
    edgeTensor: Int32Array.from(tensor),
    edgePort: Int32Array.from(port),
    edgeLabel,
  };
}

/** True for a graph that `drawGraph` made. */
export function isDrawn(graph: ViewGraph): graph is DrawnGraph {
  return 'frames' in graph;
}

/** The expanded groups of a drawn graph as the layout wants them; `leastWidth` in pixels. */
export function framesOf(
  { frames, frameParent, frameOfNode, groups }: DrawnGraph,
  titleHeight: number,
  padding: number,
  leastWidth: (group: Group) => number,
): Frames {
  return {
    parent: frameParent,
    parentOfNode: frameOfNode,
    leastWidths: Float64Array.from(frames, (g) => leastWidth(groups.list[g]!)),
    titleHeight,
    padding,
  };
}

/** Graphs with more operators than this open with groups collapsed. */
const MANY_OPERATORS = 300;
/** Nodes that a large graph may open with. */
const OPENING_NODES = 300;

/**
 * Keys of the groups that are collapsed when a graph is first shown. Up to 300 operators: none. Above: of groups that
 * are built alike all but the first, and inner ones where the picture would have more than 300 nodes.
 */
export function collapsedAtFirst(graph: ViewGraph, { list, groupOfNode }: Groups): Set<string> {
  if (graph.nodeOfOperator.length <= MANY_OPERATORS) return new Set();
  const parts = new Int32Array(list.length);
  let shown = 0;
  graph.nodes.forEach((_, v) => {
    if (groupOfNode[v] === -1) shown++;
    else parts[groupOfNode[v]!]!++;
  });
  for (const { parent } of list) {
    if (parent === -1) shown++;
    else parts[parent]!++;
  }
  const collapsed = new Set<string>();
  const isOpen = new Uint8Array(list.length);
  list.forEach(({ key, parent, ordinal }, g) => {
    const showsUp = parent === -1 || isOpen[parent] === 1;
    if (showsUp && ordinal === 1 && shown + parts[g]! - 1 <= OPENING_NODES) {
      isOpen[g] = 1;
      shown += parts[g]! - 1;
    } else collapsed.add(key);
  });
  return collapsed;
}

/** Groups around a node of the whole graph, innermost first. */
export function groupsAround({ list, groupOfNode }: Groups, node: number): number[] {
  const around: number[] = [];
  for (let g = groupOfNode[node] ?? -1; g >= 0; g = list[g]!.parent) around.push(g);
  return around;
}
