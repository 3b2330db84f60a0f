/** What LiteRT in the browser cannot run, told from the file alone, by operator name. */
import { ModelError } from '../../core/errors';
import { plural } from '../../core/format';
import { customCode, operatorKind, operatorName, operatorVersion } from '../../core/model/operators';
import type { Model, Operator, Subgraph } from '../../core/model/types';
import { isFeedable } from './element-types';
import { CUSTOM_KERNELS, KERNEL_VERSIONS } from './kernels';
import type { ModelPlan } from './plan';

export interface UnsupportedOperator {
  /** Builtin name, or the custom code. */
  readonly kind: string;
  /** How many of them the model has. */
  readonly count: number;
  /** What is missing, as the end of a sentence that starts with the operator. */
  readonly reason: string;
}

const MOST_NAMED = 3;
/** Custom operators into which compilers for accelerators put whole parts of a model. */
const ACCELERATOR_CALL = /^DISPATCH_OP$|edgetpu|^odml\.npu_call$/i;

/** Operators that LiteRT cannot run, most frequent first; empty when nothing is known to be in the way. */
export function unsupportedOperators(model: Model): readonly UnsupportedOperator[] {
  const found = new Map<string, UnsupportedOperator>();
  for (const subgraph of model.subgraphs) {
    for (const operator of subgraph.operators) {
      const reason = whyNot(model, subgraph, operator);
      if (reason === null) continue;
      const kind = operatorKind(model, operator);
      const known = found.get(kind);
      found.set(kind, { kind, count: (known?.count ?? 0) + 1, reason: known?.reason ?? reason });
    }
  }
  return [...found.values()].sort((a, b) => b.count - a.count || a.kind.localeCompare(b.kind));
}

function whyNot(model: Model, subgraph: Subgraph, operator: Operator): string | null {
  return kernelFault(model, operator) ?? stateFault(subgraph, operator) ?? textFault(subgraph, operator);
}

function kernelFault(model: Model, operator: Operator): string | null {
  const custom = customCode(model, operator);
  if (custom !== null) {
    if (CUSTOM_KERNELS.has(custom)) return null;
    if (custom.startsWith('Flex')) return "needs TensorFlow's own kernels (Flex)";
    if (ACCELERATOR_CALL.test(custom)) return 'was compiled for another accelerator';
    return 'is a custom operator without a kernel';
  }
  const highest = KERNEL_VERSIONS.get(operatorName(model, operator));
  if (highest === undefined) return 'has no kernel';
  const version = operatorVersion(model, operator);
  return version > highest ? `is of version ${version}, kernels go up to ${highest}` : null;
}

function stateFault({ tensors }: Subgraph, { inputs }: Operator): string | null {
  const stateful = inputs.some((index) => tensors[index]?.isVariable === true);
  return stateful ? 'keeps state in variable tensors' : null;
}

/** Text between operators is the runtime's own affair, text from and to the outside cannot be handed over. */
function textFault(subgraph: Subgraph, { inputs, outputs }: Operator): string | null {
  const isText = (index: number): boolean => subgraph.tensors[index]?.type === 'STRING';
  if (inputs.some((index) => isText(index) && subgraph.inputs.includes(index))) return 'takes text as input';
  if (outputs.some((index) => isText(index) && subgraph.outputs.includes(index)))
    return 'gives text as output';
  return null;
}

/** Throws `ModelError` `unsupported` when it is certain that the model cannot run, naming operators or tensors. */
export function refuseUnsupported(plan: ModelPlan): void {
  const operators = unsupportedOperators(plan.model);
  if (operators.length > 0) {
    throw new ModelError('unsupported', `LiteRT in the browser cannot run this model: ${listed(operators)}.`);
  }
  for (const { info } of [...plan.inputs, ...plan.outputs]) {
    if (isFeedable(info.dtype)) continue;
    throw new ModelError(
      'unsupported',
      `LiteRT in the browser cannot run this model: ${info.name} is of type ${info.dtype}.`,
    );
  }
}

function listed(operators: readonly UnsupportedOperator[]): string {
  const parts = operators
    .slice(0, MOST_NAMED)
    .map(({ kind, count, reason }) => `${kind}${count > 1 ? ` (${count} of them)` : ''} ${reason}`);
  const rest = operators.length - MOST_NAMED;
  if (rest > 0) parts.push(`${plural(rest, 'more kind')} of operators cannot run either`);
  return parts.join('; ');
}
