/** Puts a compact constant behind an operator that decodes it (DEQUANTIZE, DENSIFY) when the model is loaded. */
import { makeOperator, makeTensor, type ModelDraft } from '../model/edit';
import type { Model, Tensor } from '../model/types';
import type { Constant } from './constants';

/** Index of a buffer without data, for tensors that are computed; buffer 0 by custom. */
export function emptyBuffer(model: Model, draft: ModelDraft): number {
  const index = model.buffers.findIndex((buffer) => buffer.data === null);
  return index >= 0 ? index : draft.addBuffer(null);
}

/**
 * Adds the constant `stored` and an operator that decodes it into the tensor that was the constant until now. That
 * tensor keeps its index and name, so operators, outputs and signatures that read it need no change. The operator
 * goes before the first reader.
 */
export function storeBehind(
  model: Model,
  draft: ModelDraft,
  constant: Constant,
  decoder: 'DEQUANTIZE' | 'DENSIFY',
  version: number,
  stored: Partial<Tensor>,
): void {
  const { subgraph, index, tensor } = constant;
  const source = draft.addTensor(subgraph, makeTensor({ ...tensor, isVariable: false, ...stored }));
  draft.replaceTensor(subgraph, index, { buffer: emptyBuffer(model, draft), sparsity: null });
  const readers = constant.uses.map((use) => use.via[0] ?? use.operator);
  draft.insertOperator(
    subgraph,
    Math.min(...readers),
    makeOperator({
      opcodeIndex: draft.operatorCode(decoder, version),
      inputs: Int32Array.of(source),
      outputs: Int32Array.of(index),
      builtinOptions:
        decoder === 'DEQUANTIZE'
          ? { type: 'DequantizeOptions', value: {} }
          : { type: 'DensifyOptions', value: {} },
    }),
  );
}
