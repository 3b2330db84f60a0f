/** Which schemes to try together: the layers' own errors, added up, against what they save. */
import type { Scheme, Sensitivity } from './types';
import type { Assignment } from './layers';

/** What a scheme of one layer costs and errs. */
export interface Choice {
  readonly scheme: Scheme;
  /** What is to be least: bytes or an estimate of time, against the layer as it is (negative is good). */
  readonly cost: number;
  /** Share of the outputs' power that is error when only this layer changes: 10^(-SQNR / 10). */
  readonly error: number;
}

/** The share of error power that an SQNR in dB stands for: 0 for Infinity. */
export function errorOf(sqnrDb: number): number {
  return sqnrDb === Infinity ? 0 : 10 ** (-sqnrDb / 10);
}

/** The choices of each layer, by operator, with leaving it as it is among them. */
export function choicesOf(
  sensitivities: readonly Sensitivity[],
  costOf: (one: Sensitivity) => number,
): Map<number, Choice[]> {
  const choices = new Map<number, Choice[]>();
  for (const one of sensitivities) {
    const list = choices.get(one.operator) ?? [{ scheme: 'float32', cost: 0, error: 0 }];
    list.push({ scheme: one.scheme, cost: costOf(one), error: errorOf(one.sqnrDb) });
    choices.set(one.operator, list);
  }
  return choices;
}

/**
 * Assignments along the front of cost against error, from accurate to cheap, at most `most` of them and none twice. Errors of
 * layers are taken to add up, so for each weight l the layers can choose by themselves: the least cost + l * error
 * (Lagrange relaxation of the knapsack problem, as in Dong et al., "HAWQ-V2", arXiv 1911.03852).
 */
export function assignmentsAlong(
  choices: ReadonlyMap<number, readonly Choice[]>,
  most: number,
): Assignment[] {
  const weights = turningPoints(choices);
  const all: Assignment[] = [];
  const seen = new Set<string>();
  for (const weight of weights) {
    const assignment = new Map<number, Scheme>();
    for (const [operator, list] of choices) assignment.set(operator, bestFor(list, weight).scheme);
    const key = [...assignment.values()].join();
    if (!seen.has(key)) all.push(assignment);
    seen.add(key);
  }
  if (all.length <= most) return all;
  const step = (all.length - 1) / Math.max(1, most - 1);
  return Array.from({ length: most }, (_, i) => all[Math.round(i * step)]!);
}

function bestFor(list: readonly Choice[], weight: number): Choice {
  return list.reduce((best, one) =>
    one.cost + weight * one.error < best.cost + weight * best.error ? one : best,
  );
}

/** Weights between which no layer changes its mind, from large to small. */
function turningPoints(choices: ReadonlyMap<number, readonly Choice[]>): number[] {
  const turns: number[] = [];
  for (const list of choices.values()) {
    for (const [i, a] of list.entries()) {
      for (const b of list.slice(i + 1)) {
        const weight = (a.cost - b.cost) / (b.error - a.error);
        if (Number.isFinite(weight) && weight > 0) turns.push(weight);
      }
    }
  }
  turns.sort((a, b) => b - a);
  // Between two neighbours, and beyond both ends.
  const between = turns.slice(1).map((turn, i) => Math.sqrt(turn * turns[i]!));
  return [(turns[0] ?? 1) * 4, ...between, (turns.at(-1) ?? 1) / 4];
}
