/** Opening a file: read, then checked. */
import { ModelError } from '../errors';
import { plural } from '../format';
import type { Finding } from '../inspect/types';
import { checkModel } from './check';
import { readModel } from './read';
import type { Model } from './types';

export interface OpenedModel {
  readonly model: Model;
  /** What reading and checking found, errors first. */
  readonly findings: readonly Finding[];
}

/** Faults of the wiring: a graph with them can still be drawn. */
const isWiring = ({ where }: Finding) => /^subgraphs\[\d+\]\.(operators|inputs|outputs)\[/.test(where);

/**
 * Reads a model to look at it: faults of its wiring (cycles, indexes of operands out of range) are among the findings.
 * Throws the `ModelError` of `readModel`, or `broken-model` with the first other fault.
 */
export function openToLook(bytes: Uint8Array): OpenedModel {
  const { model, warnings } = readModel(bytes);
  const findings = checkModel(model);
  const isError = ({ severity }: Finding) => severity === 'error';
  const error = damageOf(findings.filter((finding) => isError(finding) && !isWiring(finding)));
  if (error) throw error;
  return {
    model,
    findings: [...findings.filter(isError), ...warnings, ...findings.filter((finding) => !isError(finding))],
  };
}

/**
 * Reads and checks a model to work with it. Throws the `ModelError` of `readModel`, or `broken-model` with the first
 * fault that makes the model unfit for use (an index out of range, a cycle, data that does not fit its shape, …).
 */
export function openModel(bytes: Uint8Array): OpenedModel {
  const opened = openToLook(bytes);
  const error = damageOf(opened.findings);
  if (error) throw error;
  return opened;
}

/** The first error among findings as what is thrown about it; null where there is none. */
export function damageOf(findings: readonly Finding[]): ModelError | null {
  const [first, ...others] = findings.filter(({ severity }) => severity === 'error');
  if (!first) return null;
  const more =
    others.length > 0
      ? ` There ${others.length === 1 ? 'is' : 'are'} ${plural(others.length, 'more fault')}.`
      : '';
  return new ModelError(
    'broken-model',
    `The model is damaged at ${first.where}: ${first.message} Get a fresh copy of the file.${more}`,
    { where: first.where },
  );
}
