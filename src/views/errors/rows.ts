/** The operators of a debugged variant as a table, and what the graph is coloured by. */
import { type DebugRow, debugColumns } from '../../core/debug/table';
import type { DebugReport, OperatorDebug } from '../../core/debug/types';

/** RMSE over scale of rounding alone: 1 / sqrt(12). */
export const roundingAlone = 1 / Math.sqrt(12);

/** `CONV_2D 3`: how an operator is called here. */
export const operatorWords = ({ kind, operator }: OperatorDebug) => `${kind} ${operator}`;

/** The columns of the command line, with kind and index as one, by which an operator is chosen. */
export const errorColumns = [
  { key: 'operator', label: 'Operator', value: operatorWords },
  ...debugColumns
    .filter(({ key }) => key !== 'operator' && key !== 'kind')
    .map((column) => ({
      key: column.key,
      label: column.title,
      align: column.isNumber ? ('right' as const) : ('left' as const),
      value: (row: DebugRow) => column.value(row),
      text: (row: DebugRow) => (column.key === 'name' ? shortName(row) : column.text(row) || '–'),
    })),
];

function shortName({ name }: OperatorDebug): string {
  return name.length <= 36 ? name : `…${name.slice(-35)}`;
}

/** SQNR in dB by operator of the original or of the variant. */
export function errorsByOperator(
  { operators }: DebugReport,
  which: 'local' | 'accumulated',
  side: 'original' | 'variant',
): ReadonlyMap<number, number> {
  return new Map(
    operators.flatMap((row) => {
      if (row.subgraph !== 0) return [];
      const sqnrDb = which === 'local' ? row.local?.sqnrDb : row.accumulated.sqnrDb;
      if (sqnrDb === undefined || Number.isNaN(sqnrDb)) return [];
      return [[side === 'original' ? row.operator : row.variantOperator, sqnrDb] as const];
    }),
  );
}
