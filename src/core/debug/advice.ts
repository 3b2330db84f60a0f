/** Which operators hurt, why, and what helps. */
import { formatDb } from '../format';
import type { Model } from '../model/types';
import { causeWords } from './cause-words';
import { type Cause, causesOf, readFrom, ROUNDING_RMSE } from './causes';
import { addingOperators, medianSqnrDb, worstOperators } from './rank';
import { remediesOf } from './remedies';
import type { DebugReport, ErrorFigures, OperatorDebug } from './types';

/**
 * What can help:
 * - `leave-float`: the operator stays float; `int16`: its activations become 16-bit integers;
 * - `clip`: rare large values are cut off: of weights by `clip`, of activations by `ranges` percentile or mse;
 * - `per-channel`: one scale for each output channel of its weights; `equalize`: scale moves between layers;
 * - `more-samples`: ranges are learnt from more samples.
 */
export type Remedy = 'leave-float' | 'int16' | 'clip' | 'per-channel' | 'more-samples' | 'equalize';

/** What each remedy is called, to follow "Helps:". */
export const remedyWords: Readonly<Record<Remedy, string>> = {
  'leave-float': 'leave it float',
  int16: 'int16 activations',
  clip: 'clipping',
  'per-channel': 'one scale per channel',
  'more-samples': 'more samples',
  equalize: 'equalizing layers',
};

/** One operator that hurts. */
export interface Advice {
  readonly subgraph: number;
  /** Index in the original. */
  readonly operator: number;
  /** Kind in the original, e.g. `CONV_2D`. */
  readonly kind: string;
  /** Name of its first output. */
  readonly name: string;
  readonly title: string;
  /** What is the case, with figures, in one or two sentences. */
  readonly message: string;
  /** The most effective first; empty where the operator only passes on errors. */
  readonly remedies: readonly Remedy[];
  /**
   * Operators of the original that `leave-float` and `int16` must take in too to help, because what they write is what
   * hurts; mostly empty.
   */
  readonly together: readonly number[];
}

/** An operator of the original. */
export interface OperatorPlace {
  readonly subgraph: number;
  readonly operator: number;
}

/** Longest list. */
const MOST = 10;
/** Twice the error of the median operator. */
const HURTS_DB = 3;
/** Errors this many times larger than rounding alone makes them are remarked also in an operator that is no worse than others. */
const FAR_OVER_ROUNDING = 2;
/** Accumulated SQNR that is lost over one operator, beyond what its own error accounts for. */
const SHARP_FALL_DB = 3;

/**
 * Looks through a report of `debugVariant` about these two models. Operators are ranked by their local SQNR against the
 * median of all that add errors, never by a fixed number of dB: those with twice the median's error or more, and no better
 * ones whose figures show a fault. Those that only make the errors larger that they are given come last. At most ten.
 */
export function adviceFromReport(report: DebugReport, original: Model, variant: Model): Advice[] {
  const median = medianSqnrDb(report);
  if (median === null) return [];
  const causeOf = causesOf(report, original, variant);
  const last = Math.max(...report.operators.map(({ depth }) => depth));
  const hurting = worstOperators(report).flatMap((operator) => {
    const cause = causeOf(operator)!;
    const shortfallDb = median - cause.local.sqnrDb;
    if (shortfallDb < HURTS_DB && !(shortfallDb >= 0 && isFaulty(cause))) return [];
    const place =
      operator.depth === 0 ? "The first operator's" : operator.depth === last ? "The last operator's" : 'Its';
    const lead = `${place} local SQNR of ${formatDb(cause.local.sqnrDb)} is ${
      shortfallDb >= 0.05 ? `${formatDb(shortfallDb)} below` : 'at'
    } the median.`;
    const { title, sentence } = causeWords(operator, cause);
    const remedies = remediesOf(operator, cause, shortfallDb >= HURTS_DB);
    if (remedies.length === 0 && cause.kind !== 'shift') return [];
    return [
      {
        ...placeOf(operator),
        title,
        message: `${lead} ${sentence}`,
        remedies,
        together: togetherWith(cause),
      },
    ];
  });
  const listed = new Set(hurting.map(({ operator }) => operator));
  const passing = passingOn(report, original, median).filter(({ operator }) => !listed.has(operator));
  return [...hurting, ...passing].slice(0, MOST);
}

/** The operators that the advice would leave float, each once: those with that remedy and those that go together with them. */
export function adviceSelection(advice: readonly Advice[]): OperatorPlace[] {
  const chosen = advice.filter(({ remedies }) => remedies.includes('leave-float'));
  return distinct(
    chosen.flatMap(({ subgraph, operator, together }) =>
      [operator, ...together].map((one) => ({ subgraph, operator: one })),
    ),
  );
}

/**
 * The `count` operators that hurt most by their local SQNR, worst first, each followed by those that must stay float with
 * it to help. Fewer where there are not so many.
 */
export function operatorsToLeave(
  report: DebugReport,
  original: Model,
  variant: Model,
  count: number,
): OperatorPlace[] {
  const causeOf = causesOf(report, original, variant);
  const worst = worstOperators(report).slice(0, count);
  return distinct(
    worst.flatMap((one) => {
      const together = togetherWith(causeOf(one)!);
      return [one.operator, ...together].map((operator) => ({ subgraph: one.subgraph, operator }));
    }),
  );
}

/** Those that write what an operator reads, where that is what hurts. */
function togetherWith({ kind, writers }: Cause): number[] {
  return kind === 'inputs' || kind === 'cut-inputs'
    ? writers.filter(({ isQuantized }) => isQuantized).map(({ operator }) => operator)
    : [];
}

function distinct(places: readonly OperatorPlace[]): OperatorPlace[] {
  const byKey = new Map(places.map((place) => [`${place.subgraph}/${place.operator}`, place]));
  return [...byKey.values()];
}

function placeOf({ subgraph, operator, kind, name }: OperatorDebug) {
  return { subgraph, operator, kind, name };
}

function ownWords({ sqnrDb }: ErrorFigures): string {
  return sqnrDb === Infinity ? 'it adds no error of its own' : `its own is ${formatDb(sqnrDb)}`;
}

/** Whether the figures show more than rounding. */
function isFaulty({ kind, local }: Cause): boolean {
  if (kind === 'saturation' || kind === 'wide-range' || kind === 'shift') return true;
  return (local.rmsePerScale ?? 0) > FAR_OVER_ROUNDING * ROUNDING_RMSE;
}

/** Operators with a small error of their own behind which errors are far larger than before, the sharpest fall first. */
function passingOn(report: DebugReport, original: Model, median: number): Advice[] {
  const writersOf = readFrom(report, original);
  const adding = new Set(addingOperators(report));
  return report.operators
    .flatMap((operator) => {
      const { local, accumulated } = operator;
      const writers = writersOf(operator);
      if (local === null || local.sqnrDb <= median - HURTS_DB) return [];
      const before = Math.min(...writers.map((one) => one.accumulated.sqnrDb));
      if (!Number.isFinite(before)) return [];
      const expected = -10 * Math.log10(10 ** (-before / 10) + 10 ** (-local.sqnrDb / 10));
      const fallDb = expected - accumulated.sqnrDb;
      return fallDb > SHARP_FALL_DB ? [{ operator, before, fallDb, source: worstBefore(operator) }] : [];
    })
    .sort((a, b) => b.fallDb - a.fallDb)
    .map(({ operator, before, source }) => ({
      ...placeOf(operator),
      title: 'Errors grow here but come from before',
      message: `Accumulated SQNR falls from ${formatDb(before)} to ${formatDb(operator.accumulated.sqnrDb)} although ${ownWords(operator.local!)}.${
        source === null
          ? ''
          : ` Look before it: ${source.kind} ${source.operator} has the lowest local SQNR there, ${formatDb(source.local!.sqnrDb)}.`
      }`,
      remedies: [],
      together: [],
    }));

  /** The operator with the lowest local SQNR among all that this one depends on. */
  function worstBefore(operator: OperatorDebug): OperatorDebug | null {
    const seen = new Set<OperatorDebug>();
    const queue = [operator];
    let worst: OperatorDebug | null = null;
    for (let at = queue.pop(); at; at = queue.pop()) {
      for (const one of writersOf(at)) {
        if (seen.has(one)) continue;
        seen.add(one);
        queue.push(one);
        if (adding.has(one) && (worst === null || one.local!.sqnrDb < worst.local!.sqnrDb)) worst = one;
      }
    }
    return worst;
  }
}
