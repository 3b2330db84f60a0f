/** What the comparison's charts show of an original and one variant. */
import { plural } from '../../core/format';
import { changePerClass } from '../../core/measure/accuracy';
import type { Comparison, ModelMeasurement } from '../../core/measure/types';

export interface LayerPair {
  readonly label: string;
  readonly detail: string;
  readonly before: number;
  readonly after: number;
}

/**
 * Constant bytes by layer, before and after, largest first; what lies behind the first `limit` is summed in one row.
 * Layers are matched by subgraph and name of the first output, the n-th of a name with the n-th. Operators that only one model
 * has (a DEQUANTIZE that a pass put before a weight) keep a row of their own.
 */
export function pairLayers(
  original: ModelMeasurement,
  variant: ModelMeasurement,
  limit: number,
): LayerPair[] {
  const rows = new Map<string, { label: string; detail: string; before: number; after: number }>();
  for (const [side, model] of [
    ['before', original],
    ['after', variant],
  ] as const) {
    const seen = new Map<string, number>();
    for (const layer of model.layers) {
      const name = `${layer.subgraph}/${layer.name}`;
      const turn = seen.get(name) ?? 0;
      seen.set(name, turn + 1);
      if (layer.sizeBytes === 0) continue;
      const key = `${name}/${turn}`;
      const row = rows.get(key) ?? {
        label: layer.name || `${layer.kind} ${layer.operator}`,
        detail: layer.kind,
        before: 0,
        after: 0,
      };
      row[side] += layer.sizeBytes;
      rows.set(key, row);
    }
  }
  const sorted = [...rows.values()].sort(
    (a, b) => Math.max(b.before, b.after) - Math.max(a.before, a.after) || a.label.localeCompare(b.label),
  );
  if (sorted.length <= limit) return sorted;
  const rest = sorted.slice(limit - 1);
  const sum = (side: 'before' | 'after') => rest.reduce((total, row) => total + row[side], 0);
  return [
    ...sorted.slice(0, limit - 1),
    { label: plural(rest.length, 'other'), detail: 'summed', before: sum('before'), after: sum('after') },
  ];
}

export interface DtypeRow {
  readonly dtype: string;
  readonly before: number;
  readonly after: number;
  readonly tensorsBefore: number;
  readonly tensorsAfter: number;
}

/** Constant bytes by dtype of both models, largest first. */
export function pairDtypes(original: ModelMeasurement, variant: ModelMeasurement): DtypeRow[] {
  const dtypes = new Set([...original.dtypes, ...variant.dtypes].map(({ dtype }) => dtype));
  return [...dtypes]
    .map((dtype) => {
      const before = original.dtypes.find((one) => one.dtype === dtype);
      const after = variant.dtypes.find((one) => one.dtype === dtype);
      return {
        dtype,
        before: before?.sizeBytes ?? 0,
        after: after?.sizeBytes ?? 0,
        tensorsBefore: before?.tensors ?? 0,
        tensorsAfter: after?.tensors ?? 0,
      };
    })
    .sort((a, b) => b.before + b.after - a.before - a.after);
}

export interface ClassChange {
  readonly label: string;
  readonly detail: string;
  /** Change of right answers: of their share (-1 to 1), or of their number where classes are small. */
  readonly value: number;
  /** `1 → 0 of 2`; null where the value says it. */
  readonly text: string | null;
}

export interface ClassChanges {
  readonly rows: readonly ClassChange[];
  /** Changed classes behind the limit. */
  readonly left: number;
  /** Classes without a change that are not among the rows. */
  readonly unchanged: number;
  /** The values are numbers of samples, for a share of a handful says little. */
  readonly areCounts: boolean;
}

/** Up to so many classes are all shown, changed or not. */
const fewClasses = 12;
/** Classes of fewer samples are counted, not given as shares. */
const leastForShares = 10;

/**
 * Change of right answers by class: all classes in order where there are few, else those that changed, at most
 * `limit`, the worst loss first. No rows without labels or without any change.
 */
export function classChanges(
  comparison: Comparison,
  original: ModelMeasurement,
  variant: ModelMeasurement,
  limit: number,
): ClassChanges {
  const { labels } = comparison;
  const { predictions: before } = original;
  const { predictions: after } = variant;
  if (!labels || !before || !after) return { rows: [], left: 0, unchanged: 0, areCounts: false };
  const all = changePerClass(labels, before, after);
  const areCounts = all.every(({ samples }) => samples < leastForShares);
  const rows = all.map((change) => ({
    label: className(comparison, change.classIndex),
    detail: `${change.before} to ${change.after} right of ${change.samples}`,
    value: (change.after - change.before) / (areCounts ? 1 : change.samples),
    text: areCounts ? `${change.before} → ${change.after} of ${change.samples}` : null,
  }));
  const changed = rows.filter((row) => row.value !== 0);
  if (rows.length <= fewClasses && changed.length > 0) return { rows, left: 0, unchanged: 0, areCounts };
  return {
    rows: changed
      .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
      .slice(0, limit)
      .sort((a, b) => a.value - b.value),
    left: Math.max(0, changed.length - limit),
    unchanged: rows.length - changed.length,
    areCounts,
  };
}

export interface ChangedSample {
  readonly sample: number;
  readonly label: string | null;
  readonly before: string;
  readonly after: string;
  /** What the change did; null without labels. */
  readonly effect: 'gained' | 'lost' | 'still wrong' | null;
}

/** Samples whose predicted class differs, losses first. */
export function changedSamples(
  comparison: Comparison,
  original: ModelMeasurement,
  variant: ModelMeasurement,
): ChangedSample[] {
  const { predictions: before } = original;
  const { predictions: after } = variant;
  if (!before || !after) return [];
  const order = { lost: 0, gained: 1, 'still wrong': 2 };
  const rows: ChangedSample[] = [];
  before.forEach((was, sample) => {
    const is = after[sample];
    if (is === undefined || is === was) return;
    const label = comparison.labels?.[sample] ?? null;
    rows.push({
      sample,
      label: label === null ? null : className(comparison, label),
      before: className(comparison, was),
      after: className(comparison, is),
      effect: label === null ? null : was === label ? 'lost' : is === label ? 'gained' : 'still wrong',
    });
  });
  return rows.sort((a, b) => (a.effect && b.effect ? order[a.effect] - order[b.effect] : 0));
}

/** Name of a class, its number where there is no name, or `no answer`. */
export function className(comparison: Comparison, index: number): string {
  return index < 0 ? 'no answer' : (comparison.classNames?.[index] ?? String(index));
}
