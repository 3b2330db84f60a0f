/**
 * Where a sparse constant may stand. The runtime's CPU path (XNNPACK) unpacks DENSIFY when it loads a model, and not
 * always rightly, as runs of pruned models showed:
 * - INT8 read by integer or hybrid kernels: refused in all FULLY_CONNECTED and hybrid cases, and with it the model;
 * - DENSIFY before DEQUANTIZE: when the operator that reads it all stays outside XNNPACK, DEQUANTIZE runs on memory
 *   that nobody filled, and the outputs are wrong without a word.
 */
import { operatorName } from '../../model/operators';
import { constantBytes } from '../../model/tensors';
import type { Model } from '../../model/types';
import type { Constant, ConstantUse } from '../constants';

/** Whether runtimes are known to unpack the constant rightly. */
export function canBeSparse(model: Model, constant: Constant): boolean {
  const { tensor, uses } = constant;
  const rank = tensor.shape?.length ?? 0;
  if (rank !== 2 && rank !== 4) return false;
  const decoders = uses.map((use) =>
    use.via.filter((index) => kindAt(model, constant, index) === 'DEQUANTIZE'),
  );
  if (tensor.type === 'FLOAT32') return decoders.every((list) => list.length === 0);
  if (tensor.type !== 'FLOAT16' && tensor.type !== 'INT8') return false;
  // DENSIFY fills in zeros, which other zero points do not mean.
  if (tensor.quantization?.zeroPoint?.some((value) => value !== 0n)) return false;
  return uses.every((use, i) => decoders[i]!.length === 1 && isTakenByXnnpack(model, constant, use));
}

function kindAt(model: Model, { subgraph }: Constant, index: number): string {
  return operatorName(model, model.subgraphs[subgraph]!.operators[index]!);
}

/** Convolutions and fully-connected operators in float32, with a bias that XNNPACK takes beside these weights. */
function isTakenByXnnpack(model: Model, { subgraph, tensor }: Constant, use: ConstantUse): boolean {
  const isConvolution = use.kind === 'CONV_2D' || use.kind === 'DEPTHWISE_CONV_2D';
  if (!isConvolution && use.kind !== 'FULLY_CONNECTED') return false;
  const { tensors, operators } = model.subgraphs[subgraph]!;
  const [input = -1, , bias = -1] = operators[use.operator]!.inputs;
  if (tensors[input]?.type !== 'FLOAT32') return false;
  if (bias < 0) return !isConvolution;
  if (constantBytes(model, tensors[bias]!) !== null) return tensors[bias]!.type === 'FLOAT32';
  const decoder = operators.find((operator) => operator.outputs.includes(bias));
  const isHalf = decoder !== undefined && tensors[decoder.inputs[0] ?? -1]?.type === 'FLOAT16';
  return isHalf && tensor.type === 'FLOAT16';
}
