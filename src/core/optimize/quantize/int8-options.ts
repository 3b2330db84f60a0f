/** Options that the int8 passes share. */
import type { OptionSpec } from '../types';

export const granularityOption: OptionSpec = {
  kind: 'choice',
  preset: 'channel',
  choices: [
    { value: 'channel', label: 'One per channel' },
    { value: 'tensor', label: 'One per tensor' },
  ],
  label: 'Scales',
  hint: 'A scale per output channel is more accurate; where an operator cannot take it, the tensor gets one scale.',
};

export const minElementsOption: OptionSpec = {
  kind: 'number',
  preset: 256,
  min: 0,
  max: 1_000_000_000,
  step: 1,
  unit: 'elements',
  label: 'Smallest tensor',
  hint: 'Weights with fewer elements stay as they are: they save little and cost accuracy.',
};
