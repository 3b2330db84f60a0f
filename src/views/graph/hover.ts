/** What the card at the pointer says. */
import type { Hit } from './hit';
import type { Scene } from './scene';

export type TensorFacts = (
  tensor: number,
  signal: AbortSignal,
) => Promise<{ readonly name: string; readonly formula: string | null }>;

export interface HoverText {
  readonly title: string;
  /** More about it, one line each. */
  readonly lines: readonly string[];
  /** Tensor whose name and formula are asked for, or null. */
  readonly tensor: number | null;
}

/** Operator with name and cost, constant with shape and type, or tensor on an edge with its ends. */
export function describeHit({ graph, cards }: Scene, hit: Hit): HoverText {
  if (hit.kind === 'edge') {
    const ends = [graph.edgeFrom[hit.edge]!, graph.edgeTo[hit.edge]!].map((v) => graph.nodes[v]!.title);
    return {
      title: graph.edgeLabel[hit.edge]!,
      lines: [ends.join(' → ')],
      tensor: graph.edgeTensor[hit.edge]!,
    };
  }
  const node = graph.nodes[hit.node]!;
  const row =
    hit.tensor === null ? null : cards.card[hit.node]!.rows.find(({ tensor }) => tensor === hit.tensor);
  if (row) return { title: `${row.label} ${row.text} ${row.dtype}`, lines: [], tensor: hit.tensor };
  const lines = [
    node.name === node.title ? '' : node.name,
    node.kind === 'operator' && node.macs > 0 && node.cost !== null ? `${node.cost} MACs` : '',
  ].filter((line) => line !== '');
  const title =
    node.kind === 'operator'
      ? `${node.index}: ${node.title}${node.activation === null ? '' : ` + ${node.activation}`}`
      : `${node.kind} ${node.title}`;
  return { title, lines, tensor: node.kind === 'operator' ? null : node.tensor };
}
