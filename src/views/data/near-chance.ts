/** Whether an original's accuracy is so low that the data were probably scaled by a wrong rule. */
import { formatPercent } from '../../core/format';
import { isFedAsStored, type OpenDataset } from '../../state/datasets.svelte';
import type { OpenModel } from '../../state/models.svelte';

export interface ChanceRemark {
  readonly text: string;
  /** Rules to try instead. */
  readonly alternatives: readonly { readonly rule: string; readonly label: string }[];
}

/** With few classes, twice the chance would be a good result. */
const highestSuspect = 0.6;

/** Twice the chance, or with few samples what chance gives in all but one of a thousand cases. */
function suspectBelow(classes: number, samples: number): number {
  const chance = 1 / classes;
  const spread = Math.sqrt((chance * (1 - chance)) / samples);
  return Math.min(highestSuspect, Math.max(2 * chance, chance + 3 * spread));
}

const rules = [
  { rule: 'metadata', label: "model's metadata" },
  { rule: 'x/255', label: 'x / 255' },
  { rule: 'x/127.5-1', label: 'x / 127.5 − 1' },
  { rule: 'none', label: 'as stored' },
] as const;

/** Null where there is nothing to suspect: no labels, good accuracy, other data, or no scaling at all. */
export function remarkOnChance(model: OpenModel, dataset: OpenDataset): ChanceRemark | null {
  const { figures, measured, summary } = model;
  if (!figures || !measured || figures.top1 === null || !figures.confusion) return null;
  const { comparison } = measured;
  if (comparison.isRandom || comparison.dataName !== dataset.name) return null;
  const current = dataset.scaleFor(summary);
  if (comparison.scaleRule !== current || isFedAsStored(dataset.summary, summary)) return null;
  if (figures.top1 >= suspectBelow(figures.confusion.classes, comparison.samples)) return null;
  return {
    text: `${model.title} gets ${formatPercent(figures.top1)} right, near chance. Is the scale rule right?`,
    alternatives: rules.filter(
      ({ rule }) => rule !== current && (rule !== 'metadata' || summary.hasInputScaling),
    ),
  };
}
