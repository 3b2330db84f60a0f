/** Measures the ranges of a model's activations. */
import { ModelError } from '../../errors';
import { graphOf, type Graph } from '../quantize/integer/graph';
import type { Model } from '../../model/types';
import { fingerprint } from './fingerprint';
import { StatisticsCollector } from './statistics';
import { runTraced, type TraceContext } from './trace-run';
import type { ActivationStatistics, Calibration, ModelStatistics, RangeStatistics } from './types';

/** Operators whose output holds exactly the values of their input. */
const SAME_VALUES: ReadonlySet<string> = new Set([
  'RESHAPE',
  'SQUEEZE',
  'EXPAND_DIMS',
  'TRANSPOSE',
  'SPACE_TO_DEPTH',
  'DEPTH_TO_SPACE',
  'REVERSE_V2',
]);

/**
 * Statistics of every float32 activation of the main subgraph, and of each subgraph that a signature names and whose inputs
 * the samples fit. Measured once for a model and its samples, and kept in `calibration.cache`.
 * @throws ModelError `unsupported` when the model has no float32 activations or does not run; `bad-data` when the samples
 * do not fit or every activation comes out as NaN or infinity
 */
export function collectStatistics(
  model: Model,
  calibration: Calibration,
  context: TraceContext,
): Promise<ModelStatistics> {
  const key = fingerprint(model);
  const known = calibration.cache.get(key);
  if (known) return known;
  const measured = measure(model, calibration, context);
  calibration.cache.set(key, measured);
  // What was cancelled or failed is measured again when asked for again.
  measured.catch(() => calibration.cache.delete(key));
  return measured;
}

async function measure(
  model: Model,
  calibration: Calibration,
  context: TraceContext,
): Promise<ModelStatistics> {
  const statistics = new Map<number, ActivationStatistics>();
  const others = new Set((model.signatureDefs ?? []).map(({ subgraphIndex }) => subgraphIndex));
  others.delete(0);
  const graph = graphOf(model, 0);
  if (activationsOf(graph).length === 0 && others.size === 0) {
    throw new ModelError(
      'unsupported',
      'The model has no float32 activations, so there is nothing to quantize: it is quantized already, or does not compute with real numbers.',
    );
  }
  const failures: ModelError[] = [];
  for (const subgraph of [0, ...others]) {
    try {
      statistics.set(subgraph, await measureSubgraph(model, subgraph, calibration, context));
    } catch (error) {
      // A signature that takes other inputs than the samples give stays as it is.
      if (!(error instanceof ModelError) || others.size === 0) throw error;
      failures.push(error);
    }
  }
  if (statistics.size === 0) throw failures[0]!;
  for (const [subgraph, found] of statistics) refuseBroken(model, subgraph, found);
  return statistics;
}

async function measureSubgraph(
  model: Model,
  subgraph: number,
  calibration: Calibration,
  context: TraceContext,
): Promise<ActivationStatistics> {
  const graph = graphOf(model, subgraph);
  const activations = activationsOf(graph);
  const collectors = new Map<number, StatisticsCollector>();
  for (const tensor of activations) {
    const source = sourceOf(graph, tensor);
    if (!collectors.has(source)) collectors.set(source, new StatisticsCollector());
  }
  await runTraced(
    model,
    subgraph,
    [...collectors.keys()],
    calibration,
    calibration.set.samples,
    (tensor, { values }) => {
      if (values instanceof Float32Array) collectors.get(tensor)!.add(values);
    },
    context,
  );
  const results = new Map<number, RangeStatistics>();
  for (const [tensor, collector] of collectors) {
    const result = collector.result();
    if (result.samples > 0) results.set(tensor, result);
  }
  return new Map(
    activations.flatMap((tensor) => {
      const result = results.get(sourceOf(graph, tensor));
      return result ? [[tensor, result] as const] : [];
    }),
  );
}

/** Float32 tensors that are computed or fed. */
function activationsOf(graph: Graph): number[] {
  const { tensors, inputs } = graph.subgraph;
  const fed = new Set(inputs);
  return tensors.flatMap(({ type }, index) => {
    const isComputed = fed.has(index) || (graph.writer[index]! >= 0 && graph.constantOf(index) === null);
    return type === 'FLOAT32' && isComputed ? [index] : [];
  });
}

/** The tensor that holds the same values before they were only moved. */
function sourceOf(graph: Graph, tensor: number): number {
  let at = tensor;
  for (;;) {
    const writer = graph.writer[at]!;
    if (writer < 0) return at;
    const { kind, operator } = graph.views[writer]!;
    const input = operator.inputs[0] ?? -1;
    if (!SAME_VALUES.has(kind) || input < 0 || graph.constantOf(input) !== null) return at;
    if (graph.subgraph.tensors[input]!.type !== 'FLOAT32') return at;
    at = input;
  }
}

/** When no activation has a single finite value, the samples or the model are broken. */
function refuseBroken(model: Model, subgraph: number, statistics: ActivationStatistics): void {
  const { tensors, inputs } = model.subgraphs[subgraph]!;
  const computed = [...statistics].filter(([tensor]) => !inputs.includes(tensor));
  if (computed.length === 0 || computed.some(([, { count }]) => count > 0)) return;
  const name = tensors[computed[0]![0]]!.name ?? `tensor ${computed[0]![0]}`;
  throw new ModelError(
    'bad-data',
    `With these samples the model gives nothing but NaN and infinity, first in ${name}; check the samples and their scaling.`,
  );
}
