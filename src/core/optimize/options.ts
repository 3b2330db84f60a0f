/** What the option specs of a pass mean: presets, checks and the words for what is allowed. */
import { ModelError } from '../errors';
import type { Options, OptionSpec, OptionValue, Pass } from './types';

/** The value of every option that a recipe does not name. */
export function presetOptions(pass: Pass): Options {
  return Object.fromEntries(Object.entries(pass.options).map(([key, spec]) => [key, spec.preset]));
}

/** What an option takes, in words: `a number from 0 to 0.99`. */
export function describeAllowed(spec: OptionSpec): string {
  switch (spec.kind) {
    case 'boolean':
      return 'true or false';
    case 'number':
      return `a ${Number.isInteger(spec.step) ? 'whole ' : ''}number from ${spec.min} to ${spec.max}`;
    case 'choice':
      return `one of ${spec.choices.map((choice) => choice.value).join(', ')}`;
  }
}

/** Whether `value` fits the spec. */
export function isAllowed(spec: OptionSpec, value: unknown): value is OptionValue {
  switch (spec.kind) {
    case 'boolean':
      return typeof value === 'boolean';
    case 'number':
      return (
        typeof value === 'number' &&
        value >= spec.min &&
        value <= spec.max &&
        (!Number.isInteger(spec.step) || Number.isInteger(value))
      );
    case 'choice':
      return spec.choices.some((choice) => choice.value === value);
  }
}

/**
 * The option as a number, boolean or text. Recipes are checked before they run, so a mismatch here means that a
 * pass was called with options that nobody checked.
 * @throws ModelError `bad-recipe`
 */
export function numberOption(options: Options, key: string): number {
  const value = options[key];
  if (typeof value !== 'number') throw unchecked(key, 'number');
  return value;
}

/** See `numberOption`. */
export function booleanOption(options: Options, key: string): boolean {
  const value = options[key];
  if (typeof value !== 'boolean') throw unchecked(key, 'boolean');
  return value;
}

/** See `numberOption`. */
export function textOption(options: Options, key: string): string {
  const value = options[key];
  if (typeof value !== 'string') throw unchecked(key, 'text');
  return value;
}

function unchecked(key: string, kind: string): ModelError {
  return new ModelError('bad-recipe', `The option "${key}" is missing or no ${kind}. Give it a value.`);
}
