/** What the signatures of a model call the inputs and outputs of its subgraphs, as the graph does. */
import type { ModelSummary } from '../../core/inspect/types';

/** The name of a tensor among the inputs or outputs of a subgraph; of several the first. Null where no signature names it. */
export function signatureName(
  { signatures }: Pick<ModelSummary, 'signatures'>,
  subgraph: number,
  side: 'inputs' | 'outputs',
  tensor: number,
): string | null {
  const named = signatures
    .filter((signature) => signature.subgraph === subgraph)
    .flatMap((signature) => signature[side])
    .find((one) => one.tensor === tensor && one.name !== '');
  return named?.name ?? null;
}
