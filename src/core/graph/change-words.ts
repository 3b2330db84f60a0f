/** What happened to operators, in words and signs. */
import { changes, type Change, type DiffEntry } from './diff';

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
  values: { sign: 'V', label: 'other values' },
  settings: { sign: 'O', label: 'other options' },
};

/** `T other type`. */
export function changeTitle(change: Change): string {
  return `${changeWords[change].sign} ${changeWords[change].label}`;
}

/** `T other type, B other bytes`. */
export function wordsOf({ changes: found }: Pick<DiffEntry, 'changes'>): string {
  return found.map(changeTitle).join(', ');
}

/** Signs of all that happened to operators, each once, the most telling first: `TB`. Empty for no entries. */
export function signsOf(entries: readonly Pick<DiffEntry, 'changes'>[]): string {
  let signs = '';
  for (const change of changes) {
    if (entries.some((entry) => entry.changes.includes(change))) signs += changeWords[change].sign;
  }
  return signs;
}

/** An entry to be read out: `CONV_2D 3: other type, float32 to int8`. */
export function spokenChange({ kind, before, after, changes: found, detail }: DiffEntry): string {
  const labels = found.map((change) => changeWords[change].label);
  const parts = detail === '' ? labels : [...labels, detail.replaceAll('→', 'to')];
  return `${kind} ${after === -1 ? before : after}: ${parts.join(', ')}`;
}
