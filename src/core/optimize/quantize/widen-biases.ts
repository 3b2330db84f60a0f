/**
 * XNNPACK takes float16 biases only beside float16 weights. Beside int8 weights it refuses the operator, and with it
 * the model; beside float32 ones (int8 behind DEQUANTIZE among them) it leaves the operator to slower kernels.
 */
import type { ModelDraft } from '../../model/edit';
import type { Model } from '../../model/types';
import { type Constant, findConstants } from '../constants';
import { operatorEntry } from '../report';
import type { ReportEntry } from '../types';
import { bytesOf, floatValues } from '../weight-values';

/** Turns float16 biases of the operators that read `weights` into float32 constants, and drops their DEQUANTIZE. */
export function widenBiases(
  model: Model,
  draft: ModelDraft,
  weights: readonly Constant[],
  entries: ReportEntry[],
): void {
  const readers = new Set(
    weights.flatMap(({ subgraph, uses }) => uses.map((use) => `${subgraph}/${use.operator}`)),
  );
  const buffers = new Map<number, number>();
  for (const { subgraph, index, tensor, uses } of findConstants(model)) {
    const isBias = uses.some((use) => use.role === 'bias' && readers.has(`${subgraph}/${use.operator}`));
    if (!isBias || tensor.type !== 'FLOAT16' || uses.some((use) => use.via.length !== 1)) continue;
    const buffer =
      buffers.get(tensor.buffer) ?? draft.addBuffer(bytesOf(floatValues(model, subgraph, index)));
    buffers.set(tensor.buffer, buffer);
    for (const decoder of new Set(uses.map((use) => use.via[0]!))) {
      const widened = model.subgraphs[subgraph]!.operators[decoder]!.outputs[0]!;
      draft.replaceTensor(subgraph, widened, { buffer });
      draft.removeOperator(subgraph, decoder);
      const detail = 'bias back to float32, as int8 weights need it';
      entries.push(operatorEntry(model, 'removed', subgraph, decoder, detail));
    }
  }
}
