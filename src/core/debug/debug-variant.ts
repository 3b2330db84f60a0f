/** Finds out what each operator of a variant adds to its error. */
import { dequantize, type RealValues } from '../model/dequantize';
import { byteLength, elementCount } from '../model/tensors';
import type { Model } from '../model/types';
import type { TraceContext } from '../optimize/calibrate/trace-run';
import { plural } from '../format';
import type { TensorData } from '../tensor-data';
import { CutRuns, type OriginalValues } from './cut-runs';
import { ErrorSums } from './error-sums';
import { findLogits, type LogitReaches, trimLogits } from './logits';
import { matchOperators } from './match-operators';
import { MAIN, planDebug, type PlannedOperator, type TensorPair } from './plan';
import { findRescaled, rescale, type Rescaling } from './rescaled';
import { openShown } from './shown-run';
import { activationScale, RangeUse } from './stored-values';
import type { DebugReport, DebugRequest, OperatorDebug } from './types';

/** Values of operators that are looked at in one go take no more than this together. */
const LARGEST_GROUP_BYTES = 256 * 1024 * 1024;

const silent: TraceContext = { progress: () => undefined, signal: null };

/**
 * Runs the original, the variant and the variant's operators one by one on samples, and holds their values against the
 * original's. Main subgraph only. Takes memory for one sample, however many there are.
 * @throws ModelError `bad-data` when the samples do not fit; `runtime` or `unsupported` when a model does not run;
 * whatever `context.signal.throwIfAborted` throws when cancelled
 */
export async function debugVariant(
  request: DebugRequest,
  context: TraceContext = silent,
): Promise<DebugReport> {
  const { original, variant, calibration } = request;
  const mapping = request.mapping ?? matchOperators(original, variant);
  const planned = planDebug(original, variant, mapping);
  const groups = groupBySize(original, variant, planned);
  const samples = request.samples ?? calibration.set.samples;
  const session: Session = {
    request,
    samples,
    logits: findLogits(original),
    rescaling: findRescaled(original, request.rescaled ?? []),
    outputs: outputPairs(original, variant),
    context,
    total: groups.length * samples.length,
    done: 0,
  };
  const found: Subject[] = [];
  const unseen: PlannedOperator[] = [];
  for (const [index, group] of groups.entries()) {
    const result = await runGroup(session, group, index === 0);
    found.push(...result.subjects);
    unseen.push(...result.unseen);
  }
  const operators = found.flatMap((subject) => summarize(subject) ?? []);
  const incomparable = found.filter((subject) => summarize(subject) === null).map(({ plan }) => plan);
  return {
    operators,
    outputs: session.outputs.map(({ name, sums }) => ({ name, sqnrDb: sums.figures()?.sqnrDb ?? NaN })),
    samples: samples.length,
    notes: notesOf(request, mapping, unseen, incomparable),
  };
}

interface Session {
  readonly request: DebugRequest;
  readonly samples: readonly number[];
  readonly logits: LogitReaches;
  readonly rescaling: Rescaling;
  readonly outputs: readonly (TensorPair & { readonly name: string; readonly sums: ErrorSums })[];
  readonly context: TraceContext;
  readonly total: number;
  done: number;
}

/** One operator while sums are added up. */
interface Subject {
  readonly plan: PlannedOperator;
  readonly local: ErrorSums;
  readonly accumulated: ErrorSums;
  /** One for each output with a scale. */
  readonly ranges: ReadonlyMap<number, RangeUse>;
  reason: string | null;
}

async function runGroup(
  session: Session,
  group: readonly PlannedOperator[],
  withOutputs: boolean,
): Promise<{ readonly subjects: readonly Subject[]; readonly unseen: readonly PlannedOperator[] }> {
  const { request, samples, context } = session;
  const { original, variant, calibration } = request;
  const first = samples[0]!;
  const wanted = group.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]);
  const before = await openShown(
    original,
    original,
    [...new Set(wanted.map((pair) => pair.original))],
    calibration,
    first,
  );
  try {
    const after = await openShown(
      variant,
      original,
      [...new Set(group.flatMap(({ outputs }) => outputs.map((pair) => pair.variant)))],
      calibration,
      first,
    );
    const subjects: Subject[] = [];
    const unseen: PlannedOperator[] = [];
    for (const plan of group) {
      const isSeen = plan.outputs.every(
        (pair) => !before.unseen.includes(pair.original) && !after.unseen.includes(pair.variant),
      );
      if (isSeen) subjects.push(subjectOf(plan, variant, before.unseen));
      else unseen.push(plan);
    }
    const byPlan = new Map(subjects.map((subject) => [subject.plan, subject]));
    const alone = subjects.filter(({ reason }) => reason === null).map(({ plan }) => plan);
    const cuts = new CutRuns(variant, alone, calibration.runtime);
    try {
      for (const [position, sample] of samples.entries()) {
        context.signal?.throwIfAborted();
        context.progress(
          session.done++,
          session.total,
          `comparing sample ${position + 1} of ${samples.length}`,
        );
        const reference = originalValues(original, (await before.run(sample)).tensors, session.rescaling);
        const own = (await after.run(sample)).tensors;
        for (const subject of subjects) addAccumulated(session, subject, reference, own);
        if (withOutputs) addOutputs(session, variant, reference, own);
        await cuts.run(reference, (plan, pair, values) => {
          const [before, after] = counted(session, pair, reference.real(pair.original), values);
          addErrors(byPlan.get(plan)!.local, before, after, scaleOf(variant, pair));
        });
      }
      for (const [plan, reason] of cuts.refused) byPlan.get(plan)!.reason = reason;
    } finally {
      cuts.dispose();
      after.dispose();
    }
    return { subjects, unseen };
  } finally {
    before.dispose();
  }
}

function subjectOf(plan: PlannedOperator, variant: Model, unseen: readonly number[]): Subject {
  const ranges = new Map(
    plan.outputs.flatMap(({ variant: tensor }) => {
      const scale = activationScale(variant.subgraphs[MAIN]!.tensors[tensor]!);
      return scale ? [[tensor, new RangeUse(scale)] as const] : [];
    }),
  );
  const isFed = plan.inputs.every((pair) => !unseen.includes(pair.original));
  const reason = plan.reason ?? (isFed ? null : 'the runtime cannot show what it reads');
  return { plan, local: new ErrorSums(), accumulated: new ErrorSums(), ranges, reason };
}

function originalValues(
  model: Model,
  tensors: ReadonlyMap<number, TensorData>,
  rescaling: Rescaling,
): OriginalValues {
  const real = new Map<number, RealValues>();
  const data = (tensor: number) => tensors.get(tensor)!;
  return {
    data,
    isRescaled: (tensor) => rescaling.has(tensor),
    real(tensor) {
      let values = real.get(tensor);
      if (!values) {
        values = realOf(model, tensor, data(tensor));
        const scaled = rescaling.get(tensor);
        if (scaled) values = rescale(values, scaled);
        real.set(tensor, values);
      }
      return values;
    },
  };
}

function realOf(model: Model, tensor: number, { values, shape }: TensorData): RealValues {
  return dequantize(values, model.subgraphs[MAIN]!.tensors[tensor]!, [...shape]);
}

function scaleOf(variant: Model, { variant: tensor }: TensorPair): number | null {
  return activationScale(variant.subgraphs[MAIN]!.tensors[tensor]!)?.scale ?? null;
}

/** Values of another number than the original's say nothing about errors. */
function addErrors(sums: ErrorSums, original: RealValues, variant: RealValues, scale: number | null): void {
  if (original.length === variant.length) sums.add(original, variant, scale);
}

/** Values of both models as far as they count. */
function counted(
  { logits, request: { variant } }: Session,
  pair: TensorPair,
  original: RealValues,
  own: RealValues,
): readonly [RealValues, RealValues] {
  const reach = logits.get(pair.original);
  const scale = reach === undefined ? null : activationScale(variant.subgraphs[MAIN]!.tensors[pair.variant]!);
  if (reach === undefined || scale?.dtype !== 'INT8') return [original, own];
  return [trimLogits(original, reach), trimLogits(own, reach)];
}

function addAccumulated(
  session: Session,
  { plan, accumulated, ranges }: Subject,
  reference: OriginalValues,
  own: ReadonlyMap<number, TensorData>,
): void {
  const { variant } = session.request;
  for (const pair of plan.outputs) {
    const [values, other] = counted(
      session,
      pair,
      reference.real(pair.original),
      realOf(variant, pair.variant, own.get(pair.variant)!),
    );
    addErrors(accumulated, values, other, scaleOf(variant, pair));
    ranges.get(pair.variant)?.add(values);
  }
}

function addOutputs(
  { outputs }: Session,
  variant: Model,
  reference: OriginalValues,
  own: ReadonlyMap<number, TensorData>,
): void {
  for (const pair of outputs) {
    const other = realOf(variant, pair.variant, own.get(pair.variant)!);
    addErrors(pair.sums, reference.real(pair.original), other, null);
  }
}

/** Outputs belong together by their place; with another number of them nothing says which do. */
function outputPairs(original: Model, variant: Model): Session['outputs'] {
  const before = original.subgraphs[MAIN]!;
  const after = variant.subgraphs[MAIN]!;
  if (before.outputs.length !== after.outputs.length) return [];
  return Array.from(before.outputs, (tensor, i) => ({
    original: tensor,
    variant: after.outputs[i]!,
    name: before.tensors[tensor]!.name ?? `output ${i}`,
    sums: new ErrorSums(),
  })).filter((pair) => before.tensors[pair.original]!.type !== 'STRING');
}

function summarize({ plan, local, accumulated, ranges, reason }: Subject): OperatorDebug | null {
  const figures = accumulated.figures();
  if (figures === null) return null;
  const { operator, variantOperator, kind, name, dtype, isQuantized, depth } = plan;
  const own = reason === null ? local.figures() : null;
  const uses = [...ranges.values()].filter(({ count }) => count > 0);
  const count = uses.reduce((sum, use) => sum + use.count, 0);
  const isRanged = uses.length > 0;
  return {
    subgraph: MAIN,
    operator,
    variantOperator,
    kind,
    name,
    dtype,
    isQuantized,
    depth,
    local: own,
    accumulated: figures,
    rangeUsed: isRanged ? Math.max(...uses.map(({ used }) => used)) : null,
    saturated: isRanged ? uses.reduce((sum, use) => sum + use.outside, 0) / count : null,
    reason: own === null ? (reason ?? 'it gives another number of values than the original') : null,
  };
}

function notesOf(
  { original, variant }: DebugRequest,
  mapping: readonly (readonly (readonly number[])[])[],
  unseen: readonly PlannedOperator[],
  incomparable: readonly PlannedOperator[],
): string[] {
  const notes: string[] = [];
  const gone = mapping[MAIN]?.filter((targets) => targets.length === 0).length ?? 0;
  if (gone > 0) notes.push(`${plural(gone, 'operator')} of the original have no counterpart in the variant.`);
  if (unseen.length > 0) notes.push(`The runtime cannot show the values of ${list(unseen)}.`);
  if (incomparable.length > 0)
    notes.push(`Values of other sizes than the original's: ${list(incomparable)}.`);
  const others = original.subgraphs.length - 1;
  if (others > 0) notes.push(`${plural(others, 'other subgraph')} were not looked at.`);
  if (original.subgraphs[MAIN]!.outputs.length !== variant.subgraphs[MAIN]!.outputs.length) {
    notes.push('The models have different numbers of outputs, so the outputs were not compared.');
  }
  return notes;
}

const MOST_NAMED = 5;

function list(plans: readonly PlannedOperator[]): string {
  const names = plans.slice(0, MOST_NAMED).map(({ kind, operator }) => `${kind} ${operator}`);
  const rest = plans.length - names.length;
  return names.join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

/** Neighbouring operators whose values fit into memory together, at least one each. */
function groupBySize(
  original: Model,
  variant: Model,
  planned: readonly PlannedOperator[],
): PlannedOperator[][] {
  const groups: PlannedOperator[][] = [];
  let bytes = Infinity;
  for (const plan of planned) {
    const size = [...plan.inputs, ...plan.outputs].reduce((sum, pair) => {
      return sum + sizeOf(original, pair.original) + sizeOf(variant, pair.variant);
    }, 0);
    if (bytes + size > LARGEST_GROUP_BYTES) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)!.push(plan);
    bytes += size;
  }
  return groups;
}

function sizeOf(model: Model, tensor: number): number {
  const item = model.subgraphs[MAIN]!.tensors[tensor];
  return item ? (byteLength(item.type, Math.max(1, elementCount(item))) ?? 0) : 0;
}
