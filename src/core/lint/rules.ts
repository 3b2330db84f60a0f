/** Every rule, in the order in which advice is listed. */
import { biasOverflowRule, biasScaleRule } from './biases';
import { concatRangesRule } from './concat-ranges';
import { deadChannelsRule } from './dead-channels';
import { activationOutliersRule } from './outlier-activations';
import {
  brokenWeightsRule,
  outlierChannelsRule,
  outlierWeightsRule,
  storedZerosRule,
} from './outlier-weights';
import type { LintRule } from './types';

export const lintRules: readonly LintRule[] = [
  brokenWeightsRule,
  concatRangesRule,
  activationOutliersRule,
  deadChannelsRule,
  outlierChannelsRule,
  outlierWeightsRule,
  biasOverflowRule,
  biasScaleRule,
  storedZerosRule,
];
