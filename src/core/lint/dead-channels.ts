/** Weights that are hardly there. */
import { formatNumber, formatPercent } from '../format';
import { NARROWEST_RANGE } from '../optimize/quantize/weights/scales';
import { count, plural } from '../optimize/report';
import type { Layer } from './layers';
import type { LintRule } from './types';

/**
 * Channels whose largest |w| is below this count as dead: the official converter widens every range below 1e-6 to ±5e-7
 * (`ExpandVerySmallRange`), so all of their integers are 0.
 */
export const DEAD_BELOW = NARROWEST_RANGE;

/** Whether all weights of an output channel are practically zero. */
export function isDead({ spread, isFinite }: Layer, channel: number): boolean {
  return isFinite && spread.largest[channel]! < DEAD_BELOW;
}

/** Number of dead output channels of a layer. */
export function deadChannels(layer: Layer): number {
  let dead = 0;
  for (let c = 0; c < layer.channels; c++) if (isDead(layer, c)) dead++;
  return dead;
}

/** Output channels that give the same number whatever the input is. */
export const deadChannelsRule: LintRule = {
  name: 'dead-channels',
  title: 'Dead channels',
  explanation:
    'Output channels whose weights are all practically zero give a constant; they cost time and bytes and can break scales.',
  look({ layers }) {
    const hit = layers.flatMap((layer) => {
      const dead = deadChannels(layer);
      return dead > 0 ? [{ layer, dead }] : [];
    });
    if (hit.length === 0) return [];
    hit.sort((a, b) => b.dead - a.dead);
    const weights = layers.reduce((sum, { channels, depth }) => sum + channels * depth, 0);
    const inDead = hit.reduce((sum, { layer, dead }) => sum + dead * layer.depth, 0);
    const total = hit.reduce((sum, { dead }) => sum + dead, 0);
    const worst = hit[0]!;
    const most =
      hit.length > 1
        ? `, most of them in ${worst.layer.kind} ${worst.layer.operator} (${count(worst.dead)} of ${count(worst.layer.channels)})`
        : ` of ${count(worst.layer.channels)}`;
    const isDetail = total < 4 && inDead / weights < 0.001;
    return [
      {
        severity: isDetail ? 'hint' : 'warning',
        message: `${plural(total, 'output channel')}${most} in ${plural(hit.length, 'layer')} have no weight of ${formatNumber(DEAD_BELOW)} or more: they give a constant. They hold ${formatPercent(inDead / weights)} of the layers' weights.`,
        advice:
          'Such a channel can be left out without changing a result: fold its constant into the next bias and drop it. That saves its bytes and time, and keeps tiny scales out of a quantized file.',
        operators: hit.map(({ layer }) => layer.operator),
      },
    ];
  },
};
