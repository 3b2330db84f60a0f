/** The options of the integer pass, and what they say for one operator. */
import { booleanOption, numberOption, textOption } from '../../options';
import type { RangeRule } from '../../calibrate/types';
import type { Options, OptionSpec } from '../../types';
import { granularityOption } from '../int8-options';

export type ActivationType = 'INT8' | 'INT16';
/** Type of a model input or output; integers of the activations' own type are `own`. */
export type EndType = 'FLOAT32' | 'INT8' | 'UINT8' | 'INT16';

const ends: readonly { readonly value: string; readonly label: string }[] = [
  { value: 'float32', label: 'float32' },
  { value: 'int8', label: 'int8' },
  { value: 'uint8', label: 'uint8' },
  { value: 'int16', label: 'int16' },
];

export const integerOptions = {
  activations: {
    kind: 'choice',
    preset: 'int8',
    choices: [
      { value: 'int8', label: 'int8' },
      { value: 'int16', label: 'int16' },
    ],
    label: 'Activations',
    hint: 'int16 keeps almost all accuracy and is slower: use it for operators that int8 hurts.',
  },
  weights: {
    kind: 'choice',
    preset: 'int8',
    choices: [
      { value: 'int8', label: 'int8' },
      { value: 'int4', label: 'int4' },
    ],
    label: 'Weights',
    hint: 'int4 halves the weights once more; convolutions and fully-connected operators have kernels for it, others keep int8.',
  },
  granularity: { ...granularityOption, isAdvanced: true },
  inputs: {
    kind: 'choice',
    preset: 'float32',
    choices: ends,
    label: 'Model inputs',
    hint: 'Integer inputs save the conversion; the application then feeds integers.',
    isWholeStep: true,
  },
  outputs: {
    kind: 'choice',
    preset: 'float32',
    choices: ends,
    label: 'Model outputs',
    hint: 'Integer outputs save the conversion; the application then reads integers.',
    isWholeStep: true,
  },
  ranges: {
    kind: 'choice',
    preset: 'min-max',
    choices: [
      { value: 'min-max', label: 'All values' },
      { value: 'average', label: "Average of the samples' ranges" },
      { value: 'percentile', label: 'Percentile' },
      { value: 'mse', label: 'Least squared error' },
      { value: 'kl', label: 'Least divergence (KL)' },
    ],
    label: 'Ranges',
    hint: 'How the range of an activation is chosen from the values seen. Narrower ranges round more finely and cut off the rare large values.',
  },
  percentile: {
    kind: 'number',
    preset: 99.99,
    min: 90,
    max: 100,
    step: 0.01,
    unit: '%',
    label: 'Share of values kept',
    hint: 'For percentile ranges: the rest, half of it at each end, is cut off.',
    isAdvanced: true,
  },
  trimLogits: {
    kind: 'boolean',
    preset: false,
    label: 'Trim logits',
    hint: 'What goes into a SOFTMAX keeps only values near enough to the greatest to show in its 8-bit output: finer steps for those that count.',
    isAdvanced: true,
  },
  rounding: {
    kind: 'choice',
    preset: 'nearest',
    choices: [
      { value: 'nearest', label: 'To the nearest' },
      { value: 'gptq', label: 'GPTQ' },
    ],
    label: 'Rounding of weights',
    hint: "GPTQ rounds weights one after the other and lets the later ones make up for the earlier ones' error, as seen on the samples.",
    isAdvanced: true,
  },
  clip: {
    kind: 'choice',
    preset: 'none',
    choices: [
      { value: 'none', label: 'Off' },
      { value: 'mse', label: 'Least squared error' },
      { value: 'octav', label: 'OCTAV' },
    ],
    label: 'Clipping of weights',
    hint: 'Narrower scales where a few large weights make all others coarse. Kept for a layer only when its outputs on held-out samples are closer.',
    isAdvanced: true,
  },
  equalize: {
    kind: 'boolean',
    preset: false,
    label: 'Equalize layers',
    hint: 'Shifts scale between channels of neighbouring layers so that their ranges are alike. Kept only when held-out outputs are closer.',
    isAdvanced: true,
    isWholeStep: true,
  },
  correctBias: {
    kind: 'boolean',
    preset: false,
    label: 'Correct biases',
    hint: "Takes each channel's mean error, as seen on the samples, out of its bias. Kept only when held-out outputs are closer.",
    isAdvanced: true,
    isWholeStep: true,
  },
} satisfies Readonly<Record<string, OptionSpec>>;

/** What the options say for one operator. */
export interface OperatorSettings {
  readonly activations: ActivationType;
  /** Bits of weights, where the operator has a kernel for 4. */
  readonly weightBits: 8 | 4;
  readonly isPerChannel: boolean;
  readonly ranges: RangeRule;
  /** For a SOFTMAX: what it reads keeps only values that can show in its output. */
  readonly trimsLogits: boolean;
  readonly rounding: 'nearest' | 'gptq';
  readonly clip: 'none' | 'mse' | 'octav';
}

/** What the options say for the model as a whole. */
export interface ModelSettings {
  readonly inputs: EndType;
  readonly outputs: EndType;
  readonly equalize: boolean;
  readonly correctBias: boolean;
}

/** Reads the options of one operator. */
export function operatorSettings(options: Options): OperatorSettings {
  return {
    activations: textOption(options, 'activations') === 'int16' ? 'INT16' : 'INT8',
    weightBits: textOption(options, 'weights') === 'int4' ? 4 : 8,
    isPerChannel: textOption(options, 'granularity') === 'channel',
    ranges: {
      method: textOption(options, 'ranges') as RangeRule['method'],
      percentile: numberOption(options, 'percentile'),
    },
    trimsLogits: booleanOption(options, 'trimLogits'),
    rounding: textOption(options, 'rounding') as OperatorSettings['rounding'],
    clip: textOption(options, 'clip') as OperatorSettings['clip'],
  };
}

/** Reads the options of the whole model. */
export function modelSettings(options: Options): ModelSettings {
  return {
    inputs: textOption(options, 'inputs').toUpperCase() as EndType,
    outputs: textOption(options, 'outputs').toUpperCase() as EndType,
    equalize: booleanOption(options, 'equalize'),
    correctBias: booleanOption(options, 'correctBias'),
  };
}
