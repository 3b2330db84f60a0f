/** Which operators do more than write their outputs. */
import { operatorName } from '../../model/operators';
import type { BuiltinOperator, Model, Operator, Tensor } from '../../model/types';

/** State, control flow, random numbers and code that is not ours to judge. */
const effective: ReadonlySet<BuiltinOperator> = new Set<BuiltinOperator>([
  'ASSIGN_VARIABLE',
  'CALL',
  'CALL_ONCE',
  'CUSTOM',
  'DELEGATE',
  'HASHTABLE',
  'HASHTABLE_FIND',
  'HASHTABLE_IMPORT',
  'HASHTABLE_LOOKUP',
  'HASHTABLE_SIZE',
  'IF',
  'MULTINOMIAL',
  'RANDOM_STANDARD_NORMAL',
  'RANDOM_UNIFORM',
  'READ_VARIABLE',
  'STABLEHLO_CASE',
  'STABLEHLO_COMPOSITE',
  'STABLEHLO_CUSTOM_CALL',
  'STABLEHLO_RNG_BIT_GENERATOR',
  'STABLEHLO_WHILE',
  'VAR_HANDLE',
  'WHILE',
]);

/** True when the operator may be left out once nobody reads its outputs. */
export function isPure(model: Model, operator: Operator, tensors: readonly Tensor[]): boolean {
  const kind = operatorName(model, operator);
  if (effective.has(kind) || kind.startsWith('UNKNOWN_')) return false;
  const touchesState = [...operator.inputs, ...operator.outputs].some(
    (tensor) => tensors[tensor]?.isVariable === true,
  );
  return !touchesState && operator.outputs.length > 0;
}
