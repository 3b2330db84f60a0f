/** What integer quantization makes of each operator of a subgraph, before anything is written. */
import type { ActivationStatistics } from '../../calibrate/types';
import type { PassContext } from '../../types';
import { specOf } from '../../../ops';
import { type Decision, decide } from './decide';
import { type Graph, graphOf } from './graph';
import { planScales, type ScalePlan } from './scales';
import { type OperatorSettings, operatorSettings } from './settings';
import type { VariableScales } from './variables';

const COMPARISONS: ReadonlySet<string> = new Set([
  'EQUAL',
  'NOT_EQUAL',
  'GREATER',
  'GREATER_EQUAL',
  'LESS',
  'LESS_EQUAL',
]);
const COMPARISON_STEPS = 256;
const INT8_LEVELS = 255;

export interface SubgraphPlan {
  readonly graph: Graph;
  /** One for each operator. */
  readonly decisions: readonly Decision[];
  /** One for each operator; null where an override leaves it out. */
  readonly settings: readonly (OperatorSettings | null)[];
  readonly scales: ScalePlan;
  readonly variables: VariableScales;
}

/**
 * Plans one subgraph. `statistics` null: ranges are left open (a plan before any sample was run), and every tensor is
 * taken to have one.
 */
export function planSubgraph(
  model: Graph['model'],
  subgraph: number,
  statistics: ActivationStatistics | null,
  variables: VariableScales,
  context: Pick<PassContext, 'optionsFor'>,
): SubgraphPlan {
  const graph = graphOf(model, subgraph);
  const settings = graph.views.map((_, operator) => {
    const options = context.optionsFor(subgraph, operator);
    return options === null ? null : operatorSettings(options);
  });
  const decisions = graph.views.map((_, operator) => decide(graph, operator, settings[operator]!, variables));
  if (statistics !== null) dropUnseen(graph, decisions, statistics);
  keepIdleMoversFloat(graph, decisions);
  const scales = planScales(graph, decisions, settings, statistics, variables);
  return { graph, decisions, settings, scales, variables };
}

/** Operators with a value that was never seen, or that is not finite, have no range to be quantized by. */
function dropUnseen(graph: Graph, decisions: Decision[], statistics: ActivationStatistics): void {
  const { tensors } = graph.subgraph;
  const padded = paddedWithInfinity(graph, decisions);
  decisions.forEach((decision, operator) => {
    if (decision.dtype === null || isVariable(graph, operator)) return;
    const { data, outputs } = decision.operands;
    const computed = data.flatMap(({ tensor, constant }) => (constant === null ? [tensor] : []));
    for (const tensor of [...computed, ...outputs]) {
      const seen = statistics.get(tensor);
      const name = tensors[tensor]!.name ?? `tensor ${tensor}`;
      const reason: string | null =
        seen === undefined || seen.count + seen.nonFinite === 0
          ? `no sample gave values of ${name}`
          : seen.nonFinite > 0 && !padded.has(tensor)
            ? `${name} holds values that are not finite${graph.isInput(tensor) ? ': leave out the samples that hold them' : ''}`
            : null;
      if (reason === null) continue;
      decisions[operator] = { ...decision, dtype: null, reason };
      return;
    }
    const { kind } = graph.views[operator]!;
    if (COMPARISONS.has(kind) && isFinerThanComparison(computed, statistics)) {
      const reason = `its values differ by less than 1/256, the step in which the integer kernel of ${kind} compares`;
      decisions[operator] = { ...decision, dtype: null, reason };
    }
  });
}

/** Integer kernels of comparisons turn both sides into multiples of 1/256. */
function isFinerThanComparison(tensors: readonly number[], statistics: ActivationStatistics): boolean {
  const width = tensors.reduce((most, tensor) => {
    const { min, max } = statistics.get(tensor)!;
    return Math.max(most, Math.max(0, max) - Math.min(0, min));
  }, 0);
  return width > 0 && (width * COMPARISON_STEPS) / INT8_LEVELS < 1;
}

/**
 * Tensors that are not finite only because a PADV2 put -infinity around them, which a MAX_POOL_2D behind it never picks: the
 * lowest integer serves as well.
 */
function paddedWithInfinity(graph: Graph, decisions: readonly Decision[]): ReadonlySet<number> {
  const padded = new Set<number>();
  decisions.forEach(({ operands: { data, outputs } }, operator) => {
    const isPad = graph.views[operator]!.kind === 'PADV2';
    const constant = data[1]?.constant ?? null;
    if (!isPad || constant === null || !graph.constantValues(constant).every((value) => value <= -3e38))
      return;
    const readers = outputs.flatMap((tensor) => graph.readers(tensor));
    const isPooled = readers.every((reader) => graph.views[reader.operator]!.kind === 'MAX_POOL_2D');
    if (isPooled && !outputs.some((tensor) => graph.isOutput(tensor)))
      for (const tensor of outputs) padded.add(tensor);
  });
  return padded;
}

/**
 * Operators that only move values (RESHAPE and the like) gain nothing from integers when every operator around them
 * computes with floats: connected groups of them then stay float, which saves a QUANTIZE and a DEQUANTIZE.
 */
function keepIdleMoversFloat(graph: Graph, decisions: Decision[]): void {
  const isMover = (operator: number) =>
    decisions[operator]!.dtype !== null &&
    !isVariable(graph, operator) &&
    specOf(graph.views[operator]!.kind)?.quantization.kind === 'same-scale';
  const visited = new Set<number>();
  for (let start = 0; start < decisions.length; start++) {
    if (visited.has(start) || !isMover(start)) continue;
    const group: number[] = [start];
    visited.add(start);
    let meetsInteger = false;
    let floatNeighbour: number | null = null;
    for (const operator of group) {
      for (const neighbour of neighbours(graph, decisions[operator]!)) {
        if (isMover(neighbour)) {
          if (visited.has(neighbour)) continue;
          visited.add(neighbour);
          group.push(neighbour);
        } else if (decisions[neighbour]!.dtype !== null || isConverter(graph, neighbour)) meetsInteger = true;
        else floatNeighbour ??= neighbour;
      }
    }
    if (meetsInteger || floatNeighbour === null) continue;
    const reason = `only moves values between operators that stay float (${graph.views[floatNeighbour]!.kind})`;
    for (const operator of group) decisions[operator] = { ...decisions[operator]!, dtype: null, reason };
  }
}

/** Reads and assignments are decided for all uses of their variable together. */
function isVariable(graph: Graph, operator: number): boolean {
  const { kind } = graph.views[operator]!;
  return kind === 'READ_VARIABLE' || kind === 'ASSIGN_VARIABLE';
}

function isConverter(graph: Graph, operator: number): boolean {
  const { kind } = graph.views[operator]!;
  return kind === 'QUANTIZE' || kind === 'DEQUANTIZE';
}

/** Operators that write what it reads, or read what it writes (as floats). */
function neighbours(graph: Graph, { operands }: Decision): number[] {
  const writers = operands.data.flatMap(({ tensor, constant }) => {
    const writer = graph.writer[tensor]!;
    return constant === null && writer >= 0 ? [writer] : [];
  });
  const readers = operands.outputs.flatMap((tensor) => graph.readers(tensor).map(({ operator }) => operator));
  return [...writers, ...readers];
}
