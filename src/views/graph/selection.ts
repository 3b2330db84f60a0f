import type { ViewGraph } from '../../core/graph/types';

/** What is selected in a subgraph. */
export interface Selection {
  readonly kind: 'operator' | 'tensor';
  readonly index: number;
}

/** Node that shows the selection: the operator's (or the one it is folded into), or a tensor's input or output. */
export function nodeOf(graph: ViewGraph, selection: Selection | null): number {
  if (selection === null) return -1;
  if (selection.kind === 'operator') return graph.nodeOfOperator[selection.index] ?? -1;
  return graph.nodes.findIndex(({ kind, tensor }) => kind !== 'operator' && tensor === selection.index);
}

/** Nodes to bring into view for a selection: its own, or the ends of a tensor's edges and its readers' cards. */
export function nodesToShow(graph: ViewGraph, selection: Selection): number[] {
  const node = nodeOf(graph, selection);
  if (node !== -1) return [node];
  if (selection.kind !== 'tensor') return [];
  const nodes = new Set<number>();
  graph.edgeTensor.forEach((t, e) => {
    if (t === selection.index) nodes.add(graph.edgeFrom[e]!).add(graph.edgeTo[e]!);
  });
  if (nodes.size === 0) {
    graph.nodes.forEach(({ rows }, v) => {
      if (rows.some(({ tensor }) => tensor === selection.index)) nodes.add(v);
    });
  }
  return [...nodes];
}

/** What selecting a node selects: its operator, or the tensor of an input or output. */
export function selectionOf(graph: ViewGraph, node: number): Selection | null {
  const { kind, index, tensor } = graph.nodes[node]!;
  if (kind === 'operator') return { kind: 'operator', index };
  return tensor === null ? null : { kind: 'tensor', index: tensor };
}

/** The selection in words, for screen readers. */
export function describeSelection(graph: ViewGraph, selection: Selection | null): string {
  if (selection === null) return '';
  const node = graph.nodes[nodeOf(graph, selection)];
  if (selection.kind === 'operator' && node) {
    const v = nodeOf(graph, selection);
    let reads = 0;
    let feeds = 0;
    for (const to of graph.edgeTo) if (to === v) reads++;
    for (const from of graph.edgeFrom) if (from === v) feeds++;
    const activation = node.activation === null ? '' : `, ${node.activation}`;
    return `${node.title}${activation}, operator ${node.index}, ${node.name}, ${reads} in, ${feeds} out`;
  }
  if (node) return `${node.kind} ${node.title}`;
  const edge = graph.edgeTensor.indexOf(selection.index);
  return edge === -1 ? `tensor ${selection.index}` : `tensor ${selection.index}, ${graph.edgeLabel[edge]}`;
}
