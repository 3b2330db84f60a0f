import type { Model } from '../model/types';

/** Names of tensors by index. */
export interface SignatureNames {
  readonly inputs: ReadonlyMap<number, string>;
  readonly outputs: ReadonlyMap<number, string>;
}

/** What the signatures of a subgraph call its inputs and outputs; of several signatures the first that names one counts. */
export function signatureNames(model: Model, subgraph: number): SignatureNames {
  const inputs = new Map<number, string>();
  const outputs = new Map<number, string>();
  for (const signature of model.signatureDefs ?? []) {
    if (signature.subgraphIndex !== subgraph) continue;
    for (const { tensorIndex, name } of signature.inputs)
      if (name && !inputs.has(tensorIndex)) inputs.set(tensorIndex, name);
    for (const { tensorIndex, name } of signature.outputs)
      if (name && !outputs.has(tensorIndex)) outputs.set(tensorIndex, name);
  }
  return { inputs, outputs };
}
