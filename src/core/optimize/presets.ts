/** The recipes that come with Whittle. */
import type { Recipe } from './types';

const cleanUp = { pass: 'clean-up' } as const;

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
  'weight-only': {
    name: 'weight-only',
    version: 1,
    description:
      'Weights stored as 8-bit integers and computed with as floats: about a quarter of the size, closer to the original than dynamic-range, not faster.',
    steps: [cleanUp, { pass: 'weight-only' }],
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
