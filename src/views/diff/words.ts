/** What happened to operators, in words and signs. */
import { type Change, changes, type DiffEntry, type GraphDiff } from '../../core/graph/diff';
import type { Overlay } from '../graph/overlay';
import type { Side } from './camera-link';

export interface ChangeWords {
  /** Stands on the card, so that colour is never alone. */
  readonly sign: string;
  readonly label: string;
}

export const changeWords: Readonly<Record<Change, ChangeWords>> = {
  added: { sign: '+', label: 'added' },
  removed: { sign: '−', label: 'removed' },
  replaced: { sign: '⇄', label: 'other kind' },
  retyped: { sign: 'T', label: 'other type' },
  reshaped: { sign: 'S', label: 'other shape' },
  bytes: { sign: 'B', label: 'other bytes' },
  settings: { sign: 'O', label: 'other options' },
};

/** Name of the category of operators that are the same in both. */
const SAME = 'unchanged';

/** `T other type, B other bytes`. */
export function wordsOf({ changes: found }: Pick<DiffEntry, 'changes'>): string {
  return found.map((change) => `${changeWords[change].sign} ${changeWords[change].label}`).join(', ');
}

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
  const label = (value: number) => {
    const change = changes[value];
    return change === undefined ? SAME : `${changeWords[change].sign} ${changeWords[change].label}`;
  };
  return {
    title: 'Change',
    values,
    scale: {
      kind: 'categories',
      names: [...changes.map((change) => `${changeWords[change].sign} ${changeWords[change].label}`), SAME],
      plain: changes.length,
    },
    join: 'first',
    format: label,
    words: (operator) => {
      const entry = entryOf.get(operator);
      if (!entry) return '=';
      const signs = entry.changes.map((change) => changeWords[change].sign).join('');
      return entry.detail === '' ? signs : `${signs} ${entry.detail.split(', ')[0]}`;
    },
  };
}
