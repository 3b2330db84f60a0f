/** Walking from change to change, a card at a time. */
import type { DiffEntry, GraphDiff } from '../../core/graph/diff';
import type { ViewGraph } from '../../core/graph/types';
import type { Side } from './camera-link';

/** The operator that is selected, and in which graph. */
export interface Place {
  readonly side: Side;
  readonly operator: number;
}

/** A card with its counterpart, and what happened to the operators that they show. */
export interface ChangedCard {
  /** Operators that the cards are of; -1 where there is no counterpart. */
  readonly before: number;
  readonly after: number;
  /** That of the card's own operator first. */
  readonly entries: readonly DiffEntry[];
}

/** What is known of the graphs: which card shows an operator. Null while a graph is being loaded. */
export type ShownGraphs = Readonly<Record<Side, Pick<ViewGraph, 'nodes' | 'nodeOfOperator'> | null>>;

/** The operator on whose card an operator is shown: itself, or what it is folded into. */
export function hostOf(graph: ShownGraphs[Side], operator: number): number {
  const node = graph?.nodes[graph.nodeOfOperator[operator] ?? -1];
  return node?.kind === 'operator' ? node.index : operator;
}

/**
 * Entries by the card that shows them, each card once, in the order of their first entries. A removed operator that was
 * folded into another stands with the counterpart of that.
 */
export function changedCards(
  entries: readonly DiffEntry[],
  graphs: ShownGraphs,
  { partnerOfBefore, partnerOfAfter }: Pick<GraphDiff, 'partnerOfBefore' | 'partnerOfAfter'>,
): ChangedCard[] {
  const cards = new Map<string, { before: number; after: number; entries: DiffEntry[] }>();
  for (const entry of entries) {
    let before = entry.before === -1 ? -1 : hostOf(graphs.before, entry.before);
    let after = entry.after === -1 ? -1 : hostOf(graphs.after, entry.after);
    // The counterpart of the card rather than of what is folded into it.
    if (after === -1) {
      const partner = partnerOfBefore[before] ?? -1;
      if (partner !== -1) after = hostOf(graphs.after, partner);
    } else {
      const partner = partnerOfAfter[after] ?? -1;
      if (partner !== -1) before = hostOf(graphs.before, partner);
    }
    const key = after === -1 ? `before ${before}` : `after ${after}`;
    const card = cards.get(key);
    if (!card) cards.set(key, { before, after, entries: [entry] });
    else if (entry.after === after && after !== -1) card.entries.unshift(entry);
    else card.entries.push(entry);
  }
  return [...cards.values()];
}

/** Where a card is selected: in the graph after, if it is there. */
export function placeOf({ before, after }: Pick<ChangedCard, 'before' | 'after'>): Place {
  return after === -1 ? { side: 'before', operator: before } : { side: 'after', operator: after };
}

/** The card that shows an operator, or -1; that which is selected there goes before its counterpart. */
export function cardAt(cards: readonly ChangedCard[], { side, operator }: Place): number {
  const own = cards.findIndex((card) => placeOf(card).side === side && card[side] === operator);
  return own === -1 ? cards.findIndex((card) => card[side] === operator) : own;
}

/**
 * The card after (`step` 1) or before (`step` -1) that of a place, around the end; null where there is none. Without a
 * place the first or the last. `partner` is the counterpart of the place's operator, or -1; `cards` are in the order of
 * the graph after.
 */
export function stepCard(
  cards: readonly ChangedCard[],
  place: Place | null,
  partner: number,
  step: 1 | -1,
): ChangedCard | null {
  if (cards.length === 0) return null;
  const start = step === 1 ? 0 : cards.length - 1;
  if (!place) return cards[start]!;
  const here = cardAt(cards, place);
  if (here !== -1) return cards[(here + step + cards.length) % cards.length]!;
  // A card without a change: what comes next to it in the graph after.
  const at = place.side === 'after' ? place.operator : partner;
  const isBeyond = ({ after }: ChangedCard) => after !== -1 && (step === 1 ? after > at : after < at);
  return (step === 1 ? cards.find(isBeyond) : cards.findLast(isBeyond)) ?? cards[start]!;
}
