/** Every rule, in the order in which advice is listed. */
import { deadChannelsRule } from './dead-channels';
import type { LintRule } from './types';

export const lintRules: readonly LintRule[] = [deadChannelsRule];
