/** Collects what a pass did, in the words that the step's card shows. */
import { operatorKind } from '../model/operators';
import type { Model } from '../model/types';
import type { Constant } from './constants';
import type { ReportAction, ReportEntry } from './types';

interface TensorNote {
  readonly subgraph: number;
  readonly tensor: number;
  /** The operator that reads it (or, for a removed one, wrote it), or null. */
  readonly operator: number | null;
  readonly detail: string;
  readonly beforeBytes?: number;
  readonly afterBytes?: number;
}

/** An entry about a tensor of `model`. */
export function tensorEntry(model: Model, action: ReportAction, note: TensorNote): ReportEntry {
  const subgraph = model.subgraphs[note.subgraph]!;
  const operator = note.operator === null ? undefined : subgraph.operators[note.operator];
  return {
    action,
    subgraph: note.subgraph,
    operator: note.operator,
    tensor: note.tensor,
    kind: operator ? operatorKind(model, operator) : null,
    name: subgraph.tensors[note.tensor]?.name ?? `tensor ${note.tensor}`,
    detail: note.detail,
    beforeBytes: note.beforeBytes ?? null,
    afterBytes: note.afterBytes ?? null,
  };
}

/** An entry about a constant, under the first operator that reads it. */
export function constantEntry(
  model: Model,
  constant: Constant,
  action: 'changed' | 'skipped',
  detail: string,
): ReportEntry {
  const { subgraph, index, uses } = constant;
  return tensorEntry(model, action, { subgraph, tensor: index, operator: uses[0]!.operator, detail });
}

/** An entry about an operator of `model`. */
export function operatorEntry(
  model: Model,
  action: ReportAction,
  subgraph: number,
  operator: number,
  detail: string,
): ReportEntry {
  const source = model.subgraphs[subgraph]!;
  const item = source.operators[operator]!;
  return {
    action,
    subgraph,
    operator,
    tensor: null,
    kind: operatorKind(model, item),
    name: source.tensors[item.outputs[0] ?? -1]?.name ?? `operator ${operator}`,
    detail,
    beforeBytes: null,
    afterBytes: null,
  };
}

/** Sum of the given column over entries with that action. */
export function totalBytes(entries: readonly ReportEntry[], column: 'beforeBytes' | 'afterBytes'): number {
  return entries.reduce((sum, entry) => sum + (entry.action === 'changed' ? (entry[column] ?? 0) : 0), 0);
}
