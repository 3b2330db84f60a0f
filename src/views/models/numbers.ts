/** The three numbers of a model's card, and the chips that say how they changed. */
import { formatBytes, formatDb, formatMs, formatPercent } from '../../core/format';
import type { OpenModel } from '../../state/models.svelte';
import { changeText, changeTone, headlines } from '../compare/headlines';

export interface CardNumber {
  readonly value: string;
  readonly label: string;
  /** How it was obtained. */
  readonly hint: string;
}

const none = '–';

/** Accuracy, latency and size, in that order; a dash where there is no figure yet. */
export function cardNumbers(model: OpenModel): readonly CardNumber[] {
  const { figures, measured, summary } = model;
  const where = measured
    ? `measured here on ${measured.comparison.dataName}, ${measured.comparison.method}`
    : 'not measured yet';
  return [
    { ...accuracy(model), hint: where },
    { value: figures?.latencyMs ? formatMs(figures.latencyMs.median) : none, label: 'median', hint: where },
    { value: formatBytes(summary.sizeBytes), label: 'file', hint: 'computed from the file' },
  ];
}

function accuracy({ figures, measured }: OpenModel): Omit<CardNumber, 'hint'> {
  if (!figures || measured?.comparison.isRandom) {
    return figures?.sqnrDb != null
      ? { value: formatDb(figures.sqnrDb), label: 'SQNR' }
      : { value: none, label: 'accuracy' };
  }
  if (figures.top1 !== null) return { value: formatPercent(figures.top1), label: 'top-1' };
  if (figures.agreement !== null) return { value: formatPercent(figures.agreement), label: 'agreement' };
  if (figures.sqnrDb !== null) return { value: formatDb(figures.sqnrDb), label: 'SQNR' };
  return { value: none, label: 'accuracy' };
}

export interface ChangeChip {
  readonly text: string;
  readonly tone: 'good' | 'bad' | 'neutral';
  readonly hint: string;
}

/** What changed from the original, from the last measurement. Accuracy on random numbers is left out. */
export function changeChips({ figures, measured }: OpenModel): readonly ChangeChip[] {
  if (!figures || !measured || measured.index === 0) return [];
  const { comparison } = measured;
  return headlines(comparison, figures).flatMap((headline) => {
    const text = changeText(headline);
    if (text === null || (comparison.isRandom && headline.title === 'Accuracy')) return [];
    const hint = `${headline.title}: ${headline.beforeText} to ${headline.afterText}, ${headline.detail}`;
    // Beside each other the chips need their subject where the text has none.
    const words = text === 'the same' ? `same ${headline.title.toLowerCase()}` : text;
    return [{ text: words, tone: changeTone(headline), hint }];
  });
}
