/** The words for why an operator adds the error that it does. */
import { formatDb, formatNumber, formatPercent, plural } from '../format';
import { shareWords } from '../lint/words';
import { type Cause, type CauseKind, isCutOff, ROUNDING_RMSE, shiftShare } from './causes';
import { gainsByChannels, gainsByClipping, isSameScale } from './remedies';
import type { ErrorFigures, OperatorDebug } from './types';
import type { WeightRounding } from './weight-rounding';

export interface CauseWords {
  readonly title: string;
  readonly sentence: string;
}

/** A short title for a cause, and one sentence with its figures. */
export function causeWords(operator: OperatorDebug, cause: Cause): CauseWords {
  return words[cause.kind](operator, cause);
}

const words: Readonly<Record<CauseKind, (operator: OperatorDebug, cause: Cause) => CauseWords>> = {
  saturation: ({ saturated, dtype }) => ({
    title: 'Range of the output is too narrow',
    sentence: `${shareWords(saturated!)} of its values lie outside of what its ${dtype} holds; ranges over all values (min-max) of more samples are wider.`,
  }),
  'wide-range': ({ rangeUsed, kind }) => ({
    title: 'Range of the output is too wide',
    sentence: isSameScale(kind)
      ? `Its values occupy ${formatPercent(rangeUsed!)} of the integer range, which it shares with what it reads.`
      : `Its values occupy ${formatPercent(rangeUsed!)} of the integer range; ranges by percentile or least squared error leave out the rare values that stretch it.`,
  }),
  shift: (_, { local }) => ({
    title: 'Mean error is far from zero',
    sentence: `${formatPercent(shiftShare(local), 0)} of its squared error is a shift of all values by ${formatNumber(local.meanError, 3)}, which correcting biases takes out.`,
  }),
  output: (_, { local, outputSteps }) => ({
    title: 'Rounding of activations is coarse',
    sentence: `${rmseWords(local)} and its values are ${formatNumber(outputSteps!, 3)} steps large on average.`,
  }),
  weights: (_, { local, weights, inputsDb }) => ({
    title: 'Rounding of weights is coarse',
    sentence: `${rmseWords(local)}; rounding leaves its weights ${formatDb(weights!.sqnrDb)}${
      inputsDb < Infinity ? ` and what it reads ${formatDb(inputsDb)}` : ''
    }${weightWords(weights!)}.`,
  }),
  inputs: (_, { local, writers, weights, inputsDb }) => ({
    title: 'Rounding of what it reads is coarse',
    sentence: `${rmseWords(local)}; rounding leaves what it reads${sourceWords(writers)}${
      inputsDb < Infinity ? ` ${formatDb(inputsDb)}` : ' too little for what it computes'
    }${weights === null ? '' : ` and its weights ${formatDb(weights.sqnrDb)}`}.`,
  }),
  'cut-inputs': (_, { local, writers }) => {
    const from = writers.find(isCutOff)!;
    return {
      title: 'What it reads is cut off',
      sentence: `${rmseWords(local)}; ${shareWords(from.saturated!)} of what ${from.kind} ${from.operator} hands it lie outside of what ${from.dtype} holds there.`,
    };
  },
  unknown: ({ dtype }) => ({
    title: 'Error of its own is large',
    sentence: `It computes in ${dtype}; its figures do not tell why.`,
  }),
};

/** `RMSE is 0.43 steps (rounding alone makes 0.29)`; in real units where there is no scale. */
function rmseWords({ rmse, rmsePerScale }: ErrorFigures): string {
  return rmsePerScale === null
    ? `RMSE is ${formatNumber(rmse, 3)}`
    : `RMSE is ${formatNumber(rmsePerScale, 2)} steps (rounding alone makes ${formatNumber(ROUNDING_RMSE, 2)})`;
}

function weightWords(weights: WeightRounding): string {
  const { perChannelGainDb, crest } = weights;
  if (gainsByChannels(weights)) {
    return `; one scale per channel would give the weights ${formatDb(perChannelGainDb)} more`;
  }
  return gainsByClipping(weights)
    ? `; the largest weights are ${formatNumber(crest, 2)} times the root mean square of their channel`
    : '';
}

/** `, the output of CONV_2D 4 and 1 other operator,`. */
function sourceWords([first, ...others]: readonly OperatorDebug[]): string {
  if (!first) return '';
  const rest = others.length > 0 ? ` and ${plural(others.length, 'other operator')}` : '';
  return `, the output of ${first.kind} ${first.operator}${rest},`;
}
