/** Which operators add most of a variant's error. */
import { specOf } from '../ops';
import type { DebugReport, OperatorDebug } from './types';

/** Kinds of one scale for input and output that compute new values all the same. */
const ROUNDING: ReadonlySet<string> = new Set(['AVERAGE_POOL_2D', 'RESIZE_BILINEAR']);

/**
 * Whether operators of this kind only move values, so that integers pass through unchanged: what looks like an error of
 * their own is the rounding of what they read.
 */
export function movesValues(kind: string): boolean {
  return specOf(kind)?.quantization.kind === 'same-scale' && !ROUNDING.has(kind);
}

/** Quantized operators with a local error of their own: those that only move values are left out. */
export function addingOperators({ operators }: DebugReport): OperatorDebug[] {
  return operators.filter(
    ({ local, isQuantized, kind }) => local !== null && isQuantized && !movesValues(kind),
  );
}

/** The same, lowest local SQNR first; of equals the earlier one. */
export function worstOperators(report: DebugReport): OperatorDebug[] {
  return addingOperators(report).sort((a, b) => compareDb(a.local!.sqnrDb, b.local!.sqnrDb));
}

/** Median local SQNR in dB of `addingOperators`; null where there are none. */
export function medianSqnrDb(report: DebugReport): number | null {
  const values = worstOperators(report).map(({ local }) => local!.sqnrDb);
  const [low, high] = [values[(values.length - 1) >> 1], values[values.length >> 1]];
  if (low === undefined || high === undefined) return null;
  // Without any error above, or with nothing but error below, there is no middle.
  return Number.isFinite(low) && Number.isFinite(high) ? (low + high) / 2 : low;
}

/**
 * Share of each operator in the error that all operators add, 0 to 1, by its index in the original: noise powers relative
 * to their signals, which add up along a chain as long as they are small. Operators without an error of their own have 0.
 */
export function noiseShares(report: DebugReport): ReadonlyMap<number, number> {
  const powers = new Map(
    addingOperators(report).map(({ operator, local }) => [operator, noisePower(local!.sqnrDb)]),
  );
  const total = [...powers.values()].reduce((sum, power) => sum + power, 0);
  return new Map(
    report.operators.map(({ operator }) => [operator, total > 0 ? (powers.get(operator) ?? 0) / total : 0]),
  );
}

/** Noise power over signal power, 10^(-dB / 10), at most 1: 0 where there is no noise. */
function noisePower(sqnrDb: number): number {
  return Math.min(1, 10 ** (-sqnrDb / 10));
}

/** Orders by dB, ascending; infinities of one sign are equal. */
export function compareDb(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
