/** Magnitude pruning: the smallest weights become zero; the zeros are stored dense or left out ("sparse"). */
import { draftModel, type ModelDraft } from '../../model/edit';
import { encodeSparse, sparsityBytes } from '../../model/sparse';
import { shapeOf } from '../../model/tensors';
import type { Model, Sparsity } from '../../model/types';
import { compactModel } from '../cleanup/compact';
import { type Constant, findConstants } from '../constants';
import { storeBehind } from '../decoder';
import { identityMapping } from '../mapping';
import { constantEntry } from '../report';
import { count, plural } from '../../format';
import type { Pass, ReportEntry } from '../types';
import { bytesOf } from '../weight-values';
import { isPrunable, planPruning, type PrunedWeight } from './prune-plan';
import { canBeSparse } from './sparse-rules';
import { packValues } from './weights';

/** Bytes that a DENSIFY operator and its tensor add to the file, about. */
const DENSIFY_COST_BYTES = 320;

export const prune: Pass = {
  name: 'prune',
  title: 'Prune by magnitude',
  description:
    'Sets the weights of smallest magnitude to zero. Stored sparse, the zeros take no room in the file; speed stays about the same.',
  isLossless: false,
  options: {
    sparsity: {
      kind: 'number',
      preset: 0.5,
      min: 0,
      max: 0.99,
      step: 0.01,
      unit: null,
      label: 'Share of zeros',
      hint: 'How many of the weights become zero: 0.5 is half of them.',
    },
    scope: {
      kind: 'choice',
      preset: 'layer',
      choices: [
        { value: 'layer', label: 'Each layer' },
        { value: 'model', label: 'Whole model' },
      ],
      label: 'Counted over',
      hint: 'Over the whole model, layers with small weights lose more of them than others.',
      isWholeStep: true,
    },
    encoding: {
      kind: 'choice',
      preset: 'smaller',
      choices: [
        { value: 'smaller', label: 'Sparse where smaller' },
        { value: 'sparse', label: 'Sparse' },
        { value: 'dense', label: 'Dense' },
      ],
      label: 'Stored',
      hint: 'Sparse weights are unpacked by a DENSIFY operator, which TensorFlow Lite Micro does not have. Dense ones only compress better.',
    },
    minElements: {
      kind: 'number',
      preset: 1024,
      min: 0,
      max: 1_000_000_000,
      step: 1,
      unit: 'elements',
      label: 'Smallest tensor',
      hint: 'Weights with fewer elements stay as they are.',
    },
  },
  run(model, options, context) {
    const constants = findConstants(model).filter(isPrunable);
    const plan = planPruning(model, constants, options, context);
    const entries: ReportEntry[] = [];
    for (const [constant, reason] of plan.skipped)
      entries.push(constantEntry(model, constant, 'skipped', reason));
    const draft = draftModel(model);
    let zeros = 0;
    let elements = 0;
    plan.weights.forEach((weight, position) => {
      context.signal?.throwIfAborted();
      const label = weight.constants[0]!.tensor.name ?? '';
      context.progress(plan.weights.length + position, plan.weights.length * 2, label);
      store(model, draft, weight, entries);
      zeros += weight.zeros;
      elements += weight.elements;
    });
    if (!entries.some((entry) => entry.action === 'changed')) {
      const summary = 'Nothing to change: no weight is large enough and not yet as sparse.';
      return { model, report: { pass: 'prune', entries, summary }, mapping: identityMapping(model) };
    }
    const { model: edited, mapping } = draft.finish();
    const share = ((zeros / elements) * 100).toFixed(1);
    return {
      model: compactModel(edited, model).model,
      report: {
        pass: 'prune',
        entries,
        summary: `${share} % of ${count(elements)} weights in ${plural(plan.weights.length, 'tensor')} are zero.`,
      },
      mapping,
    };
  },
};

/** Writes one pruned buffer. */
function store(model: Model, draft: ModelDraft, weight: PrunedWeight, entries: ReportEntry[]): void {
  const { constants, values, zeros, elements } = weight;
  const { tensor } = constants[0]!;
  const dense = packValues(tensor.type, values);
  const beforeBytes =
    model.buffers[tensor.buffer]!.data!.length + (tensor.sparsity ? sparsityBytes(tensor.sparsity) : 0);
  const sparse = encodeIfWanted(model, weight, dense.length);
  const isEqual = weight.isUnchanged && (sparse === null) === (tensor.sparsity === null);
  const share = `${((zeros / elements) * 100).toFixed(1)} % zeros (${count(zeros)} of ${count(elements)})`;
  if (isEqual) {
    for (const constant of constants)
      entries.push(constantEntry(model, constant, 'skipped', `has ${share} already`));
    return;
  }
  draft.replaceBuffer(tensor.buffer, sparse?.bytes ?? dense);
  constants.forEach((constant, position) => {
    place(model, draft, constant, sparse?.sparsity ?? null);
    const afterBytes = sparse ? sparse.bytes.length + sparsityBytes(sparse.sparsity) : dense.length;
    entries.push({
      ...constantEntry(model, constant, 'changed', `${share}, stored ${sparse ? 'sparse' : 'dense'}`),
      beforeBytes: position === 0 ? beforeBytes : 0,
      afterBytes: position === 0 ? afterBytes : sparse ? sparsityBytes(sparse.sparsity) : 0,
    });
  });
}

function encodeIfWanted(
  model: Model,
  { constants, values, encoding }: PrunedWeight,
  denseBytes: number,
): { readonly bytes: Uint8Array; readonly sparsity: Sparsity } | null {
  const { tensor } = constants[0]!;
  const shape = shapeOf(tensor);
  if (encoding === 'dense' || !constants.every((constant) => canBeSparse(model, constant))) return null;
  const { sparsity, values: stored } = encodeSparse(values, shape);
  // A buffer without bytes would make the constant a computed tensor.
  if (stored.length === 0) return null;
  // Index lists are part of every tensor, the values are stored once.
  const added = constants.length * (sparsityBytes(sparsity) + DENSIFY_COST_BYTES);
  if (encoding === 'smaller' && stored.byteLength + added >= denseBytes) return null;
  return { bytes: bytesOf(stored), sparsity };
}

/** Puts DENSIFY in front of a constant that becomes sparse, and takes it away where a sparse one becomes dense. */
function place(model: Model, draft: ModelDraft, constant: Constant, sparsity: Sparsity | null): void {
  const { subgraph, index, tensor } = constant;
  if (tensor.sparsity !== null) {
    draft.replaceTensor(subgraph, index, { sparsity });
    if (sparsity !== null) return;
    for (const decoder of new Set(constant.uses.map((use) => use.via[0]!))) {
      const decoded = model.subgraphs[subgraph]!.operators[decoder]!.outputs[0]!;
      draft.redirect(subgraph, decoded, index, true);
      draft.removeOperator(subgraph, decoder);
    }
  } else if (sparsity !== null) {
    const name = `${tensor.name ?? `tensor${index}`}_sparse`;
    storeBehind(model, draft, constant, 'DENSIFY', 1, { sparsity, name });
  }
}
