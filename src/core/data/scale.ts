/** Scaling rules: how stored numbers become the real values that a model was trained on. */
import { ModelError } from '../errors';
import type { ScaleRule } from './types';

/** Rules as users write them, for help texts. */
export const scaleRuleHelp = 'none, x/255, x/127.5-1, mean=…,std=… (one number or one per channel), metadata';

const number = String.raw`[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?`;
const list = String.raw`\[?${number}(?:,${number})*\]?`;
const meanStd = new RegExp(`^mean=(${list}),std=(${list})$`);

/**
 * Reads a rule: `none`, `x/255`, `x/127.5-1`, `mean=M,std=S` meaning (x - M) / S with one number or one per
 * channel (`mean=123.7,116.3,103.5,std=58.4,57.1,57.4`), or `metadata` (the model's own). Spaces do not matter.
 * @throws ModelError `bad-data` when the text is none of them
 */
export function parseScaleRule(text: string): ScaleRule {
  const rule = text.replace(/\s+/g, '').toLowerCase();
  if (rule === 'none' || rule === '') return { kind: 'none' };
  if (rule === 'metadata') return { kind: 'metadata' };
  if (rule === 'x/255') return { kind: 'affine', label: 'x/255', divisor: 255, offset: 0 };
  if (rule === 'x/127.5-1') return { kind: 'affine', label: 'x/127.5-1', divisor: 127.5, offset: -1 };
  const match = meanStd.exec(rule);
  if (!match)
    throw new ModelError('bad-data', `"${text}" is not a scaling rule; use one of: ${scaleRuleHelp}.`);
  return meanStdRule(numbers(match[1]!), numbers(match[2]!));
}

/**
 * The rule (x - mean) / std.
 * @throws ModelError `bad-data` when the lengths do not go together or a std is zero
 */
export function meanStdRule(mean: readonly number[], std: readonly number[]): ScaleRule {
  if (std.some((value) => value === 0))
    throw new ModelError('bad-data', 'A std of 0 in the scaling rule would divide by zero.');
  if (mean.length !== std.length && mean.length !== 1 && std.length !== 1)
    throw new ModelError(
      'bad-data',
      `The scaling rule has ${mean.length} means but ${std.length} stds; give one of each per channel, or one alone.`,
    );
  return { kind: 'mean-std', mean, std };
}

/** The rule as text that `parseScaleRule` reads back. */
export function formatScaleRule(rule: ScaleRule): string {
  if (rule.kind === 'affine') return rule.label;
  if (rule.kind === 'mean-std') return `mean=${rule.mean.join(',')},std=${rule.std.join(',')}`;
  return rule.kind;
}

/**
 * A function of a stored number and its channel.
 * @param channels size of the last axis of the model's input
 * @throws ModelError `bad-data` when the rule has another number of channels, or is still `metadata`
 */
export function createScaler(rule: ScaleRule, channels: number): (value: number, channel: number) => number {
  switch (rule.kind) {
    case 'none':
      return (value) => value;
    case 'affine': {
      const { divisor, offset } = rule;
      return (value) => value / divisor + offset;
    }
    case 'mean-std': {
      const count = Math.max(rule.mean.length, rule.std.length);
      if (count > 1 && count !== channels)
        throw new ModelError(
          'bad-data',
          `The scaling rule has ${count} channels, the model's input has ${channels}; give one number or ${channels}.`,
        );
      const mean = spread(rule.mean, channels);
      const std = spread(rule.std, channels);
      return (value, channel) => (value - mean[channel]!) / std[channel]!;
    }
    case 'metadata':
      throw new ModelError(
        'bad-data',
        "This model's metadata say nothing about scaling; choose none, x/255, x/127.5-1 or mean=…,std=….",
      );
  }
}

function spread(values: readonly number[], channels: number): readonly number[] {
  return values.length === 1 ? Array.from({ length: channels }, () => values[0]!) : values;
}

function numbers(text: string): number[] {
  return text.replace(/[[\]]/g, '').split(',').map(Number);
}
