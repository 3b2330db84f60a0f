/** What happened to operators as colours of a graph. */
import { changeWords } from '../../core/graph/change-words';
import { changes, type DiffEntry, type GraphDiff } from '../../core/graph/diff';
import type { Overlay } from '../graph/overlay';
import type { Side } from './camera-link';

/** Name of the category of operators that are the same in both. */
const SAME = 'unchanged';

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
