/** Colours the operators of a graph by a figure instead of by their category. */
import { interpolateRgb } from 'd3';
import type { ViewGraph } from '../../core/graph/types';
import type { Theme } from './theme';

/** A figure for operators, and how it is read. */
export interface Overlay {
  /** `Local SQNR`. */
  readonly title: string;
  /** By operator of the subgraph that is drawn. */
  readonly values: ReadonlyMap<number, number>;
  /** Figure that is coloured most, and the one that is not coloured at all. */
  readonly full: number;
  readonly none: number;
  readonly format: (value: number) => string;
}

/** An overlay for the nodes of one graph. */
export interface NodeHeat {
  /** 0 (not coloured) to 1 by node; NaN without a figure. */
  readonly shares: Float32Array;
  /** The figure in words by node; null without one. */
  readonly texts: readonly (string | null)[];
}

/** More colour would make the words on a card hard to read. */
const STRONGEST = 0.5;

/** The figures of nodes; of operators that share a node, the one that is coloured most counts. */
export function heatOf(graph: ViewGraph, { values, full, none, format }: Overlay): NodeHeat {
  const shares = new Float32Array(graph.nodes.length).fill(NaN);
  const texts: (string | null)[] = graph.nodes.map(() => null);
  for (const [operator, value] of values) {
    const node = graph.nodeOfOperator[operator] ?? -1;
    if (node < 0) continue;
    const share = Math.min(1, Math.max(0, (value - none) / (full - none)));
    if (shares[node]! >= share) continue;
    shares[node] = share;
    texts[node] = format(value);
  }
  return { shares, texts };
}

/** Ground of a card with that share, or null where it has no figure. */
export function heatColor(share: number | undefined, theme: Theme): string | null {
  if (share === undefined || Number.isNaN(share)) return null;
  return interpolateRgb(theme.panel, theme.bad)(share * STRONGEST);
}
