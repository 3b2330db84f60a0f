/** What happened to operators, in words and signs. */
import type { Change, DiffEntry } from './diff';

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

/** `T other type, B other bytes`. */
export function wordsOf({ changes: found }: Pick<DiffEntry, 'changes'>): string {
  return found.map((change) => `${changeWords[change].sign} ${changeWords[change].label}`).join(', ');
}
