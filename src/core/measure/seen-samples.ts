/** What a score is worth when some of its samples were also used to make the model. */
import { formatPercent, plural } from '../format';
import type { Comparison } from './types';

/**
 * A sentence on the samples of a comparison that model `index` had learned from (`seen`: their indexes), with the top-1
 * accuracy on the others where there are labels; null when it had seen none of them.
 */
export function seenSamplesRemark(
  { models, labels, samples }: Comparison,
  index: number,
  seen: readonly number[],
): string | null {
  const known = new Set(seen.filter((sample) => sample < samples));
  const model = models[index];
  if (known.size === 0 || !model) return null;
  const start = `${known.size} of these ${plural(samples, 'sample')} also calibrated ${model.name}`;
  if (known.size === samples) return `${start}: keep some apart to see how it does on new ones.`;
  const top1 = (predictions: Int32Array | null | undefined) => {
    if (!labels || !predictions) return null;
    let right = 0;
    predictions.forEach((prediction, i) => {
      if (!known.has(i) && prediction === labels[i]) right++;
    });
    return right / (samples - known.size);
  };
  const [before, after] = [top1(models[0]?.predictions), top1(model.predictions)];
  if (before === null || after === null) return `${start}.`;
  return `${start}; on the other ${samples - known.size} its top-1 is ${formatPercent(after)}, the original's ${formatPercent(before)}.`;
}
