/** Opening a file for work: read, then checked. */
import { ModelError } from '../errors';
import type { Finding } from '../inspect/types';
import { checkModel } from './check';
import { readModel } from './read';
import type { Model } from './types';

export interface OpenedModel {
  readonly model: Model;
  /** Warnings of reading and checking; none of them is an error. */
  readonly findings: readonly Finding[];
}

/**
 * Reads and checks a model. Throws the `ModelError` of `readModel`, or `broken-model` with the first fault that makes
 * the model unfit for use (an index out of range, a cycle, data that does not fit its shape, …).
 */
export function openModel(bytes: Uint8Array): OpenedModel {
  const { model, warnings } = readModel(bytes);
  const findings = checkModel(model);
  const errors = findings.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first) {
    const others = errors.length > 1 ? ` There are ${errors.length - 1} more faults.` : '';
    throw new ModelError(
      'broken-model',
      `The model is damaged at ${first.where}: ${first.message} Get a fresh copy of the file.${others}`,
      { where: first.where },
    );
  }
  return { model, findings: [...warnings, ...findings] };
}
