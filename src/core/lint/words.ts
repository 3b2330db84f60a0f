/** Short phrases that the rules share. */
import { count, formatNumber, formatPercent, plural } from '../format';
import { operatorKind } from '../model/operators';
import type { ValueRange } from '../optimize/calibrate/types';
import type { Graph } from '../optimize/quantize/integer/graph';

/** More kinds than this are counted, not named. */
const NAMED_KINDS = 6;

/** `operator 26 (CONV_2D)`. */
export function operatorWords(graph: Graph, operator: number): string {
  return `operator ${operator} (${kindOf(graph, operator)})`;
}

/** `ELU (3 times), FLOOR_MOD`: most frequent first. */
export function kindWords(graph: Graph, operators: readonly number[]): string {
  const counts = new Map<string, number>();
  for (const operator of operators) {
    const kind = kindOf(graph, operator);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  const named = sorted
    .slice(0, NAMED_KINDS)
    .map(([kind, times]) => (times > 1 ? `${kind} (${count(times)} times)` : kind));
  const others = sorted.length - named.length;
  return others > 0 ? `${named.join(', ')} and ${plural(others, 'other kind')}` : named.join(', ');
}

/** `−12.3 to 655`. */
export function rangeWords({ min, max }: ValueRange): string {
  return `${formatNumber(min, 3)} to ${formatNumber(max, 3)}`;
}

/** `1 operator has`, `3 operators have`. */
export function counted(number: number, word: string, one: string, several: string): string {
  return `${plural(number, word)} ${number === 1 ? one : several}`;
}

/** A fraction as `73.3 %`, never `0.0 %` for something. */
export function shareWords(fraction: number): string {
  return fraction > 0 && fraction < 0.001 ? 'less than 0.1 %' : formatPercent(fraction);
}

/** The custom code of a custom operator, else the builtin name. */
export function kindOf(graph: Graph, operator: number): string {
  return operatorKind(graph.model, graph.subgraph.operators[operator]!);
}
