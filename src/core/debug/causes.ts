/** Why an operator of a variant adds the error that it does, told from its figures. */
import { specOf } from '../ops';
import { graphOf } from '../optimize/quantize/integer/graph';
import type { Model } from '../model/types';
import { MAIN } from './plan';
import { movesValues } from './rank';
import type { DebugReport, ErrorFigures, OperatorDebug } from './types';
import { type WeightRounding, weightRounding } from './weight-rounding';

/** RMSE in steps of values that are only rounded: 1 / sqrt(12). */
export const ROUNDING_RMSE = 1 / Math.sqrt(12);
/** Larger shares of values outside of the range are no accident. */
const MOST_SATURATED = 0.001;
/** Ranges of which less is used waste two of their bits. */
const LEAST_USED = 0.25;
/** Up to here rounding of the output alone makes at least half of the squared error. */
const MOST_ROUNDING = Math.SQRT2;

/**
 * What makes an operator's error:
 * - `saturation`: values outside of its output's range; `wide-range`: a range far wider than its values;
 * - `shift`: the same error on all values; `output`: the rounding of its output;
 * - `weights`: the rounding of its weights; `inputs`: the rounding of what it reads; `cut-inputs`: values that it reads
 *   outside of their range; `unknown`: none of these.
 */
export type CauseKind =
  'saturation' | 'wide-range' | 'shift' | 'output' | 'weights' | 'inputs' | 'cut-inputs' | 'unknown';

export interface Cause {
  readonly kind: CauseKind;
  readonly local: ErrorFigures;
  readonly weights: WeightRounding | null;
  /** Root mean square of its output in steps of the output's scale; null without a scale. */
  readonly outputSteps: number | null;
  /** Operators of the original that write what it reads. */
  readonly writers: readonly OperatorDebug[];
  /** SQNR of what they write, were it only rounded, in dB: the lowest; Infinity where none has a scale. */
  readonly inputsDb: number;
}

/** Prepares to tell causes of operators of a report about these models. `null` for operators without a local error. */
export function causesOf(
  report: DebugReport,
  original: Model,
  variant: Model,
): (operator: OperatorDebug) => Cause | null {
  const weightsOf = weightRounding(original, variant);
  const writersOf = readFrom(report, original);
  return (operator) => {
    const { local } = operator;
    if (local === null) return null;
    const writers = writersOf(operator);
    const facts = {
      local,
      weights: weightsOf(operator),
      outputSteps: stepsOf(local),
      writers,
      inputsDb: Math.min(...writers.map(({ accumulated }) => roundingDb(stepsOf(accumulated)))),
    };
    return { kind: causeKind(operator, facts), ...facts };
  };
}

/** Operators of a report that write what an operator reads in the original, past those that only move values. */
export function readFrom(
  { operators }: DebugReport,
  original: Model,
): (operator: Pick<OperatorDebug, 'operator'>) => readonly OperatorDebug[] {
  const { subgraph, writer } = graphOf(original, MAIN);
  const known = new Map(operators.map((one) => [one.operator, one]));
  return ({ operator }) => {
    const found = new Set<OperatorDebug>();
    const seen = new Set<number>();
    const queue = [operator];
    for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
      for (const tensor of subgraph.operators[at]!.inputs) {
        const from = tensor < 0 ? -1 : writer[tensor]!;
        const one = known.get(from);
        if (!one || seen.has(from)) continue;
        seen.add(from);
        if (movesValues(one.kind)) queue.push(from);
        else found.add(one);
      }
    }
    return [...found].sort((a, b) => a.operator - b.operator);
  };
}

function causeKind(
  operator: OperatorDebug,
  { local, weights, writers, inputsDb }: Omit<Cause, 'kind'>,
): CauseKind {
  if (isCutOff(operator)) return 'saturation';
  const isFixed = specOf(operator.kind)?.quantization.kind === 'fixed-output';
  if (!isFixed && operator.rangeUsed !== null && operator.rangeUsed < LEAST_USED) return 'wide-range';
  if (shiftShare(local) > 0.5) return 'shift';
  if (local.rmsePerScale !== null && local.rmsePerScale <= MOST_ROUNDING * ROUNDING_RMSE) return 'output';
  // Sums that cancel out make the errors of weights and of inputs larger alike, so the coarser of the two is to blame.
  if (weights !== null && weights.sqnrDb <= inputsDb) return 'weights';
  if (weights === null && operator.dtype === 'float32') return 'unknown';
  return writers.some(isCutOff) ? 'cut-inputs' : 'inputs';
}

/** Whether values lie outside of the range of an operator's output, other than one that the kernel prescribes. */
export function isCutOff({ kind, saturated }: OperatorDebug): boolean {
  // Prescribed ranges end one step below the largest value.
  if (specOf(kind)?.quantization.kind === 'fixed-output') return false;
  return saturated !== null && saturated > MOST_SATURATED;
}

/** Share of the squared error that is the same for all values, 0 to 1. */
export function shiftShare({ meanError, rmse }: ErrorFigures): number {
  return rmse > 0 && rmse < Infinity ? Math.min(1, (meanError / rmse) ** 2) : 0;
}

/** Root mean square of the values in steps of their scale, from error in steps and SQNR; null without either. */
function stepsOf({ rmsePerScale, sqnrDb }: ErrorFigures): number | null {
  return rmsePerScale === null || !Number.isFinite(sqnrDb) ? null : rmsePerScale * 10 ** (sqnrDb / 20);
}

/** SQNR in dB of values of this size that are only rounded. */
function roundingDb(steps: number | null): number {
  return steps === null ? Infinity : 20 * Math.log10(steps / ROUNDING_RMSE);
}
