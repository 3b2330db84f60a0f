/** Activations whose range is made by a few values. */
import { formatNumber, plural } from '../format';
import { chooseRange } from '../optimize/calibrate/ranges';
import type { RangeRule, ValueRange } from '../optimize/calibrate/types';
import type { LintRule } from './types';
import { operatorWords, rangeWords } from './words';

const all: RangeRule = { method: 'min-max', percentile: 100 };
const most: RangeRule = { method: 'percentile', percentile: 99.99 };
/** Ranges this many times wider than that of 99.99 % of the values are a remark: two of eight bits, and a warning: three. */
const WIDE = 4;
const TOO_WIDE = 8;
/** Fewer values say nothing about the rarest in 10,000. */
const FEWEST_VALUES = 50_000;

/** Ranges that rare values stretch. */
export const activationOutliersRule: LintRule = {
  name: 'activation-outliers',
  title: 'Activations with rare large values',
  explanation:
    'Where a few values in ten thousand stretch the range of an activation, all others share the few steps that remain. Needs samples.',
  look({ graph, statistics }) {
    if (statistics === null) return [];
    const seen = new Set<object>();
    const hits = [...statistics].flatMap(([tensor, one]) => {
      if (one.count < FEWEST_VALUES || seen.has(one)) return [];
      seen.add(one);
      const [full, usual] = [chooseRange(one, all, 8), chooseRange(one, most, 8)];
      const ratio = width(full) / width(usual);
      return ratio >= WIDE ? [{ tensor, full, usual, ratio }] : [];
    });
    if (hits.length === 0) return [];
    hits.sort((a, b) => b.ratio - a.ratio);
    const worst = hits[0]!;
    const writer = graph.writer[worst.tensor]!;
    const place = writer < 0 ? 'an input of the model' : `the output of ${operatorWords(graph, writer)}`;
    return [
      {
        severity: worst.ratio >= TOO_WIDE ? 'warning' : 'hint',
        message: `Rare values stretch the range of ${plural(hits.length, 'activation')} at least ${WIDE}-fold. The worst is ${place}: ${rangeWords(worst.full)}, but 99.99 % of its values lie within ${rangeWords(worst.usual)}, so int8 leaves them ${formatNumber(Math.max(1, Math.round(255 / worst.ratio)))} of 255 steps.`,
        advice:
          'Choose ranges by percentile or least squared error when quantizing, or int16 activations for these operators. Check that the samples are scaled as in training.',
        operators: hits.flatMap(({ tensor }) => (graph.writer[tensor]! >= 0 ? [graph.writer[tensor]!] : [])),
        tensors: hits.map(({ tensor }) => tensor),
      },
    ];
  },
};

const width = ({ min, max }: ValueRange) => Math.max(0, max) - Math.min(0, min);
