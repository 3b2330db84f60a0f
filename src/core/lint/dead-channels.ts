/** Weights that are hardly there. */
import { count, formatNumber } from '../format';
import { NARROWEST_RANGE } from '../optimize/quantize/weights/scales';
import type { Layer } from './layers';
import type { LintRule } from './types';
import { operatorWords, shareWords } from './words';

/**
 * Channels whose largest |w| is below this count as dead: the official converter widens every range below 1e-6 to ±5e-7
 * (`ExpandVerySmallRange`), so all of their integers are 0.
 */
export const DEAD_BELOW = NARROWEST_RANGE;

/** Below this share of all weights they are no more than worth knowing; some channels below the other not even that. */
const FEW = 0.01;
const TOO_FEW = 0.001;

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
  look({ graph, layers }) {
    const hit = layers.flatMap((layer) => {
      const dead = deadChannels(layer);
      return dead > 0 ? [{ layer, dead }] : [];
    });
    if (hit.length === 0) return [];
    hit.sort((a, b) => b.dead - a.dead);
    const weights = layers.reduce((sum, { channels, depth }) => sum + channels * depth, 0);
    const inDead = hit.reduce((sum, { layer, dead }) => sum + dead * layer.depth, 0);
    const total = hit.reduce((sum, { dead }) => sum + dead, 0);
    if (total < 4 && inDead / weights < TOO_FEW) return [];
    const worst = hit[0]!;
    const isOne = hit.length === 1;
    const which = isOne
      ? `${count(total)} of ${count(worst.layer.channels)} output channels of ${operatorWords(graph, worst.layer.operator)}`
      : `${count(total)} output channels in ${count(hit.length)} layers`;
    const most = isOne
      ? ''
      : ` Most are in ${operatorWords(graph, worst.layer.operator)}: ${count(worst.dead)} of ${count(worst.layer.channels)}.`;
    return [
      {
        severity: inDead / weights < FEW ? 'hint' : 'warning',
        message: `${which} ${total === 1 ? 'has' : 'have'} no weight larger than ${formatNumber(DEAD_BELOW, 1)} and so ${total === 1 ? 'gives' : 'give'} a constant, whatever the input.${most} ${total === 1 ? 'It holds' : 'They hold'} ${shareWords(inDead / weights)} of the weights of all layers.`,
        advice:
          'Take such channels out: where the constant is 0, or the next layer does not pad, it can be folded into the next bias without changing a result. That saves bytes and time, and keeps tiny scales out of a quantized file.',
        operators: hit.map(({ layer }) => layer.operator),
      },
    ];
  },
};
