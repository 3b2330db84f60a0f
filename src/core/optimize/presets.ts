/** The recipes that come with Whittle. */
import type { Recipe } from './types';

const cleanUp = { pass: 'clean-up' } as const;
/** All that integer quantization can do for accuracy; each part is kept only where held-out samples say so. */
const fitted = {
  rounding: 'gptq',
  clip: 'mse',
  equalize: true,
  correctBias: true,
  trimLogits: true,
} as const;

/** Presets by name, in the order in which they are offered. */
export const presets = {
  'clean-up': {
    name: 'clean-up',
    version: 1,
    description: 'Removes what the model does not need. Its outputs stay the same to the bit.',
    steps: [cleanUp],
  },
  float16: {
    name: 'float16',
    version: 1,
    description: 'Weights as 16-bit floats: about half the size, next to no change in accuracy.',
    steps: [cleanUp, { pass: 'float16' }],
  },
  'dynamic-range': {
    name: 'dynamic-range',
    version: 1,
    description: 'Weights as 8-bit integers that the runtime computes with: about a quarter of the size.',
    steps: [cleanUp, { pass: 'dynamic-range' }],
  },
  'dynamic-int4': {
    name: 'dynamic-int4',
    version: 1,
    description:
      'Weights of convolutions, dense layers and embeddings as 4-bit integers, others as 8-bit, activations float: an eighth of the size without any samples. Small networks lose accuracy by it.',
    steps: [cleanUp, { pass: 'dynamic-range', options: { weights: 'int4' } }],
  },
  'weight-only': {
    name: 'weight-only',
    version: 1,
    description:
      'Weights stored as 8-bit integers and computed with as floats: about a quarter of the size, closer to the original than dynamic-range, not faster.',
    steps: [cleanUp, { pass: 'weight-only' }],
  },
  int8: {
    name: 'int8',
    version: 1,
    description:
      'Weights and activations as 8-bit integers, with ranges, rounding and biases fitted to your samples: about a quarter of the size and the fastest on most devices.',
    steps: [cleanUp, { pass: 'integer', options: fitted }],
  },
  'int8-io': {
    name: 'int8-io',
    version: 1,
    description:
      'As int8, and the model takes and gives 8-bit integers too: for microcontrollers and accelerators without floats.',
    steps: [cleanUp, { pass: 'integer', options: { ...fitted, inputs: 'int8', outputs: 'int8' } }],
  },
  int16x8: {
    name: 'int16x8',
    version: 1,
    description:
      'Activations as 16-bit, weights as 8-bit integers: close to float in accuracy, a quarter of the size, slower than int8.',
    steps: [cleanUp, { pass: 'integer', options: { ...fitted, activations: 'int16' } }],
  },
  'int4-gptq': {
    name: 'int4-gptq',
    version: 1,
    description:
      'Activations as 8-bit, weights of convolutions and dense layers as 4-bit integers, rounded by GPTQ: an eighth of the size. Small networks lose accuracy by it.',
    steps: [cleanUp, { pass: 'integer', options: { ...fitted, weights: 'int4' } }],
  },
  mixed: {
    name: 'mixed',
    version: 1,
    description:
      'Each layer in the number format that your samples allow: the smallest model that loses at most one point of accuracy. Takes minutes, because many models are made and measured.',
    steps: [cleanUp, { pass: 'mixed' }],
  },
  'prune-50': {
    name: 'prune-50',
    version: 1,
    description:
      'Half of the weights of each layer set to zero, the smallest ones, and stored sparse. Small networks lose accuracy by it; look at the comparison.',
    steps: [cleanUp, { pass: 'prune', options: { sparsity: 0.5 } }],
  },
} as const satisfies Record<string, Recipe>;

export type PresetName = keyof typeof presets;
/** Names of the presets, in the order in which they are offered. */
export const presetNames = Object.keys(presets) as readonly PresetName[];

/** The preset of that name, or null. */
export function findPreset(name: string): Recipe | null {
  return Object.hasOwn(presets, name) ? presets[name as PresetName] : null;
}
