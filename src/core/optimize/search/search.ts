/**
 * Mixed precision: how much each layer alone hurts in each scheme, then whole models along the front of size (or time) against
 * accuracy, made and measured.
 */
import { takeSamples } from '../../data/subset';
import { ModelError } from '../../errors';
import { compareModels } from '../../measure/compare';
import { costsOf } from '../../measure/cost';
import type { ModelMeasurement } from '../../measure/types';
import type { Model } from '../../model/types';
import { writeModel } from '../../model/write';
import { judgeAgainst, type OutputJudge } from '../calibrate/judge';
import type { TraceContext } from '../calibrate/trace-run';
import type { Calibration } from '../calibrate/types';
import { plural } from '../../format';
import type { Recipe } from '../types';
import { assignmentsAlong, choicesOf } from './choose';
import { type Assignment, mixedRecipe, type SearchLayer, searchLayers } from './layers';
import {
  type Scheme,
  schemes,
  type SearchGoal,
  type SearchPoint,
  type SearchResult,
  type Sensitivity,
} from './types';

/** Applies a recipe: `runRecipe`, handed in because one of its passes searches too. */
export type ApplyRecipe = (model: Model, recipe: Recipe, context: TraceContext) => Promise<Model>;

export interface SearchOptions {
  readonly goal: SearchGoal;
  /** Schemes that layers may get, without float32, which they always may. */
  readonly schemes: readonly Scheme[];
  /** Whole models of mixed schemes to make, beside one for each scheme. */
  readonly points: number;
  /** Timed rounds for each whole model; 0 leaves latency out (then size is what is least). */
  readonly latencyRounds: number;
  /** Milliseconds that only go up. */
  readonly now: () => number;
}

/** Layers that are looked at one by one; of more, the ones with most weights. */
const MOST_LAYERS = 64;
const MOST_JUDGED = 8;
const MOST_SCORED = 256;
/** A whole model is fitted and measured in the time of about so many of one layer. */
const WHOLE = 20;
/** Smaller weights save too little to be decided about. */
const LEAST_ELEMENTS = 64;

/** The schemes that a search tries unless told otherwise. */
export const presetSchemes: readonly Scheme[] = schemes.filter((scheme) => scheme !== 'float32');

/**
 * Searches. Progress counts models made.
 * @throws ModelError `bad-data` when samples do not fit, `bad-recipe` when the model has no layer with float weights;
 * `runtime` when the original does not run; what `signal.throwIfAborted` throws
 */
export async function searchMixed(
  model: Model,
  calibration: Calibration,
  apply: ApplyRecipe,
  options: SearchOptions,
  context: TraceContext,
): Promise<SearchResult> {
  const all = searchLayers(model, LEAST_ELEMENTS);
  if (all.length === 0) {
    throw new ModelError(
      'bad-recipe',
      'The model has no layer with float weights, so there is nothing to search for.',
    );
  }
  const layers = [...all].sort((a, b) => b.elements - a.elements).slice(0, MOST_LAYERS);
  layers.sort((a, b) => a.operator - b.operator);
  const notes: string[] = [];
  if (layers.length < all.length) {
    notes.push(
      `Of ${plural(all.length, 'layer')} the ${MOST_LAYERS} with most weights were looked at; the others are treated as the layer before them.`,
    );
  }
  const judged = limitHeldOut(calibration);
  context.progress(0, 0, 'running held-out samples');
  const judge = await judgeAgainst(model, judged, context.signal);
  const steps = layers.length * options.schemes.length + WHOLE * (options.schemes.length + options.points);
  const session: Session = { model, calibration, judge, apply, options, context, steps, done: 0 };
  const sensitivities = await measureSensitivities(session, layers);
  const scoring = scoringSamples(calibration, notes);
  const points: Measured[] = [];
  for (const scheme of options.schemes) {
    const point = await measurePoint(session, uniform(layers, scheme), scheme, scoring, true);
    if (point) points.push(point);
    else notes.push(`No layer can be ${scheme} here.`);
  }
  const costOf = costFunction(model, options.goal, points);
  for (const assignment of assignmentsAlong(choicesOf(sensitivities, costOf), options.points + 2)) {
    if (points.length >= options.schemes.length + options.points) break;
    if (new Set(assignment.values()).size < 2) continue;
    const point = await measurePoint(session, assignment, nameOf(assignment), scoring, false);
    if (
      point &&
      !points.some(
        (other) =>
          other.point.sizeBytes === point.point.sizeBytes && other.point.sqnrDb === point.point.sqnrDb,
      )
    )
      points.push(point);
  }
  return summarize(session, points, sensitivities, scoring.sampleCount, notes);
}

interface Session {
  readonly model: Model;
  readonly calibration: Calibration;
  readonly judge: OutputJudge;
  readonly apply: ApplyRecipe;
  readonly options: SearchOptions;
  readonly context: TraceContext;
  readonly steps: number;
  done: number;
}

interface Measured {
  readonly point: Omit<SearchPoint, 'isOnFront' | 'isGoodEnough'>;
  readonly original: ModelMeasurement;
}

/** Judging by few samples is enough to rank layers, and many models are judged. */
function limitHeldOut(calibration: Calibration): Calibration {
  const { set } = calibration;
  return { ...calibration, set: { ...set, heldOut: set.heldOut.slice(0, MOST_JUDGED) } };
}

/** Samples that no model was fitted to; where all were drawn, those that were held out. */
function scoringSamples({ set }: Calibration, notes: string[]) {
  const drawn = new Set(set.samples);
  const others = Array.from({ length: set.dataset.sampleCount }, (_, i) => i).filter((i) => !drawn.has(i));
  const from = others.length > 0 ? others : set.heldOut;
  if (others.length === 0) {
    notes.push(
      'All samples were used to calibrate, so models are scored on the held-out ones of them: draw fewer to keep some apart.',
    );
  }
  const step = Math.max(1, from.length / MOST_SCORED);
  const picked = Array.from(
    { length: Math.min(from.length, MOST_SCORED) },
    (_, i) => from[Math.floor(i * step)]!,
  );
  return takeSamples(set.dataset, picked);
}

async function measureSensitivities(
  session: Session,
  layers: readonly SearchLayer[],
): Promise<Sensitivity[]> {
  const { model, judge, context, options } = session;
  const found: Sensitivity[] = [];
  const cleaned = await session.apply(
    model,
    { name: 'clean-up', version: 1, steps: [{ pass: 'clean-up' }] },
    quiet(context),
  );
  const before = writeModel(cleaned).length;
  for (const scheme of options.schemes) {
    for (const { operator, kind, name } of layers) {
      step(session, `${scheme} for ${kind} ${operator} alone`);
      const recipe = mixedRecipe(model, 'one layer', alone(layers, operator, scheme), 'plain');
      const variant = await session.apply(model, recipe, quiet(context));
      const savedBytes = before - writeModel(variant).length;
      // What does not shrink the file was left as it is, or is not worth it.
      if (savedBytes <= 0) continue;
      found.push({ operator, kind, name, scheme, savedBytes, sqnrDb: await judge.sqnrDb(variant) });
    }
  }
  return found;
}

function alone(layers: readonly SearchLayer[], operator: number, scheme: Scheme): Assignment {
  return new Map(layers.map((layer) => [layer.operator, layer.operator === operator ? scheme : 'float32']));
}

function uniform(layers: readonly SearchLayer[], scheme: Scheme): Assignment {
  return new Map(layers.map(({ operator }) => [operator, scheme]));
}

async function measurePoint(
  session: Session,
  assignment: Assignment,
  name: string,
  scoring: ReturnType<typeof scoringSamples>,
  isUniform: boolean,
): Promise<Measured | null> {
  const { model, calibration, options, context } = session;
  step(session, `making ${name}`, WHOLE);
  const [scheme] = assignment.values();
  const recipe = mixedRecipe(model, `mixed ${name}`, assignment, 'fitted', isUniform ? scheme : 'float32');
  const variant = await session.apply(model, recipe, quiet(context));
  const bytes = writeModel(variant);
  const original = writeModel(model);
  if (bytes.length >= original.length) return null;
  const comparison = await compareModels(
    calibration.runtime,
    [
      { name: 'original', bytes: original },
      { name, bytes },
    ],
    { kind: 'dataset', dataset: scoring, scale: calibration.set.scale },
    { accelerator: 'wasm', latencyRounds: options.latencyRounds, now: options.now },
    () => context.signal?.throwIfAborted(),
    null,
  );
  const [reference, own] = comparison.models;
  if (own!.failure) throw new ModelError(own!.failure.code, `${name}: ${own!.failure.message}`);
  const layers: Partial<Record<Scheme, number>> = {};
  for (const one of assignment.values()) layers[one] = (layers[one] ?? 0) + 1;
  return {
    original: reference!,
    point: {
      name,
      recipe,
      isUniform,
      sizeBytes: bytes.length,
      latencyMs: own!.latencyMs?.median ?? null,
      speedup: own!.speedup?.ratio ?? null,
      top1: own!.top1,
      agreement: own!.agreement,
      sqnrDb: own!.sqnrDb ?? NaN,
      layers,
    },
  };
}

/**
 * What a scheme costs a layer: its bytes; or, for time, the layer's share of the multiply-accumulates times how much
 * faster the whole model was in that scheme.
 */
function costFunction(
  model: Model,
  goal: SearchGoal,
  points: readonly Measured[],
): (one: Sensitivity) => number {
  if (goal.least === 'size') return ({ savedBytes }) => -savedBytes;
  const macs = costsOf(model, 0).map((cost) => cost.macs);
  const gains = new Map(
    points.map(({ point }) => [point.name, 1 - 1 / Math.max(1e-3, point.speedup ?? 1)] as const),
  );
  return ({ operator, scheme }) => -(macs[operator] ?? 0) * (gains.get(scheme) ?? 0);
}

function summarize(
  { options: { goal }, judge }: Session,
  measured: readonly Measured[],
  sensitivities: readonly Sensitivity[],
  scoredSamples: number,
  notes: readonly string[],
): SearchResult {
  const reference = measured[0]?.original;
  const isCheap = goal.least === 'latency' && measured.every(({ point }) => point.latencyMs !== null);
  const costOf = ({ point }: Measured) => (isCheap ? point.latencyMs! : point.sizeBytes);
  const isGood = ({ point, original }: Measured) =>
    point.top1 !== null && original.top1 !== null
      ? point.top1 >= original.top1 - goal.mostLossPoints / 100 - 1e-9
      : point.sqnrDb >= goal.leastSqnrDb;
  const beats = (a: Measured, b: Measured) => {
    const [x, y] = [accuracyOf(a.point), accuracyOf(b.point)];
    return x >= y && costOf(a) <= costOf(b) && (x > y || costOf(a) < costOf(b));
  };
  const points = measured.map((one): SearchPoint => ({
    ...one.point,
    isOnFront: !measured.some((other) => beats(other, one)),
    isGoodEnough: isGood(one),
  }));
  const order = measured.map((_, i) => i).filter((i) => points[i]!.isGoodEnough);
  order.sort((a, b) => costOf(measured[a]!) - costOf(measured[b]!));
  return {
    goal,
    original: {
      sizeBytes: reference?.sizeBytes ?? 0,
      latencyMs: reference?.latencyMs?.median ?? null,
      top1: reference?.top1 ?? null,
    },
    sensitivities,
    points,
    best: order[0] ?? null,
    scoredSamples,
    judgedSamples: judge.samples,
    notes,
  };
}

/** What the front is drawn over: accuracy where it is known (SQNR breaks ties), else SQNR. */
function accuracyOf({ top1, sqnrDb }: Measured['point']): number {
  return top1 === null ? sqnrDb : top1 + 1e-6 * Math.min(100, Math.max(-100, sqnrDb));
}

function nameOf(assignment: Assignment): string {
  return schemes
    .flatMap((scheme) => {
      const count = [...assignment.values()].filter((one) => one === scheme).length;
      return count === 0 ? [] : [`${count} ${scheme}`];
    })
    .join(', ');
}

function step(session: Session, label: string, weight = 1): void {
  session.context.signal?.throwIfAborted();
  session.context.progress(session.done, session.steps, label);
  session.done += weight;
}

/** The steps of one model say nothing of the whole search. */
function quiet({ signal }: TraceContext): TraceContext {
  return { progress: () => undefined, signal };
}
