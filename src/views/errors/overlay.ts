/** Errors of operators as colours of the graph. */
import type { DebugReport } from '../../core/debug/types';
import type { Overlay } from '../graph/overlay';
import { errorsByOperator } from './rows';

/** SQNR in dB that is as good as none: about rounding to 8 bits alone. */
const HARMLESS_DB = 45;
/** As bad as it gets from here down: the error has a tenth of the power of the signal. */
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
    scale: { kind: 'diverging', bad: HARMFUL_DB, good: HARMLESS_DB },
    // Of several operators in one node the worst counts.
    join: 'least',
    // Short, to fit in the corner of a card.
    format: (db) => (db === Infinity ? 'exact' : `${db.toFixed(0)} dB`),
  };
}
