/** Overrides of a recipe in words. */
import { plural } from '../../core/format';
import { passes } from '../../core/optimize/passes';
import type { RecipeMatches } from '../../core/optimize/matched-operators';
import type { OperatorMatch, OptionValue, Override } from '../../core/optimize/types';

/** `Left out of Prune by magnitude`, `Share of zeros 0.7 in Prune by magnitude`. */
export function describeEffect({ pass, skip, options = {} }: Override): string {
  const title = pass === undefined ? 'every step' : (passes[pass]?.title ?? pass);
  const own = Object.entries(options).map(([key, value]) => {
    const spec = pass === undefined ? undefined : passes[pass]?.options[key];
    const choice = spec?.kind === 'choice' && spec.choices.find((candidate) => candidate.value === value);
    return `${spec?.label ?? key} ${choice ? choice.label : String(value)}`;
  });
  return [
    ...(skip === true ? [`Left out of ${title}`] : skip === false ? [`Takes part in ${title}`] : []),
    ...(own.length > 0 ? [`${own.join(', ')} in ${title}`] : []),
  ].join('; ');
}

/** `All DEPTHWISE_CONV_2D`, `Names like block_1`, or the operator itself where it is known. */
export function describeMatch(
  match: OperatorMatch,
  found: RecipeMatches['overrides'][number] | null,
): string {
  const [first] = found?.first ?? [];
  if (match.operator !== undefined) {
    const kind = first?.kind ?? match.kind ?? 'Operator';
    return `${kind} ${match.operator}${first?.name ? ` · ${first.name}` : ''}`;
  }
  return [
    match.kind === undefined ? null : `All ${match.kind}`,
    match.name === undefined ? null : `Names like ${match.name}`,
    match.subgraph === undefined ? null : `in subgraph ${match.subgraph}`,
  ]
    .filter((part) => part !== null)
    .join(', ');
}

/** `2 operators left out`, `own options for 1 operator`, or null when the recipe treats all alike. */
export function summarizeOverrides(overrides: readonly Override[], matches: RecipeMatches | null): string {
  if (overrides.length === 0) return 'Layers';
  if (!matches) return plural(overrides.length, 'exception');
  const { leftOut } = matches;
  if (leftOut > 0) return `${plural(leftOut, 'operator')} left out`;
  return plural(overrides.length, 'own setting');
}

/** Why a text cannot be searched for as a pattern, or null when it can. */
export function patternProblem(text: string): string | null {
  try {
    new RegExp(text);
    return null;
  } catch {
    return 'This is no valid pattern. A part of a name will do; special signs need a backslash.';
  }
}

/** An operator as far as overrides can speak of it. */
export interface OperatorFacts {
  readonly subgraph: number;
  readonly operator: number;
  readonly kind: string;
  readonly outputNames: readonly string[];
}

/** Whether an override holds for an operator; the page's side of `matchOverrides`, for the one that is selected. */
export function holdsFor({ match }: Override, facts: OperatorFacts): boolean {
  if (match.subgraph !== undefined && match.subgraph !== facts.subgraph) return false;
  if (match.operator !== undefined && match.operator !== facts.operator) return false;
  if (match.kind !== undefined && match.kind !== facts.kind) return false;
  const pattern = match.name === undefined ? null : new RegExp(match.name);
  return pattern === null || facts.outputNames.some((name) => pattern.test(name));
}

/** Whether the steps of a pass (null: every step) leave an operator out. Later overrides win. */
export function isLeftOut(
  overrides: readonly Override[],
  facts: OperatorFacts,
  pass: string | null,
): boolean {
  let isOut = false;
  for (const override of overrides) {
    const isMeant = override.pass === undefined || override.pass === pass;
    if (isMeant && holdsFor(override, facts)) isOut = override.skip ?? isOut;
  }
  return isOut;
}

/** The value that an override gives an option for an operator, or null where the step's own value holds. */
export function ownOption(
  overrides: readonly Override[],
  facts: OperatorFacts,
  pass: string,
  key: string,
): OptionValue | null {
  const meant = overrides.filter(
    (override) => (override.pass === undefined || override.pass === pass) && holdsFor(override, facts),
  );
  return meant.findLast((override) => override.options?.[key] !== undefined)?.options?.[key] ?? null;
}
