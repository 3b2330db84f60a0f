/** One scale for two graphs, so that a colour means the same in both. */
import { rampFor } from '../graph/figure-overlays';
import type { Overlay } from '../graph/overlay';

/** Overlays of two graphs by one figure; null where there is none. */
export type OverlayPair = readonly [Overlay | null, Overlay | null];

/**
 * The same figures over a scale that covers both graphs: ramps reach the greatest figure of either, categories are the
 * names of both. Other scales, and one overlay alone, stay as they are.
 */
export function shareScale([first, second]: OverlayPair): OverlayPair {
  if (!first || !second) return [first, second];
  const [x, y] = [first.scale, second.scale];
  if (x.kind === 'ramp' && y.kind === 'ramp') {
    if (x.none === y.none && x.full === y.full && x.isLog === y.isLog) return [first, second];
    const scale = rampFor([...first.values.values(), ...second.values.values()]);
    return [
      { ...first, scale },
      { ...second, scale },
    ];
  }
  if (x.kind !== 'categories' || y.kind !== 'categories') return [first, second];
  if (x.names.join() === y.names.join()) return [first, second];
  const names = [...new Set([...x.names, ...y.names])];
  const scale = { kind: 'categories' as const, names };
  const format = (value: number) => names[value] ?? '';
  const moved = (values: Overlay['values'], from: readonly string[]) =>
    new Map([...values].map(([operator, value]) => [operator, names.indexOf(from[value] ?? '')]));
  return [
    { ...first, scale, format, values: moved(first.values, x.names) },
    { ...second, scale, format, values: moved(second.values, y.names) },
  ];
}

/** How many operators of both graphs each category has; null where figures are no categories. */
export function countBoth(pair: OverlayPair): number[] | null {
  const [shown] = pair.flatMap((overlay) => overlay ?? []);
  if (shown?.scale.kind !== 'categories') return null;
  const counts = shown.scale.names.map(() => 0);
  for (const overlay of pair) {
    for (const position of overlay?.values.values() ?? []) counts[position]!++;
  }
  return counts;
}
