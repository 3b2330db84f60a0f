/** One tensor for the inspector. */
import { shapeText } from '../graph/labels';
import {
  byteLength,
  constantBytes,
  dtypeName,
  elementCount,
  hasScaleTensor,
  isConstant,
  scaleInfo,
  shapeOf,
  subgraphAt,
  tensorAt,
} from '../model/tensors';
import type { Model, Tensor } from '../model/types';
import { describeEncoding, describeFormula } from './encoding';
import { filterBank } from './filters';
import type { TensorDetails, TensorRef } from './types';
import { tensorTexts } from './values';

/** Texts of a string constant that are shown. */
const SHOWN_TEXTS = 200;

/** Name, dtype and shape of a tensor; null for an operand that is left out or does not exist. */
export function tensorRef(model: Model, subgraph: number, index: number): TensorRef | null {
  const tensor = subgraphAt(model, subgraph).tensors[index];
  if (!tensor) return null;
  return {
    index,
    name: tensor.name ?? '',
    dtype: dtypeName(tensor.type),
    shape: shapeOf(tensor),
    shapeText: shapeText(model, tensor),
  };
}

/**
 * Everything about one tensor but its numbers.
 * @throws ModelError when there is no such tensor
 */
export function describeTensor(model: Model, subgraph: number, index: number): TensorDetails {
  const tensor = tensorAt(model, subgraph, index);
  const { operators } = subgraphAt(model, subgraph);
  const producer = operators.findIndex(({ outputs }) => outputs.includes(index));
  const consumers = operators.flatMap(({ inputs }, operator) => (inputs.includes(index) ? [operator] : []));
  const elements = elementCount(tensor);
  return {
    ...tensorRef(model, subgraph, index)!,
    shapeSignature: tensor.shapeSignature ? Array.from(tensor.shapeSignature) : null,
    isConstant: isConstant(model, tensor),
    isVariable: tensor.isVariable,
    buffer: tensor.buffer,
    sizeBytes: constantBytes(model, tensor)?.length ?? byteLength(tensor.type, elements) ?? 0,
    elements,
    quantization: scaleInfo(tensor),
    isQuantized: scaleInfo(tensor) !== null || hasScaleTensor(tensor),
    filters: isConstant(model, tensor) ? filterBank(model, subgraph, index) : null,
    formula: describeFormula(tensor),
    encoding: describeEncoding(model, tensor),
    producer: producer < 0 ? null : producer,
    consumers,
    sharedWith: sharers(model, tensor, subgraph, index),
    texts: tensorTexts(model, subgraph, index, SHOWN_TEXTS),
  };
}

/** Other constants with the same buffer. Computed tensors share the empty buffer, which says nothing. */
function sharers(
  model: Model,
  tensor: Tensor,
  subgraph: number,
  index: number,
): { subgraph: number; tensor: number }[] {
  if (constantBytes(model, tensor) === null) return [];
  return model.subgraphs.flatMap(({ tensors }, s) =>
    tensors.flatMap(({ buffer }, t) =>
      buffer === tensor.buffer && (s !== subgraph || t !== index) ? [{ subgraph: s, tensor: t }] : [],
    ),
  );
}
