/** What integer quantization did to each operator, or would do, and why it leaves others. */
import { elementCount, dtypeName } from '../../../model/tensors';
import type { Model } from '../../../model/types';
import { operatorEntry } from '../../report';
import { count, plural } from '../../../format';
import type { PassReport, ReportEntry } from '../../types';
import type { SubgraphPlan } from './plan';
import type { IntegerModel, OperatorConstants } from './write';

/** `written` null: nothing was, because no operator can. */
export function reportInteger(
  model: Model,
  plans: readonly SubgraphPlan[],
  written: IntegerModel | null,
  constants: OperatorConstants | null,
  notes: readonly string[],
): PassReport {
  const entries: ReportEntry[] = [];
  for (const plan of plans) {
    plan.graph.views.forEach((_, operator) => entries.push(...entriesOf(model, plan, operator, constants)));
  }
  for (const [subgraph, tensor] of written?.floatEnds ?? []) {
    const name = model.subgraphs[subgraph]!.tensors[tensor]!.name ?? `tensor ${tensor}`;
    entries.push({
      action: 'skipped',
      subgraph,
      operator: null,
      tensor,
      kind: null,
      name,
      detail: 'stays float: no integer operator reads or writes it',
      beforeBytes: null,
      afterBytes: null,
    });
  }
  return { pass: 'integer', entries, summary: summarize(entries, written), notes };
}

function entriesOf(
  model: Model,
  plan: SubgraphPlan,
  operator: number,
  constants: OperatorConstants | null,
): ReportEntry[] {
  const { graph, decisions } = plan;
  const { dtype, reason } = decisions[operator]!;
  if (dtype === null) {
    return reason === '' ? [] : [operatorEntry(model, 'skipped', graph.index, operator, reason)];
  }
  const entry = operatorEntry(model, 'changed', graph.index, operator, '');
  const { weights } = decisions[operator]!.operands;
  const choices = constants?.weights(graph.index, operator) ?? [];
  const parts = [dtypeName(dtype)];
  let before = 0;
  let after = 0;
  choices.forEach(({ scales, bits, note }, i) => {
    const elements = elementCount(graph.subgraph.tensors[weights[i]!.tensor]!);
    before += elements * 4;
    after += Math.ceil((elements * bits) / 8) + scales.byteLength;
    parts.push(`int${bits} weights, ${scales.length > 1 ? 'one scale per channel' : 'one scale'}`);
    if (note !== null) parts.push(note);
  });
  return [
    {
      ...entry,
      detail: parts.join('; '),
      beforeBytes: before > 0 ? before : null,
      afterBytes: after > 0 ? after : null,
    },
  ];
}

function summarize(entries: readonly ReportEntry[], written: IntegerModel | null): string {
  const operators = entries.filter(({ operator }) => operator !== null);
  const changed = operators.filter(({ action }) => action === 'changed').length;
  if (changed === 0 || written === null) {
    return operators.length === 0
      ? 'Nothing to change: no operator computes with float32 values.'
      : `Nothing to change: none of ${plural(operators.length, 'operator')} with floats can compute with integers.`;
  }
  const borders = written.borders === 0 ? '' : `, ${plural(written.borders, 'conversion')} added`;
  return `${count(changed)} of ${plural(operators.length, 'operator')} with float values to integers${borders}.`;
}
