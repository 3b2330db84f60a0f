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
import { scaleLimitsRule } from './scale-limits';
import { comparisonScalesRule, fixedOutputRule, sameScaleRule } from './scale-rules';
import { floatIslandsRule } from './float-islands';
import { unsupportedInt8Rule } from './unsupported';
import { noSoftmaxRule } from './logits';
import { versionTooLowRule } from './versions';
import type { LintRule } from './types';

export const lintRules: readonly LintRule[] = [
  brokenWeightsRule,
  fixedOutputRule,
  sameScaleRule,
  scaleLimitsRule,
  comparisonScalesRule,
  concatRangesRule,
  activationOutliersRule,
  deadChannelsRule,
  outlierChannelsRule,
  outlierWeightsRule,
  biasOverflowRule,
  biasScaleRule,
  floatIslandsRule,
  unsupportedInt8Rule,
  versionTooLowRule,
  noSoftmaxRule,
  storedZerosRule,
];
