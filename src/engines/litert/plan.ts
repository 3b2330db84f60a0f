/** What of a model is to run: the subgraph, the signature that leads to it, its inputs and outputs. */
import { ModelError } from '../../core/errors';
import { openModel } from '../../core/model/open';
import type { Model, SignatureDef, Subgraph, Tensor } from '../../core/model/types';
import type { ScaleInfo, TensorInfo } from '../../core/tensor-data';

export interface ModelPlan {
  readonly model: Model;
  readonly subgraph: number;
  readonly inputs: readonly Endpoint[];
  readonly outputs: readonly OutputEnd[];
}

export interface Endpoint {
  readonly info: TensorInfo;
  /** Index of the tensor in the subgraph. */
  readonly tensor: number;
}

export interface OutputEnd extends Endpoint {
  /** Index of the input that is handed out unchanged, which the runtime forgets to fill in; null for all others. */
  readonly echoes: number | null;
}

/**
 * Reads a file and finds what `signature` names.
 * @throws ModelError from reading; `unsupported` when there is no such signature or nothing to run.
 */
export function planModel(bytes: Uint8Array, signature: string | null): ModelPlan {
  const { model } = openModel(bytes);
  const definition = findSignature(model, signature);
  const index = definition?.subgraphIndex ?? 0;
  const subgraph = model.subgraphs[index];
  if (subgraph === undefined) {
    throw new ModelError('broken-model', 'The model has no subgraph to run.', { where: 'subgraphs' });
  }
  const named = signature !== null;
  const inputs = endpoints(subgraph, subgraph.inputs, definition?.inputs, named);
  const outputs = endpoints(subgraph, subgraph.outputs, definition?.outputs, named).map((end) => {
    const input = inputs.findIndex(({ tensor }) => tensor === end.tensor);
    return { ...end, echoes: input < 0 ? null : input };
  });
  return { model, subgraph: index, inputs, outputs };
}

function findSignature(model: Model, key: string | null): SignatureDef | null {
  const signatures = model.signatureDefs ?? [];
  if (key === null)
    return signatures.find(({ subgraphIndex }) => subgraphIndex === 0) ?? signatures[0] ?? null;
  const found = signatures.find(({ signatureKey }) => signatureKey === key);
  if (found) return found;
  const known = signatures.map(({ signatureKey }) => signatureKey).join(', ');
  throw new ModelError(
    'unsupported',
    known === ''
      ? `The model has no signatures, so there is none named ${key}.`
      : `The model has no signature ${key}. It has ${known}.`,
    { where: 'signatureDefs' },
  );
}

/** Ends in the order of the subgraph; in that of the signature, under its names, when one was asked for. */
function endpoints(
  subgraph: Subgraph,
  indexes: Int32Array,
  aliases: SignatureDef['inputs'] | undefined,
  named: boolean,
): readonly Endpoint[] {
  const listed = aliases ?? Array.from(indexes, (tensorIndex) => ({ name: null, tensorIndex }));
  const ends = listed.map(({ name, tensorIndex }) => {
    const tensor = subgraph.tensors[tensorIndex];
    if (tensor === undefined) {
      throw new ModelError(
        'broken-model',
        `An input or output names tensor ${tensorIndex}, which is not there.`,
      );
    }
    const info = tensorInfo(tensor);
    return { info: named && name !== null ? { ...info, name } : info, tensor: tensorIndex };
  });
  if (named) return ends;
  const order = (end: Endpoint): number => indexes.indexOf(end.tensor);
  return ends.sort((a, b) => order(a) - order(b));
}

/** Name, shape (-1 where the signature says that a size is dynamic), type and scales of a tensor. */
export function tensorInfo(tensor: Tensor): TensorInfo {
  const shape = Array.from(tensor.shape ?? []);
  const signature = tensor.shapeSignature;
  if (signature?.length === shape.length) {
    signature.forEach((size, axis) => {
      if (size === -1) shape[axis] = -1;
    });
  }
  return { name: tensor.name ?? '', shape, dtype: tensor.type, quantization: scaleInfo(tensor) };
}

function scaleInfo({ quantization }: Tensor): ScaleInfo | null {
  if (!quantization?.scale || quantization.scale.length === 0) return null;
  const scale = Array.from(quantization.scale);
  const zeroPoint = scale.map((_, i) => Number(quantization.zeroPoint?.[i] ?? 0n));
  return { scale, zeroPoint, axis: quantization.quantizedDimension };
}
