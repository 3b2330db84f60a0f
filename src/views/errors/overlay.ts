/** Errors of operators as colours of the graph. */
import type { DebugReport } from '../../core/debug/types';
import type { Overlay } from '../graph/overlay';
import { errorsByOperator } from './rows';

/** What the graph can be coloured by. */
export const overlayChoices = [
  { value: 'none', label: 'by category' },
  { value: 'local', label: 'local error' },
  { value: 'accumulated', label: 'accumulated error' },
] as const;

/** SQNR in dB that is not coloured at all: about rounding to 8 bits alone. */
const HARMLESS_DB = 45;
/** Coloured fully from here down: the error has a tenth of the power of the signal. */
const HARMFUL_DB = 10;

/** The errors of a report over the graph of the original or of the variant. */
export function errorOverlay(
  report: DebugReport,
  which: 'local' | 'accumulated',
  side: 'original' | 'variant',
): Overlay {
  return {
    title: which === 'local' ? 'Local SQNR' : 'Accumulated SQNR',
    values: errorsByOperator(report, which, side),
    full: HARMFUL_DB,
    none: HARMLESS_DB,
    // Short, to fit in the corner of a card.
    format: (db) => (db === Infinity ? 'exact' : `${db.toFixed(0)} dB`),
  };
}
