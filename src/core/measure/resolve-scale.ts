import { meanStdRule } from '../data/scale';
import type { ScaleRule } from '../data/types';
import { readMetadata } from '../model/metadata';
import type { Model } from '../model/types';

/**
 * The rule for one model: `metadata` becomes the normalization that the model's own metadata give for each input (none
 * for an input of which they say nothing). It stays `metadata` where they give none at all; feeding then says so.
 * @throws ModelError `bad-data` when the metadata hold a std of zero
 */
export function resolveScaleRule(rule: ScaleRule, model: Model): ScaleRule | readonly ScaleRule[] {
  if (rule.kind !== 'metadata') return rule;
  const inputs = readMetadata(model).inputs.map(({ normalization }) => normalization);
  if (inputs.every((normalization) => normalization === null)) return rule;
  return inputs.map((normalization) =>
    normalization === null ? { kind: 'none' } : meanStdRule(normalization.mean, normalization.std),
  );
}
