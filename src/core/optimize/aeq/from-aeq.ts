/**
 * Recipes of ai-edge-quantizer as Whittle's. There an operator gets the one scheme of the last entry that holds for it; here
 * steps run one after the other. So each scheme becomes a step, and overrides keep an operator out of every step but its
 * own.
 */
import { passes } from '../passes';
import { presetOptions } from '../options';
import type { Options, Recipe, RecipeStep } from '../types';
import { modeOf, type ReadEntry, readEntries } from './read-entries';
import { type Rule, ruleOf } from './schemes';
import { writeRules } from './write-rules';

/**
 * Reads a recipe of ai-edge-quantizer, a list of `{regex, operation, algorithm_key, op_config}`, and gives it `name`. An
 * operator that no entry speaks of stays float. Entries of `*` for one expression replace all before them for it, and an
 * expression keeps the place where it came first, as in ai-edge-quantizer; configurations that it does not take
 * for a kind leave the kind to earlier entries. Where activations are integers, the model's inputs and outputs become
 * integers too, unless entries of the operations INPUT and OUTPUT (or of `*`) say otherwise. Expressions are searched in each
 * output's name alone, and kinds that ai-edge-quantizer does not know are taken along by `*`. `notes` say in whole sentences what
 * could not be kept.
 * @throws ModelError `bad-recipe`; its message names the entry, the field and what is allowed.
 */
export function recipeFromAeq(
  entries: unknown,
  name: string,
): { readonly recipe: Recipe; readonly notes: readonly string[] } {
  const read = readEntries(entries);
  const ordered = inOrder(read);
  const hasStatic = ordered.some((entry) => !isOfEnds(entry) && isStatic(entry));
  const notes: string[] = [];
  const rules: Rule[] = [];
  for (const entry of ordered) {
    if (entry.endsInName)
      notes.push(
        `Entry ${entry.number}: "${entry.regex}" matches nothing in ai-edge-quantizer, which puts a semicolon after each name; here it matches names that end so.`,
      );
    if (isOfEnds(entry)) continue;
    const outcome = ruleOf(entry, hasStatic);
    notes.push(...outcome.notes);
    if (outcome.rule) rules.push(outcome.rule);
  }
  const { passNames, options, overrides } = writeRules(rules);
  const isInteger = passNames.includes('integer');
  const ends = isInteger ? endTypes(ordered, notes) : {};
  for (const entry of ordered) {
    if (!isInteger && isOfEnds(entry) && isStatic(entry))
      notes.push(
        `Entry ${entry.number} has no effect: no operator between the model's ends computes with integers.`,
      );
  }
  const steps: RecipeStep[] = [{ pass: 'clean-up' }];
  for (const pass of passNames) {
    const all = pass === 'integer' ? { ...options[pass], ...ends } : options[pass]!;
    const own = Object.entries(all).filter(([key, value]) => value !== presetOptions(passes[pass]!)[key]);
    steps.push(own.length > 0 ? { pass, options: Object.fromEntries(own) } : { pass });
  }
  if (passNames.length === 0) notes.push('No entry quantizes anything; the recipe only cleans up.');
  return {
    recipe: { name, version: 1, steps, ...(overrides.length > 0 ? { overrides } : {}) },
    notes,
  };
}

/** Whether the entry is about the model's inputs or outputs alone. */
function isOfEnds({ operation }: ReadEntry): boolean {
  return operation === 'INPUT' || operation === 'OUTPUT';
}

function isStatic({ config }: ReadEntry): boolean {
  return config !== null && modeOf(config) === 'static';
}

/** The entries in the order in which they are asked, without those that were replaced. */
function inOrder(entries: readonly ReadEntry[]): ReadEntry[] {
  const scopes = new Map<string, ReadEntry[]>();
  for (const entry of entries) {
    const scope = scopes.get(entry.regex) ?? [];
    const same = scope.findIndex(({ operation }) => operation === entry.operation);
    if (entry.operation === '*') scopes.set(entry.regex, [entry]);
    else if (same >= 0) scope[same] = entry;
    else scopes.set(entry.regex, [...scope, entry]);
  }
  return [...scopes.values()].flat();
}

/** The types of the model's inputs and outputs: both are operations of their own there. */
function endTypes(entries: readonly ReadEntry[], notes: string[]): Options {
  const inputs = endType(entries, 'INPUT', notes);
  const outputs = endType(entries, 'OUTPUT', notes);
  if (inputs !== 'float32' || outputs !== 'float32') {
    notes.push(
      `The model's inputs become ${inputs} and its outputs ${outputs}, as in ai-edge-quantizer; entries of INPUT and OUTPUT with no_quantize keep them float32.`,
    );
  }
  return { inputs, outputs };
}

function endType(entries: readonly ReadEntry[], operation: 'INPUT' | 'OUTPUT', notes: string[]): string {
  let type = 'float32';
  for (const { number, operation: own, algorithm, name, config } of entries) {
    if (own !== operation && (own !== '*' || name !== null)) continue;
    const isForEnds = ['no_quantize', 'min_max_uniform_quantize', 'OCTAV'].includes(algorithm);
    const activations = config?.activation_tensor_config;
    const isTaken = config === null || modeOf(config) === 'static';
    if (!isForEnds || !isTaken) {
      if (own === operation)
        notes.push(`Entry ${number} has no effect: ${operation} takes integers of 8 or 16 bits.`);
      continue;
    }
    const wanted =
      activations === undefined
        ? 'float32'
        : `${activations.dtype === 'UINT' ? 'uint' : 'int'}${activations.num_bits}`;
    if (wanted === 'uint16') {
      notes.push(`Entry ${number} has no effect: there is no ${operation} of uint16.`);
      continue;
    }
    if (name !== null && wanted !== type) {
      const ends = operation === 'INPUT' ? 'inputs' : 'outputs';
      notes.push(`Entry ${number}: its expression is taken to match the model's ${ends}.`);
    }
    type = wanted;
  }
  return type;
}
