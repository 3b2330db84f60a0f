/** What LiteRT in the browser cannot run, told from the file alone, by operator name. */
import { ModelError } from '../../core/errors';
import { customCode, operatorKind } from '../../core/model/operators';
import type { Model, Operator } from '../../core/model/types';
import type { ModelPlan } from './plan';
import { isFeedable } from './tensor-buffer';

export interface UnsupportedOperator {
  /** Builtin name, or the custom code. */
  readonly kind: string;
  /** How many of them the model has. */
  readonly count: number;
  /** One sentence. */
  readonly reason: string;
}

/** Custom operators that the runtime brings kernels for. */
const KNOWN_CUSTOM = new Set(['TFLite_Detection_PostProcess', 'Convolution2DTransposeBias']);

/** Operators that LiteRT cannot run, most frequent first; empty when it should run the whole model. */
export function unsupportedOperators(model: Model): readonly UnsupportedOperator[] {
  const found = new Map<string, UnsupportedOperator>();
  for (const subgraph of model.subgraphs) {
    for (const operator of subgraph.operators) {
      const reason = customReason(model, operator) ?? variableReason(operator, subgraph.tensors);
      if (reason === null) continue;
      const kind = operatorKind(model, operator);
      const count = (found.get(kind)?.count ?? 0) + 1;
      found.set(kind, { kind, count, reason });
    }
  }
  return [...found.values()].sort((a, b) => b.count - a.count || a.kind.localeCompare(b.kind));
}
function customReason(model: Model, operator: Operator): string | null {
  const custom = customCode(model, operator);
  if (custom === null || KNOWN_CUSTOM.has(custom)) return null;
  return 'custom';
}
function variableReason(operator: Operator, tensors: Model['subgraphs'][number]['tensors']): string | null {
  return operator.inputs.some((i) => tensors[i]?.isVariable === true) ? 'variable' : null;
}
export function refuseUnsupported(plan: ModelPlan): void {
  for (const { info } of [...plan.inputs, ...plan.outputs])
    if (!isFeedable(info.dtype)) throw new ModelError('unsupported', `dtype ${info.dtype}`);
}
