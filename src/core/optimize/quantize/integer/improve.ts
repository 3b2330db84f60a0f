/** What is tried on top of rounding, and kept only when outputs on held-out samples come closer to the float model's. */
import type { Model } from '../../../model/types';
import { adviseSamples } from '../../calibrate/advice';
import { type OutputJudge, judgeAgainst } from '../../calibrate/judge';
import { runTraced, type TraceContext } from '../../calibrate/trace-run';
import type { Calibration } from '../../calibrate/types';
import type { PassContext } from '../../types';
import { plural } from '../../report';
import { type ChannelExtremes, equalizeModel } from '../equalize/equalize';
import { findPairs } from '../equalize/pairs';
import { correctBiases, withBiases } from './bias-correction';
import { buildInteger, type IntegerBuild } from './build';
import type { ModelSettings } from './settings';
import { type OperatorConstants, writeInteger } from './write';

export interface Improved {
  readonly build: IntegerBuild;
  readonly notes: readonly string[];
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
  const notes = [adviseSamples(first.statistics).sentence];
  if (!settings.equalize && !settings.correctBias) return { build: first, notes };
  context.progress(0, 0, 'running held-out samples');
  const judge = await judgeAgainst(model, calibration, context.signal);
  let build = first;
  let reached = await judge.sqnrDb(runnableForm(build, settings));
  const offer = async (what: string, candidate: IntegerBuild) => {
    const found = await judge.sqnrDb(runnableForm(candidate, settings));
    const isBetter = found > reached + LEAST_GAIN_DB;
    notes.push(verdict(what, reached, found, isBetter, judge));
    if (!isBetter) return;
    build = candidate;
    reached = found;
  };
  if (settings.equalize) {
    const equalized = await equalize(model, calibration, context);
    if (equalized === null) notes.push('Equalization found no pair of layers that it could change.');
    else await offer(equalized.words, await buildInteger(equalized.model, settings, calibration, context));
  }
  if (settings.correctBias) {
    const base = build;
    const rebuilt = (corrections: ReadonlyMap<number, Float64Array>): IntegerBuild => {
      const constants = withBiases(base.constants, corrections);
      return { ...base, constants, written: writeInteger(base.source, base.plans, settings, constants) };
    };
    const expected = new Map(
      [...base.shifts].map(([operator, shift]) => [operator, shift.map((value) => -value)]),
    );
    if (expected.size > 0) await offer('Biases corrected for the rounding of weights', rebuilt(expected));
    const plan = base.plans.find(({ graph }) => graph.index === 0);
    if (plan) {
      const start = build === base ? new Map<number, Float64Array>() : expected;
      const runnable = storedAsInt8(base.constants);
      const write = (corrections: ReadonlyMap<number, Float64Array>) =>
        writeInteger(base.source, base.plans, settings, withBiases(runnable, corrections));
      const found = await correctBiases(base.source, plan, write, start, calibration, context);
      await offer('Biases corrected layer by layer', rebuilt(found));
    }
  }
  return { build, notes };
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
  const figures = `SQNR on ${plural(samples, 'held-out sample')} ${before.toFixed(1)} dB before, ${after.toFixed(1)} dB after`;
  return `${what}: ${isKept ? 'kept' : 'not kept'} (${figures}).`;
}

/** The float model with equalized layers, or null where nothing can be done. Main subgraph only. */
async function equalize(
  model: Model,
  calibration: Calibration,
  context: Context,
): Promise<{ readonly model: Model; readonly words: string } | null> {
  const pairs = findPairs(model, 0);
  if (pairs.length === 0) return null;
  const extremes = new Map<number, ChannelExtremes>();
  await runTraced(
    model,
    0,
    pairs.map(({ tensor }) => tensor),
    calibration,
    calibration.set.samples,
    (tensor, { values, shape }) => {
      if (values instanceof Float32Array) widen(extremes, tensor, values, shape.at(-1) ?? 1);
    },
    context,
  );
  const { model: equalized, scaled, absorbed } = equalizeModel(model, 0, extremes);
  if (scaled + absorbed === 0) return null;
  const absorption = absorbed === 0 ? '' : `, biases absorbed behind ${absorbed}`;
  return { model: equalized, words: `Channels of ${plural(scaled, 'tensor')} equalized${absorption}` };
}

function widen(
  extremes: Map<number, ChannelExtremes>,
  tensor: number,
  values: Float32Array,
  channels: number,
): void {
  let known = extremes.get(tensor);
  if (!known) {
    known = {
      min: new Float32Array(channels).fill(Infinity),
      max: new Float32Array(channels).fill(-Infinity),
    };
    extremes.set(tensor, known);
  }
  const { min, max } = known;
  for (let i = 0, c = 0; i < values.length; i++, c = c + 1 === channels ? 0 : c + 1) {
    const value = values[i]!;
    if (value < min[c]!) min[c] = value;
    if (value > max[c]!) max[c] = value;
  }
}
