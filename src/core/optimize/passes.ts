/** Every pass by name: the one place where a pass is made known. */
import { cleanUp } from './cleanup/clean-up';
import { prune } from './prune/prune';
import { dynamicRange } from './quantize/dynamic-range';
import { float16 } from './quantize/float16';
import { integer } from './quantize/integer/integer';
import { weightOnly } from './quantize/weight-only';
import { mixed } from './search/mixed';
import type { Pass } from './types';

/** In the order in which they are offered. */
export const passes: Readonly<Record<string, Pass>> = {
  'clean-up': cleanUp,
  float16,
  'dynamic-range': dynamicRange,
  'weight-only': weightOnly,
  integer,
  mixed,
  prune,
};
