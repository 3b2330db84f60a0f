import { plural } from '../../core/format';
import { isDrawn } from '../../core/graph/groups-draw';
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

/**
 * Nodes whose cards stand for a tensor that has neither a node nor an edge: they have a row for it, or an operator that
 * makes or reads it is theirs or folded into them. A collapsed group stands for all that it hides. Empty for any other
 * selection. Takes time in the size of the graph.
 */
export function cardsOf(graph: ViewGraph, selection: Selection | null): readonly number[] {
  if (selection?.kind !== 'tensor' || nodeOf(graph, selection) !== -1) return [];
  const { index } = selection;
  if (graph.edgeTensor.includes(index)) return [];
  const whole = isDrawn(graph) ? graph.whole : graph;
  const { edgeTensor, edgeFrom, edgeTo, hidden } = whole;
  const cards = new Set<number>();
  const add = (v: number) => cards.add(isDrawn(graph) ? graph.shownBy[v]! : v);
  edgeTensor.forEach((t, e) => {
    if (t !== index) return;
    add(edgeFrom[e]!);
    add(edgeTo[e]!);
  });
  whole.nodes.forEach(({ rows }, v) => {
    if (rows.some(({ tensor }) => tensor === index)) add(v);
  });
  hidden?.tensors.forEach((t, i) => {
    if (t === index) add(hidden.nodes[i]!);
  });
  return [...cards];
}

/** Nodes to bring into view for a selection: its own, the ends of a tensor's edges, or the cards that stand for it. */
export function nodesToShow(graph: ViewGraph, selection: Selection): number[] {
  const node = nodeOf(graph, selection);
  if (node !== -1) return [node];
  if (selection.kind !== 'tensor') return [];
  const nodes = new Set<number>();
  graph.edgeTensor.forEach((t, e) => {
    if (t === selection.index) nodes.add(graph.edgeFrom[e]!).add(graph.edgeTo[e]!);
  });
  return nodes.size > 0 ? [...nodes] : [...cardsOf(graph, selection)];
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
  if (edge !== -1) return `tensor ${selection.index}, ${graph.edgeLabel[edge]}`;
  const [first, ...others] = cardsOf(graph, selection);
  if (first === undefined) return `tensor ${selection.index}`;
  const { title, index } = graph.nodes[first]!;
  const place = others.length > 0 ? plural(others.length + 1, 'operator') : `${title}, operator ${index}`;
  return `tensor ${selection.index}, at ${place}`;
}
