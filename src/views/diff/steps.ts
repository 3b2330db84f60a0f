/** Walking from change to change. */
import type { DiffEntry } from '../../core/graph/diff';
import type { Side } from './camera-link';

/** The operator that is selected, and in which graph. */
export interface Place {
  readonly side: Side;
  readonly operator: number;
}

/**
 * The entry after (`step` 1) or before (`step` -1) the selected operator, around the end; null where there is none.
 * Without a selection the first or the last. `entries` are in the order of the graph after.
 */
export function stepEntry(
  entries: readonly DiffEntry[],
  place: Place | null,
  partner: number,
  step: 1 | -1,
): DiffEntry | null {
  if (entries.length === 0) return null;
  const start = step === 1 ? 0 : entries.length - 1;
  if (!place) return entries[start]!;
  const here = entries.findIndex((entry) => entry[place.side] === place.operator);
  if (here !== -1) return entries[(here + step + entries.length) % entries.length]!;
  // An operator without a change: what comes next to it in the graph after.
  const at = place.side === 'after' ? place.operator : partner;
  const isBeyond = ({ after }: DiffEntry) => after !== -1 && (step === 1 ? after > at : after < at);
  return (step === 1 ? entries.find(isBeyond) : entries.findLast(isBeyond)) ?? entries[start]!;
}
