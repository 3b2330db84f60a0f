/** Constants of a model and who reads them: what quantization and pruning decide on. */
import { operatorName } from '../model/operators';
import { isConstant } from '../model/tensors';
import type { BuiltinOperator, Model, Tensor } from '../model/types';
import { specOf } from '../ops';
import type { Role } from '../ops/spec';

/** One operator input that reads a constant, directly or through DEQUANTIZE and DENSIFY. */
export interface ConstantUse {
  readonly operator: number;
  readonly input: number;
  readonly kind: BuiltinOperator;
  readonly role: Role | null;
  /** Axis along which the weight may have one scale per channel, or null. */
  readonly channelAxis: number | null;
  /** The DEQUANTIZE and DENSIFY operators on the way, from the constant on. */
  readonly via: readonly number[];
}

export interface Constant {
  readonly subgraph: number;
  readonly index: number;
  readonly tensor: Tensor;
  readonly uses: readonly ConstantUse[];
  /** The constant itself, or what DEQUANTIZE or DENSIFY make of it, is an output or input of its subgraph. */
  readonly isVisible: boolean;
}

/** Every constant that some operator reads, in order of subgraph and tensor. */
export function findConstants(model: Model): Constant[] {
  return model.subgraphs.flatMap((_, subgraph) => constantsOf(model, subgraph));
}

function constantsOf(model: Model, subgraphIndex: number): Constant[] {
  const subgraph = model.subgraphs[subgraphIndex]!;
  const readers = new Map<number, { readonly operator: number; readonly input: number }[]>();
  subgraph.operators.forEach((operator, index) =>
    operator.inputs.forEach((tensor, input) => {
      const list = readers.get(tensor);
      if (list) list.push({ operator: index, input });
      else readers.set(tensor, [{ operator: index, input }]);
    }),
  );
  const visible = new Set<number>([...subgraph.inputs, ...subgraph.outputs]);

  function follow(tensor: number, via: readonly number[], uses: ConstantUse[]): boolean {
    let isVisible = visible.has(tensor);
    for (const { operator: index, input } of readers.get(tensor) ?? []) {
      const operator = subgraph.operators[index]!;
      const kind = operatorName(model, operator);
      const next = operator.outputs[0];
      if ((kind === 'DEQUANTIZE' || kind === 'DENSIFY') && next !== undefined && via.length < 4) {
        isVisible = follow(next, [...via, index], uses) || isVisible;
        continue;
      }
      const spec = specOf(kind);
      const operand = spec?.inputs[input] ?? (spec?.variadicInputs ? spec.inputs.at(-1) : undefined);
      const role = operand?.role ?? null;
      uses.push({ operator: index, input, kind, role, channelAxis: operand?.channelAxis ?? null, via });
    }
    return isVisible;
  }

  return subgraph.tensors.flatMap((tensor, index) => {
    if (!readers.has(index) || tensor.isVariable || !isConstant(model, tensor)) return [];
    const uses: ConstantUse[] = [];
    const isVisible = follow(index, [], uses);
    return uses.length > 0 ? [{ subgraph: subgraphIndex, index, tensor, uses, isVisible }] : [];
  });
}

/** Constants by the buffer that holds their bytes. */
export function groupByBuffer(constants: readonly Constant[]): Map<number, Constant[]> {
  const groups = new Map<number, Constant[]>();
  for (const constant of constants) {
    const group = groups.get(constant.tensor.buffer);
    if (group) group.push(constant);
    else groups.set(constant.tensor.buffer, [constant]);
  }
  return groups;
}

/** Number of tensors of the whole model that refer to each buffer. */
export function countBufferReaders(model: Model): Uint32Array {
  const counts = new Uint32Array(model.buffers.length);
  for (const { tensors } of model.subgraphs) for (const { buffer } of tensors) counts[buffer]! += 1;
  return counts;
}

/** Operators whose first input, when constant, is a table of learned rows. */
const tableReaders: ReadonlySet<BuiltinOperator> = new Set<BuiltinOperator>(['GATHER']);

/**
 * Whether the operand holds learned weights: its role says so, the hybrid kernel takes it as weights (the constant
 * side of a BATCH_MATMUL), or it is a table that rows are gathered from.
 */
export function isWeightUse(use: ConstantUse): boolean {
  if (use.role === 'weight') return true;
  if (specOf(use.kind)?.hybrid?.weightInputs.includes(use.input)) return true;
  return use.input === 0 && tableReaders.has(use.kind);
}
