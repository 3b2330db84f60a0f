/** What is tried on top of rounding, and kept only when outputs on held-out samples come closer to the float model's. */
import { formatDb, plural } from '../../../format';
import type { Model } from '../../../model/types';
import { adviseOnUnchanging, adviseSamples } from '../../calibrate/advice';
import { type OutputJudge, judgeAgainst } from '../../calibrate/judge';
import { runTraced, type TraceContext } from '../../calibrate/trace-run';
import type { Calibration } from '../../calibrate/types';
import type { PassContext } from '../../types';
import { type Equalized, equalizeModel, type RoundingScheme } from '../equalize/equalize';
import type { ChannelStatistics } from '../equalize/factors';
import { findPairs } from '../equalize/pairs';
import { refit, withOverrides } from './refit';
import { buildInteger, type IntegerBuild } from './build';
import type { ModelSettings } from './settings';
import { type OperatorConstants, writeInteger } from './write';
import { largestInteger } from '../weights/scales';

export interface Improved {
  readonly build: IntegerBuild;
  readonly notes: readonly string[];
  /** Samples that would probably settle the ranges; null when there were enough. */
  readonly suggested: number | null;
}

type Context = Pick<PassContext, 'optionsFor'> & TraceContext;

/** A change must bring outputs closer by this much, in dB, to be kept. */
const LEAST_GAIN_DB = 0.05;

/** Tries equalization and bias correction where they are asked for. */
export async function improve(
  model: Model,
  first: IntegerBuild,
  settings: ModelSettings,
  calibration: Calibration,
  context: Context,
): Promise<Improved> {
  const advice = adviseSamples(first.statistics);
  const still = adviseOnUnchanging(model, first.statistics);
  const notes = [advice.sentence, ...(still === null ? [] : [still])];
  const { suggested } = advice;
  if (!settings.equalize && !settings.correctBias) return { build: first, notes, suggested };
  context.progress(0, 0, 'running held-out samples');
  const judge = await judgeAgainst(model, calibration, context.signal);
  const judged = async (build: IntegerBuild): Promise<Judged> => ({
    build,
    sqnrDb: await judge.sqnrDb(runnableForm(build, settings)),
  });
  let best = await judged(first);
  const offer = async (what: string, candidate: Judged) => {
    const isBetter = candidate.sqnrDb > best.sqnrDb + LEAST_GAIN_DB;
    notes.push(verdict(what, best.sqnrDb, candidate.sqnrDb, isBetter, judge));
    if (isBetter) best = candidate;
  };
  /** A build with what rounding did to the means taken out of the biases, where that is better. */
  const corrected = async (build: IntegerBuild): Promise<Judged> => {
    const plain = await judged(build);
    if (!settings.correctBias || build.shifts.size === 0) return plain;
    const other = await judged(withCorrections(build, negated(build.shifts), settings));
    return other.sqnrDb > plain.sqnrDb ? other : plain;
  };
  if (settings.correctBias && first.shifts.size > 0) {
    await offer('Biases corrected for the rounding of weights', await corrected(first));
  }
  if (settings.equalize) {
    const equalized = await equalize(model, schemeOfLayers(first), calibration, context);
    if (equalized === null) notes.push('Equalization found no pair of layers that it could change.');
    else {
      const made = await buildInteger(equalized.model, settings, calibration, context);
      const build = { ...made, rescaled: equalized.rescaled };
      await offer(equalized.words, await corrected(build));
    }
  }
  if (settings.correctBias && best.build.plans.some(({ graph }) => graph.index === 0)) {
    const { build } = best;
    const write = (constants: OperatorConstants) =>
      writeInteger(build.source, build.plans, settings, storedAsInt8(constants));
    const found = await refit(build, write, calibration, context);
    const other = withOverrides(build.base, found);
    const written = writeInteger(build.source, build.plans, settings, other);
    await offer(
      'Layers fitted to the integers before them',
      await judged({ ...build, constants: other, corrections: found.corrections, written }),
    );
  }
  return { build: best.build, notes, suggested };
}

interface Judged {
  readonly build: IntegerBuild;
  readonly sqnrDb: number;
}

function withCorrections(
  build: IntegerBuild,
  corrections: ReadonlyMap<number, Float64Array>,
  settings: ModelSettings,
): IntegerBuild {
  const constants = withOverrides(build.base, { weights: new Map(), corrections });
  const written = writeInteger(build.source, build.plans, settings, constants);
  return { ...build, corrections, constants, written };
}

function negated(shifts: ReadonlyMap<number, Float64Array>): ReadonlyMap<number, Float64Array> {
  return new Map([...shifts].map(([operator, shift]) => [operator, shift.map((value) => -value)]));
}

/**
 * Four-bit weights stored in eight: the same integers and scales, so the same results, with kernels that are many times
 * faster here.
 */
function storedAsInt8(constants: OperatorConstants): OperatorConstants {
  return {
    weights: (subgraph, operator) =>
      constants.weights(subgraph, operator).map((choice) => ({ ...choice, bits: 8 })),
    bias: (subgraph, operator) => constants.bias(subgraph, operator),
  };
}

function runnableForm({ source, plans, constants, written }: IntegerBuild, settings: ModelSettings): Model {
  const hasInt4 = plans.some(({ settings: own }) => own.some((one) => one?.weightBits === 4));
  return hasInt4 ? writeInteger(source, plans, settings, storedAsInt8(constants)).model : written.model;
}

function verdict(
  what: string,
  before: number,
  after: number,
  isKept: boolean,
  { samples }: OutputJudge,
): string {
  const figures = `SQNR on ${plural(samples, 'held-out sample')} ${formatDb(before)} before, ${formatDb(after)} after`;
  return `${what}: ${isKept ? 'kept' : 'not kept'} (${figures}).`;
}

/** The float model with equalized layers, or null where nothing can be done. Main subgraph only. */
async function equalize(
  model: Model,
  scheme: RoundingScheme,
  calibration: Calibration,
  context: Context,
): Promise<(Pick<Equalized, 'model' | 'rescaled'> & { readonly words: string }) | null> {
  const pairs = findPairs(model, 0);
  if (pairs.length === 0) return null;
  const sums = new Map<number, ChannelSums>();
  await runTraced(
    model,
    0,
    pairs.map(({ tensor }) => tensor),
    calibration,
    calibration.set.samples,
    (tensor, { values, shape }) => {
      if (values instanceof Float32Array) addTo(sums, tensor, values, shape.at(-1) ?? 1);
    },
    context,
  );
  const { scaled, absorbed, ...equalized } = equalizeModel(model, 0, statisticsOf(sums), scheme);
  if (scaled + absorbed === 0) return null;
  const absorption = absorbed === 0 ? '' : `, biases absorbed behind ${absorbed}`;
  return { ...equalized, words: `Channels of ${plural(scaled, 'tensor')} equalized${absorption}` };
}

/** How the layers of the main subgraph are rounded; those that stay float count as 8 bits. */
function schemeOfLayers({ plans }: IntegerBuild): RoundingScheme {
  const settings = plans.find(({ graph }) => graph.index === 0)?.settings;
  return {
    weightsOf: (operator) => ({
      largest: largestInteger(settings?.[operator]?.weightBits ?? 8),
      isPerChannel: settings?.[operator]?.isPerChannel ?? true,
    }),
    stepsAt: (operator) => (settings?.[operator]?.activations === 'INT16' ? 0xffff : 0xff),
  };
}

interface ChannelSums {
  readonly min: Float32Array;
  readonly max: Float32Array;
  readonly squares: Float64Array;
  /** Values of each channel. */
  count: number;
}

function addTo(sums: Map<number, ChannelSums>, tensor: number, values: Float32Array, channels: number): void {
  let known = sums.get(tensor);
  if (!known) {
    known = {
      min: new Float32Array(channels).fill(Infinity),
      max: new Float32Array(channels).fill(-Infinity),
      squares: new Float64Array(channels),
      count: 0,
    };
    sums.set(tensor, known);
  }
  const { min, max, squares } = known;
  for (let i = 0, c = 0; i < values.length; i++, c = c + 1 === channels ? 0 : c + 1) {
    const value = values[i]!;
    if (value < min[c]!) min[c] = value;
    if (value > max[c]!) max[c] = value;
    squares[c]! += value * value;
  }
  known.count += values.length / channels;
}

function statisticsOf(sums: ReadonlyMap<number, ChannelSums>): Map<number, ChannelStatistics> {
  return new Map(
    [...sums].map(([tensor, { min, max, squares, count }]) => [
      tensor,
      { min, max, power: Float32Array.from(squares, (sum) => sum / Math.max(1, count)) },
    ]),
  );
}
