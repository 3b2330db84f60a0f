/** What an operator is: its code, version and custom name. */
import { ModelError } from '../errors';
import { enumNameOf, enumNumberOf, makeTable } from './schema/tflite';
import type { BuiltinOperator, Model, Operator, OperatorCode } from './types';

/** Codes from here on do not fit the old one-byte field. */
const PLACEHOLDER_CODE = 127;

/** Builtin operator of a code entry: the larger of the old and the new field. */
export function builtinOperatorOf(code: OperatorCode): BuiltinOperator {
  const number = Math.max(code.deprecatedBuiltinCode, enumNumberOf('BuiltinOperator', code.builtinCode));
  return enumNameOf('BuiltinOperator', number);
}

/** Code entry of an operator. Throws `ModelError` when its index is out of range. */
export function operatorCodeOf(model: Model, operator: Operator): OperatorCode {
  const code = model.operatorCodes[operator.opcodeIndex];
  if (code === undefined) {
    throw new ModelError(
      'broken-model',
      `An operator has code ${operator.opcodeIndex}, but the model lists ${model.operatorCodes.length} operator codes. Get a fresh copy of the file.`,
      { where: 'operatorCodes' },
    );
  }
  return code;
}

/** Builtin name, e.g. `CONV_2D`; `CUSTOM` for custom operators, `UNKNOWN_n` for a code the schema does not know. */
export function operatorName(model: Model, operator: Operator): BuiltinOperator {
  return builtinOperatorOf(operatorCodeOf(model, operator));
}

/** Name of a custom operator, or null for a builtin one. */
export function customCode(model: Model, operator: Operator): string | null {
  const code = operatorCodeOf(model, operator);
  return builtinOperatorOf(code) === 'CUSTOM' ? (code.customCode ?? '') : null;
}

/** Name for people: the builtin name, or the custom code of a custom operator (`CUSTOM` when it has none). */
export function operatorKind(model: Model, operator: Operator): string {
  const custom = customCode(model, operator);
  return custom === null || custom === '' ? operatorName(model, operator) : custom;
}

/** Version of the operator's kernel that the file asks for, 1 or more. */
export function operatorVersion(model: Model, operator: Operator): number {
  return operatorCodeOf(model, operator).version;
}

/** A code entry with both code fields filled, as old and new runtimes expect. */
export function makeOperatorCode(
  name: BuiltinOperator,
  version = 1,
  custom: string | null = null,
): OperatorCode {
  const number = enumNumberOf('BuiltinOperator', name);
  return makeTable('OperatorCode', {
    deprecatedBuiltinCode: Math.min(number, PLACEHOLDER_CODE),
    builtinCode: name,
    version,
    customCode: custom,
  });
}

/**
 * Finds the entry for an operator, version and custom code, or adds it at the end.
 * Returns the list (the same one when nothing was added) and the index of the entry in it.
 */
export function withOperatorCode(
  codes: readonly OperatorCode[],
  name: BuiltinOperator,
  version = 1,
  custom: string | null = null,
): { readonly codes: readonly OperatorCode[]; readonly index: number } {
  const index = codes.findIndex(
    (code) =>
      builtinOperatorOf(code) === name && code.version === version && (code.customCode ?? null) === custom,
  );
  if (index >= 0) return { codes, index };
  return { codes: [...codes, makeOperatorCode(name, version, custom)], index: codes.length };
}
