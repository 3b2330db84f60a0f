/** Recipes as JSON: reading one with errors that a person can act on. */
import { ModelError } from '../errors';
import { enumValues } from '../model/schema';
import { nearMiss } from './near-miss';
import { describeAllowed, isAllowed } from './options';
import { passes } from './passes';
import type { OperatorMatch, Options, Override, Pass, Recipe, RecipeStep } from './types';

/**
 * Checks a recipe that was read as JSON and returns it with nothing but known keys.
 * @throws ModelError `bad-recipe`; its message names the step or option, what is allowed and the nearest known word.
 */
export function parseRecipe(json: unknown): Recipe {
  const source = objectAt(json, 'The recipe', ['name', 'version', 'description', 'steps', 'overrides']);
  const { name, version, description } = source;
  if (typeof name !== 'string' || name.trim() === '') fail('The recipe needs a "name": a text.');
  if (version !== 1) {
    fail(
      version === undefined
        ? 'The recipe needs "version": 1.'
        : `The recipe has version ${show(version)}; this Whittle reads version 1.`,
    );
  }
  if (description !== undefined && typeof description !== 'string') {
    fail('"description" of the recipe must be a text.');
  }
  if (!Array.isArray(source.steps) || source.steps.length === 0) {
    fail(`The recipe needs "steps": a list with at least one pass (${passNames().join(', ')}).`);
  }
  const steps = source.steps.map((step, index) => parseStep(step, `Step ${index + 1}`));
  if (source.overrides !== undefined && !Array.isArray(source.overrides)) {
    fail('"overrides" of the recipe must be a list.');
  }
  const overrides = source.overrides?.map((override, index) =>
    parseOverride(override, `Override ${index + 1}`, steps),
  );
  return {
    name,
    version: 1,
    ...(description === undefined ? {} : { description }),
    steps,
    ...(overrides === undefined ? {} : { overrides }),
  };
}

/**
 * Reads a recipe from the text of a JSON file.
 * @throws ModelError `bad-recipe`, also when the text is no JSON.
 */
export function parseRecipeText(text: string): Recipe {
  return parseRecipe(parseJson(text));
}

/**
 * What the text of a recipe file holds, of whatever format.
 * @throws ModelError `bad-recipe` when the text is no JSON.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown reason';
    throw new ModelError('bad-recipe', `This is not a recipe: it is no valid JSON (${reason}).`, { cause });
  }
}

function parseStep(json: unknown, place: string): RecipeStep {
  const source = objectAt(json, place, ['pass', 'options']);
  const pass = passAt(source.pass, place);
  if (source.options === undefined) return { pass: pass.name };
  return { pass: pass.name, options: parseOptions(source.options, `${place} (${pass.name})`, [pass]) };
}

function parseOverride(json: unknown, place: string, steps: readonly RecipeStep[]): Override {
  const source = objectAt(json, place, ['match', 'pass', 'skip', 'options']);
  const match = parseMatch(source.match, place);
  const pass = source.pass === undefined ? null : passAt(source.pass, place);
  const { skip } = source;
  if (skip !== undefined && typeof skip !== 'boolean')
    fail(`"skip" of ${lower(place)} must be true or false.`);
  const addressed = pass ? [pass] : [...new Set(steps.map((step) => passes[step.pass]!))];
  const options = source.options === undefined ? undefined : parseOptions(source.options, place, addressed);
  if (skip === undefined && options === undefined) {
    fail(`${place} changes nothing: give it "skip": true or "options".`);
  }
  return {
    match,
    ...(pass ? { pass: pass.name } : {}),
    ...(skip === undefined ? {} : { skip }),
    ...(options === undefined ? {} : { options }),
  };
}

function parseMatch(json: unknown, place: string): OperatorMatch {
  const source = objectAt(json, `"match" of ${lower(place)}`, ['name', 'kind', 'operator', 'subgraph']);
  const { name, kind, operator, subgraph } = source;
  if (Object.values(source).every((value) => value === undefined)) {
    fail(`${place} says for no operator: give its "match" a name, a kind, an operator or a subgraph.`);
  }
  if (name !== undefined) {
    if (typeof name !== 'string')
      fail(`"name" in the match of ${lower(place)} must be a regular expression.`);
    try {
      new RegExp(name);
    } catch {
      fail(`"name" in the match of ${lower(place)} is no valid regular expression: ${show(name)}.`);
    }
  }
  const kinds = Object.keys(enumValues.BuiltinOperator);
  if (kind !== undefined && !(typeof kind === 'string' && kinds.includes(kind))) {
    fail(
      `${place} matches operators of kind ${show(kind)}, which does not exist.${didYouMean(kind, kinds)} Kinds are spelled as in the schema, such as CONV_2D.`,
    );
  }
  const index = { operator, subgraph };
  for (const [key, value] of Object.entries(index)) {
    if (value !== undefined && !(Number.isSafeInteger(value) && Number(value) >= 0)) {
      fail(`"${key}" in the match of ${lower(place)} must be an index: 0, 1, 2 and so on.`);
    }
  }
  return {
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof kind === 'string' ? { kind } : {}),
    ...(typeof operator === 'number' ? { operator } : {}),
    ...(typeof subgraph === 'number' ? { subgraph } : {}),
  };
}

/** Each option must be one of at least one of `addressed`, with a value that fits each of those that have it. */
function parseOptions(json: unknown, place: string, addressed: readonly Pass[]): Options {
  const known = [...new Set(addressed.flatMap((pass) => Object.keys(pass.options)))];
  const source = objectAt(json, `"options" of ${lower(place)}`, known);
  const options: Record<string, boolean | number | string> = {};
  for (const [key, value] of Object.entries(source)) {
    for (const pass of addressed) {
      const spec = pass.options[key];
      if (!spec) continue;
      if (!isAllowed(spec, value)) {
        const nearest =
          spec.kind === 'choice'
            ? didYouMean(
                value,
                spec.choices.map((choice) => choice.value),
              )
            : '';
        fail(`${place}: "${key}" is ${show(value)}, but must be ${describeAllowed(spec)}.${nearest}`);
      }
      options[key] = value;
    }
  }
  return options;
}

function passAt(value: unknown, place: string): Pass {
  const names = passNames();
  const pass = typeof value === 'string' && Object.hasOwn(passes, value) ? passes[value] : undefined;
  if (pass) return pass;
  if (value === undefined) return fail(`${place} names no pass. Known passes: ${names.join(', ')}.`);
  return fail(
    `${place}: there is no pass ${show(value)}.${didYouMean(value, names)} Known passes: ${names.join(', ')}.`,
  );
}

function passNames(): string[] {
  return Object.keys(passes);
}

function objectAt(json: unknown, place: string, known: readonly string[]): Record<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    fail(`${place} must be an object with ${known.join(', ') || 'no entries'}.`);
  }
  for (const key of Object.keys(json)) {
    if (known.includes(key)) continue;
    const allowed = known.length > 0 ? `Known there: ${known.join(', ')}.` : 'It takes none.';
    fail(`${place} has an unknown entry "${key}".${didYouMean(key, known)} ${allowed}`);
  }
  return json as Record<string, unknown>;
}

/** ` Did you mean X?` for a mistyped word, else empty. */
export function didYouMean(value: unknown, allowed: readonly string[]): string {
  const nearest = typeof value === 'string' ? nearMiss(value, allowed) : null;
  return nearest === null ? '' : ` Did you mean ${nearest}?`;
}

/** A value as it stood in the file, shortened. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) return 'missing';
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function lower(place: string): string {
  return place.charAt(0).toLowerCase() + place.slice(1);
}

function fail(message: string): never {
  throw new ModelError('bad-recipe', message);
}
