/** One operator for the inspector. */
import { ModelError } from '../errors';
import { isParameter, storedBytes, storedConstants } from '../measure/constants';
import { costsOf } from '../measure/cost';
import { customOptionsOf } from '../model/flexbuffers';
import { customCode, operatorKind, operatorVersion } from '../model/operators';
import { isConstant, scaleInfo, subgraphAt } from '../model/tensors';
import type { Model, Operator } from '../model/types';
import { operandAt, specOf, viewOperator, viewSubgraph, type OpSpec, type OperatorView } from '../ops';
import { describeTable, describeValue } from './attributes';
import { tensorRef } from './tensors';
import type { Attribute, Operand, OperatorDetails } from './types';

/**
 * Everything about one operator: each field of its options (custom ones decoded), operands with their roles, cost.
 * @throws ModelError when there is no such operator
 */
export function describeOperator(model: Model, subgraph: number, index: number): OperatorDetails {
  const { tensors, operators } = subgraphAt(model, subgraph);
  const operator = operators[index];
  if (!operator) {
    throw new ModelError(
      'broken-model',
      `Operator ${index} does not exist: subgraph ${subgraph} has ${operators.length}.`,
      { where: `subgraphs[${subgraph}].operators[${index}]` },
    );
  }
  const view = viewOperator(model, subgraph, index);
  const spec = specOf(view.kind);
  const cost = costsOf(model, subgraph)[index]!;
  return {
    index,
    kind: operatorKind(model, operator),
    isCustom: customCode(model, operator) !== null,
    category: spec?.category ?? 'other',
    version: operatorVersion(model, operator),
    name: tensors[operator.outputs[0] ?? -1]?.name ?? '',
    attributes: describeAttributes(operator),
    inputs: Array.from(operator.inputs, (tensor, k) =>
      describeOperand(model, subgraph, tensor, operandName(view, k)),
    ),
    outputs: Array.from(operator.outputs, (tensor, k) =>
      describeOperand(model, subgraph, tensor, outputName(spec, k)),
    ),
    weights: learnedConstants(model, subgraph, view, index),
    macs: cost.macs,
    parameters: cost.parameters,
    sizeBytes: cost.weightBytes,
    bodies: calledSubgraphs(model, operator),
  };
}

function describeOperand(model: Model, subgraph: number, index: number, role: string): Operand {
  const tensor = subgraphAt(model, subgraph).tensors[index];
  return {
    role,
    tensor: tensorRef(model, subgraph, index),
    isConstant: tensor !== undefined && isConstant(model, tensor),
    sizeBytes: tensor ? storedBytes(model, tensor) : 0,
    quantization: tensor ? scaleInfo(tensor) : null,
  };
}

/** Weights as they are stored, found behind DEQUANTIZE and DENSIFY too. Biases are left out. */
function learnedConstants(model: Model, subgraph: number, view: OperatorView, index: number): Operand[] {
  const graph = subgraphAt(model, subgraph);
  const constants = storedConstants(model, graph, viewSubgraph(model, subgraph))[index] ?? [];
  return constants
    .filter(({ role, tensor }) => role !== 'bias' && isParameter(role, graph.tensors[tensor]!))
    .map(({ input, tensor }) => describeOperand(model, subgraph, tensor, operandName(view, input)));
}

function describeAttributes(operator: Operator): Attribute[] {
  const attributes: Attribute[] = [];
  for (const options of [operator.builtinOptions, operator.builtinOptions2]) {
    if (options) attributes.push(...describeTable(options.type, options.value));
  }
  attributes.push(...describeCustom(operator));
  if (operator.mutatingVariableInputs?.some((changes) => changes !== 0))
    attributes.push({
      name: 'mutating variable inputs',
      value: describeValue(Array.from(operator.mutatingVariableInputs, (changes) => changes !== 0)),
    });
  if (operator.intermediates && operator.intermediates.length > 0)
    attributes.push({ name: 'intermediates', value: describeValue(operator.intermediates) });
  return attributes;
}

/** Custom options (and a composite's attributes) are a map by convention; others are shown as bytes. */
function describeCustom(operator: Operator): Attribute[] {
  const value = customOptionsOf(operator);
  if (value !== null) {
    if (Array.isArray(value)) return [{ name: 'custom options', value: describeValue(value) }];
    return Object.entries(value).map(([name, entry]) => ({ name, value: describeValue(entry) }));
  }
  const bytes = operator.customOptions ?? operator.largeCustomOptions;
  return bytes ? [{ name: 'custom options', value: describeValue(bytes) }] : [];
}

/** Name of an input; those of a list are numbered. */
function operandName(view: OperatorView, k: number): string {
  const spec = specOf(view.kind);
  const { name } = operandAt(view, k);
  const last = (spec?.inputs.length ?? 0) - 1;
  if (spec?.variadicInputs && k >= last) return `${name} ${k - last}`;
  return spec && k <= last ? name : `${name} ${k}`;
}

function outputName(spec: OpSpec | null, k: number): string {
  const names = spec?.outputs ?? [];
  const last = names.length - 1;
  if (spec?.variadicOutputs && last >= 0 && k >= last) return `${names[last]!} ${k - last}`;
  return names[k] ?? `output ${k}`;
}

/** Subgraphs that the options name (`bodySubgraphIndex`, `branchSubgraphIndices`) and that exist. */
function calledSubgraphs(model: Model, operator: Operator): number[] {
  const called = new Set<number>();
  for (const options of [operator.builtinOptions, operator.builtinOptions2]) {
    for (const [field, value] of Object.entries<unknown>(options?.value ?? {})) {
      if (!/subgraph(index|indices)?$/i.test(field)) continue;
      for (const index of value instanceof Int32Array ? value : [value])
        if (typeof index === 'number' && model.subgraphs[index]) called.add(index);
    }
  }
  return [...called];
}
