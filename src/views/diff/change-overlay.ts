/** What happened to operators as colours of a graph. */
import { changeTitle, signsOf } from '../../core/graph/change-words';
import { changes, type DiffEntry, type GraphDiff } from '../../core/graph/diff';
import type { Overlay, ShownCard } from '../graph/overlay';
import type { Side } from './camera-link';

/** Name of the category of operators that are the same in both, and its sign. */
const SAME = 'unchanged';
const SAME_SIGN = '=';

/** The categories of the overlay: what can have happened, then nothing. */
const categoryNames: readonly string[] = [...changes.map(changeTitle), SAME];

/** Changes as colours of one of the two graphs; the most telling change of an operator counts. */
export function changeOverlay({ entries, partnerOfBefore, partnerOfAfter }: GraphDiff, side: Side): Overlay {
  const operators = side === 'before' ? partnerOfBefore : partnerOfAfter;
  const values = new Map<number, number>();
  const entryOf = new Map<number, DiffEntry>();
  operators.forEach((_, operator) => values.set(operator, changes.length));
  for (const entry of entries) {
    const operator = entry[side];
    const [first] = entry.changes;
    if (operator === -1 || first === undefined) continue;
    values.set(operator, changes.indexOf(first));
    entryOf.set(operator, entry);
  }
  return {
    title: 'Change',
    values,
    scale: { kind: 'categories', names: categoryNames, plain: changes.length },
    join: 'first',
    format: (value) => categoryNames[value] ?? SAME,
    words: (cards, isGroup) => {
      const [first] = cards;
      if (!isGroup && first) return wordsOfCard(changesOf(first, entryOf));
      return wordsOfGroup(cards.map((card) => changesOf(card, entryOf)));
    },
  };
}

/** What happened to the operators of a card. */
interface CardChanges {
  readonly own: DiffEntry | null;
  /** To those that are folded into it. */
  readonly folded: readonly DiffEntry[];
}

function changesOf({ own, operators }: ShownCard, entryOf: ReadonlyMap<number, DiffEntry>): CardChanges {
  const folded: DiffEntry[] = [];
  for (const operator of operators) {
    const entry = operator === own ? undefined : entryOf.get(operator);
    if (entry) folded.push(entry);
  }
  return { own: entryOf.get(own) ?? null, folded };
}

/** Signs of the cards' own changes, then those that only what is folded into them has. */
function signsOfCards(cards: readonly CardChanges[]): string {
  const own = new Set(cards.flatMap((card) => card.own?.changes ?? []));
  const folded = cards.flatMap((card) => card.folded.flatMap((entry) => entry.changes));
  return (
    signsOf([{ changes: [...own] }]) + signsOf([{ changes: folded.filter((change) => !own.has(change)) }])
  );
}

/** `TB float32 → int8`. */
function wordsOfCard(card: CardChanges): string {
  const { own, folded } = card;
  if (!own && folded.length === 0) return SAME_SIGN;
  const detail = own ? own.detail.split(', ', 1)[0]! : foldedWords(folded);
  // As a rule nothing is folded: graphs have thousands of such cards.
  const signs = own && folded.length === 0 ? signsOf([own]) : signsOfCards([card]);
  return detail === '' ? signs : `${signs} ${detail}`;
}

/** `TB 12 changed`: how many cards. */
function wordsOfGroup(cards: readonly CardChanges[]): string {
  const changed = cards.filter(({ own, folded }) => own !== null || folded.length > 0);
  return changed.length === 0 ? SAME_SIGN : `${signsOfCards(changed)} ${changed.length} changed`;
}

/** `DEQUANTIZE`, or how many there are. */
function foldedWords(entries: readonly DiffEntry[]): string {
  const [first, ...others] = entries;
  return first === undefined ? '' : others.length === 0 ? first.kind : `${entries.length} folded`;
}

/**
 * How many operators of two graphs each category of `changeOverlay` has: a pair once, and with every change that it
 * has, as all their signs stand on its card.
 */
export function changeCounts({ entries, unchanged }: Pick<GraphDiff, 'entries' | 'unchanged'>): number[] {
  const counts = changes.map((change) => entries.filter((entry) => entry.changes.includes(change)).length);
  return [...counts, unchanged];
}
