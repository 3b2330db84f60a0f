/** A model of single operators: each one reads inputs of its own and writes outputs of the model. */
import { draftModel } from '../model/edit';
import { elementCount, shapeOf } from '../model/tensors';
import type { Model, Tensor } from '../model/types';
import { compactModel } from '../optimize/cleanup/compact';
import { MAIN, type PlannedOperator, type TensorPair } from './plan';

export interface CutModel {
  readonly model: Model;
  /** What each input of `model` stands for. */
  readonly inputs: readonly TensorPair[];
  /** What each output of `model` stands for. */
  readonly outputs: readonly { readonly operator: PlannedOperator; readonly pair: TensorPair }[];
}

/**
 * Cuts `operators` out of a variant: what each computes with becomes an input, what it writes an output; constants and
 * the operators that unpack them stay. `shapeOfOriginal` gives the shape of a tensor of the original in a run.
 */
export function cutOperators(
  variant: Model,
  operators: readonly PlannedOperator[],
  shapeOfOriginal: (tensor: number) => readonly number[],
): CutModel {
  const main = variant.subgraphs[MAIN]!;
  const alone: Model = {
    ...variant,
    subgraphs: [main],
    signatureDefs: null,
    metadata: null,
    metadataBuffer: null,
    archive: null,
  };
  const draft = draftModel(alone);
  const fed = new Map<string, { readonly tensor: number; readonly pair: TensorPair }>();
  const kept = new Set<number>();
  for (const { variantOperator, inputs } of operators) {
    kept.add(variantOperator);
    for (const { input, original, variant: tensor } of inputs) {
      const key = `${original}/${tensor}`;
      let entry = fed.get(key);
      if (!entry) {
        const copy = fedTensor(main.tensors[tensor]!, shapeOfOriginal(original));
        entry = { tensor: draft.addTensor(MAIN, copy), pair: { original, variant: tensor } };
        fed.set(key, entry);
      }
      draft.replaceInput(MAIN, variantOperator, input, entry.tensor);
    }
  }
  const constantsOf = [...kept].flatMap((index) => Array.from(draft.operator(MAIN, index)!.inputs));
  for (const index of decodersOf(main.operators, constantsOf)) kept.add(index);
  main.operators.forEach((_, index) => {
    if (!kept.has(index)) draft.removeOperator(MAIN, index);
  });
  const outputs = operators.flatMap((operator) => operator.outputs.map((pair) => ({ operator, pair })));
  draft.replaceSubgraph(MAIN, {
    inputs: Int32Array.from(fed.values(), ({ tensor }) => tensor),
    outputs: Int32Array.from(outputs, ({ pair }) => pair.variant),
  });
  const { model } = compactModel(draft.finish().model);
  return { model, inputs: Array.from(fed.values(), ({ pair }) => pair), outputs };
}

/** An input like `tensor` in the shape in which the original computes it. */
function fedTensor(tensor: Tensor, shape: readonly number[]): Tensor {
  const own = shapeOf(tensor);
  const count = shape.reduce((product, size) => product * size, 1);
  const isOwn = own.length !== shape.length && elementCount(tensor) === count;
  return {
    ...tensor,
    name: `${tensor.name ?? 'tensor'} (fed)`,
    shape: isOwn ? tensor.shape : Int32Array.from(shape),
    // Sizes that the file leaves open, or gives otherwise than they are, may change from sample to sample.
    shapeSignature: isOwn
      ? null
      : Int32Array.from(shape, (size, axis) =>
          size === own[axis] && (tensor.shapeSignature?.[axis] ?? size) !== -1 ? size : -1,
        ),
  };
}

/** Operators that write one of `tensors`, and what they read in turn. */
function decodersOf(
  operators: Model['subgraphs'][number]['operators'],
  tensors: readonly number[],
): number[] {
  const wanted = new Set(tensors);
  const found: number[] = [];
  for (let index = operators.length - 1; index >= 0; index--) {
    const { inputs, outputs } = operators[index]!;
    if (!outputs.some((tensor) => wanted.has(tensor))) continue;
    found.push(index);
    for (const tensor of inputs) wanted.add(tensor);
  }
  return found;
}
