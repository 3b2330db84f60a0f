/** Lossless clean-up: what the model does not need goes, its outputs stay the same to the bit. */
import type { Model, Operator } from '../../model/types';
import { identityMapping } from '../mapping';
import { booleanOption } from '../options';
import { operatorEntry } from '../report';
import { count, plural } from '../../format';
import type { OperatorMapping, Pass, PassContext, ReportEntry } from '../types';
import { compactModel } from './compact';
import { ShrinkingGraph } from './graph';
import { findEqualBuffers } from './share-buffers';

export const cleanUp: Pass = {
  name: 'clean-up',
  title: 'Clean up',
  description:
    'Shares equal buffers, drops tensors, buffers and operator codes that nothing refers to, and removes operators that do nothing. The outputs stay the same to the bit.',
  isLossless: true,
  options: {
    removeNoOps: {
      kind: 'boolean',
      preset: true,
      label: 'Remove idle operators',
      hint: 'Operators that hand on what they are given, and operators whose results nobody reads.',
    },
    shareBuffers: {
      kind: 'boolean',
      preset: true,
      label: 'Share equal buffers',
      hint: 'Constants with the same bytes are stored once.',
    },
    removeUnused: {
      kind: 'boolean',
      preset: true,
      label: 'Drop unused parts',
      hint: 'Tensors, buffers and operator codes that nothing refers to.',
    },
  },
  run(model, options, context) {
    const entries: ReportEntry[] = [];
    let current = model;
    let mapping = identityMapping(model);
    if (booleanOption(options, 'removeNoOps')) {
      ({ model: current, mapping } = removeIdle(model, context, entries));
    }
    context.progress(1, 3, 'comparing buffers');
    context.signal?.throwIfAborted();
    if (booleanOption(options, 'shareBuffers')) current = shareBuffers(model, current, entries);
    context.progress(2, 3, 'dropping unused parts');
    context.signal?.throwIfAborted();
    if (booleanOption(options, 'removeUnused')) current = dropUnused(current, entries);
    const hasChanges = entries.some((entry) => entry.action !== 'skipped');
    return {
      model: hasChanges ? current : model,
      report: { pass: 'clean-up', entries, summary: summarize(entries) },
      mapping,
    };
  },
};

/** Removes no-ops and dead operators until nothing more can go. */
function removeIdle(
  model: Model,
  context: PassContext,
  entries: ReportEntry[],
): { model: Model; mapping: OperatorMapping } {
  const kept = model.subgraphs.map((subgraph, subgraphIndex): (Operator | null)[] => {
    const graph = new ShrinkingGraph(model, subgraphIndex);
    const mayRemove = (index: number) => context.optionsFor(subgraphIndex, index) !== null;
    const stuck = new Map<number, string>();
    for (let again = true; again;) {
      again = false;
      for (let index = 0; index < subgraph.operators.length; index++) {
        const noOp = graph.noOp(index);
        if (noOp === null) continue;
        if (!mayRemove(index)) {
          stuck.set(index, `${noOp.reason}, but an override leaves it out`);
        } else if (graph.bypass(index, noOp)) {
          entries.push(operatorEntry(model, 'removed', subgraphIndex, index, noOp.reason));
          stuck.delete(index);
          again = true;
        } else {
          stuck.set(index, `${noOp.reason}, but ties the model's own inputs or outputs together`);
        }
      }
      for (const index of graph.removeDead(mayRemove)) {
        entries.push(operatorEntry(model, 'removed', subgraphIndex, index, 'nobody reads its results'));
        stuck.delete(index);
        again = true;
      }
    }
    for (const [index, reason] of stuck) {
      entries.push(operatorEntry(model, 'skipped', subgraphIndex, index, reason));
    }
    return graph.operators;
  });
  const mapping = kept.map((operators) => {
    let next = 0;
    return operators.map((operator) => (operator === null ? [] : [next++]));
  });
  const subgraphs = model.subgraphs.map((subgraph, index) =>
    Object.freeze({
      ...subgraph,
      operators: Object.freeze(kept[index]!.filter((operator) => operator !== null)),
    }),
  );
  return { model: Object.freeze({ ...model, subgraphs: Object.freeze(subgraphs) }), mapping };
}

function shareBuffers(original: Model, model: Model, entries: ReportEntry[]): Model {
  // Metadata has buffers of its own; a variable's initial values are not read-only.
  const reserved = new Set<number>([...(model.metadataBuffer ?? [])]);
  for (const entry of model.metadata ?? []) reserved.add(entry.buffer);
  const candidates = new Set<number>([0]);
  for (const { tensors } of model.subgraphs) {
    for (const tensor of tensors) {
      if (tensor.isVariable && model.buffers[tensor.buffer]?.data) reserved.add(tensor.buffer);
      candidates.add(tensor.buffer);
    }
  }
  const same = findEqualBuffers(
    model.buffers,
    new Set([...candidates].filter((index) => !reserved.has(index))),
  );
  const counted = new Set<number>();
  let emptied = 0;
  const subgraphs = model.subgraphs.map((subgraph, subgraphIndex) => {
    const tensors = subgraph.tensors.map((tensor, index) => {
      const buffer = same[tensor.buffer] ?? tensor.buffer;
      if (buffer === tensor.buffer) return tensor;
      const bytes = model.buffers[tensor.buffer]?.data?.length ?? 0;
      if (bytes === 0) {
        emptied += counted.has(tensor.buffer) ? 0 : 1;
      } else {
        entries.push({
          action: 'changed',
          subgraph: subgraphIndex,
          operator: null,
          tensor: index,
          kind: null,
          name: original.subgraphs[subgraphIndex]!.tensors[index]!.name ?? `tensor ${index}`,
          detail: `same bytes as buffer ${buffer}, stored once`,
          beforeBytes: counted.has(tensor.buffer) ? 0 : bytes,
          afterBytes: 0,
        });
      }
      counted.add(tensor.buffer);
      return Object.freeze({ ...tensor, buffer });
    });
    return Object.freeze({ ...subgraph, tensors: Object.freeze(tensors) });
  });
  if (counted.size === 0) return model;
  if (emptied > 0)
    entries.push(wholeModelEntry('changed', 'empty buffers', `${plural(emptied, 'empty buffer')} shared`));
  // A buffer that lost its last reader has no bytes any more, whether or not the unused parts are dropped.
  const buffers = model.buffers.map((buffer, index) =>
    counted.has(index) ? Object.freeze({ data: null, outside: false }) : buffer,
  );
  return Object.freeze({ ...model, subgraphs: Object.freeze(subgraphs), buffers: Object.freeze(buffers) });
}

function dropUnused(model: Model, entries: ReportEntry[]): Model {
  const { model: compacted, droppedTensors, droppedBuffers, droppedCodes } = compactModel(model);
  droppedTensors.forEach((tensors, subgraph) => {
    for (const tensor of tensors) {
      entries.push({
        ...wholeModelEntry('removed', '', 'nothing refers to this tensor'),
        subgraph,
        tensor,
        name: model.subgraphs[subgraph]!.tensors[tensor]!.name ?? `tensor ${tensor}`,
      });
    }
  });
  if (droppedBuffers.length > 0) {
    const bytes = droppedBuffers.reduce((sum, index) => sum + (model.buffers[index]!.data?.length ?? 0), 0);
    entries.push({
      ...wholeModelEntry('removed', 'buffers', `${plural(droppedBuffers.length, 'unused buffer')} dropped`),
      beforeBytes: bytes,
      afterBytes: 0,
    });
  }
  if (droppedCodes > 0) {
    const detail = `${plural(droppedCodes, 'unused operator code')} dropped`;
    entries.push(wholeModelEntry('removed', 'operator codes', detail));
  }
  const hasDropped =
    droppedTensors.some((list) => list.length > 0) || droppedBuffers.length > 0 || droppedCodes > 0;
  return hasDropped ? compacted : model;
}

function wholeModelEntry(action: 'changed' | 'removed', name: string, detail: string): ReportEntry {
  return {
    action,
    subgraph: 0,
    operator: null,
    tensor: null,
    kind: null,
    name,
    detail,
    beforeBytes: null,
    afterBytes: null,
  };
}

function summarize(entries: readonly ReportEntry[]): string {
  const removed = entries.filter((entry) => entry.action === 'removed');
  const operators = removed.filter((entry) => entry.operator !== null).length;
  const tensors = removed.filter((entry) => entry.tensor !== null).length;
  const bytes = entries.reduce((sum, entry) => sum + (entry.beforeBytes ?? 0) - (entry.afterBytes ?? 0), 0);
  const parts = [
    operators > 0 ? `${plural(operators, 'operator')} removed` : '',
    tensors > 0 ? `${plural(tensors, 'tensor')} dropped` : '',
    bytes > 0 ? `${count(bytes)} bytes of constants saved` : '',
  ].filter((part) => part !== '');
  if (parts.length > 0) return `${parts.join(', ')}.`;
  return entries.every((entry) => entry.action === 'skipped')
    ? 'Nothing to clean up.'
    : 'Unused entries of the file dropped, no constants.';
}
