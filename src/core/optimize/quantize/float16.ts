/** Weights as 16-bit floats behind DEQUANTIZE. */
import { draftModel, type ModelDraft } from '../../model/edit';
import { float32ToFloat16 } from '../../model/numeric';
import { operatorName } from '../../model/operators';
import { dtypeName, elementCount } from '../../model/tensors';
import type { Model } from '../../model/types';
import { specOf } from '../../ops';
import { compactModel } from '../cleanup/compact';
import {
  type Constant,
  type ConstantUse,
  countBufferReaders,
  findConstants,
  groupByBuffer,
  isWeightUse,
} from '../constants';
import { storeBehind } from '../decoder';
import { identityMapping } from '../mapping';
import { numberOption } from '../options';
import { constantEntry } from '../report';
import { count, plural } from '../../format';
import type { Pass, PassContext, ReportEntry } from '../types';
import { bytesOf, floatValues, isAllFinite } from '../weight-values';

/** DEQUANTIZE of FLOAT16. */
const DEQUANTIZE_VERSION = 3;

export const float16: Pass = {
  name: 'float16',
  title: 'Float16 weights',
  description:
    'Stores float32 weights, and the biases beside them, as 16-bit floats. The runtime widens them when it loads the model, so speed stays about the same.',
  isLossless: false,
  options: {
    minElements: {
      kind: 'number',
      preset: 128,
      min: 0,
      max: 1_000_000_000,
      step: 1,
      unit: 'elements',
      label: 'Smallest weights',
      hint: 'Weights with fewer elements stay as they are: the operator that widens them would cost more than they save. Biases go with their weights.',
    },
  },
  run(model, _options, context) {
    const constants = findConstants(model);
    const weights = constants.filter((constant) => constant.uses.some(isWeightUse));
    const biases = constants.filter(
      (constant) => !weights.includes(constant) && constant.uses.some((use) => use.role === 'bias'),
    );
    const entries: ReportEntry[] = [];
    const draft = draftModel(model);
    const half = halfTensors(model);
    convertWeights(model, draft, weights, half, entries, context);
    convertBiases(model, draft, biases, half, entries, context);
    const changed = entries.filter((entry) => entry.action === 'changed').length;
    if (changed === 0) {
      const summary = 'Nothing to change: no float32 weight is large enough.';
      return { model, report: { pass: 'float16', entries, summary }, mapping: identityMapping(model) };
    }
    const { model: edited, mapping } = draft.finish();
    const all = plural(weights.length + biases.length, 'weight and bias tensor');
    const report = { pass: 'float16', entries, summary: `${count(changed)} of ${all} to float16.` };
    return { model: compactModel(edited, model).model, report, mapping };
  },
};

function convertWeights(
  model: Model,
  draft: ModelDraft,
  weights: readonly Constant[],
  half: Set<string>,
  entries: ReportEntry[],
  context: PassContext,
): void {
  const readers = countBufferReaders(model);
  let done = 0;
  for (const [buffer, group] of groupByBuffer(weights)) {
    context.signal?.throwIfAborted();
    context.progress(done, weights.length, group[0]!.tensor.name ?? '');
    done += group.length;
    const reason =
      group.length < readers[buffer]!
        ? 'shares its bytes with a tensor that is no weight'
        : (firstReason(group, context) ?? whyNotFinite(model, group[0]!));
    if (reason !== null) {
      for (const constant of group) entries.push(constantEntry(model, constant, 'skipped', reason));
      continue;
    }
    draft.replaceBuffer(buffer, halfBytes(model, group[0]!));
    group.forEach((constant, position) => {
      store(model, draft, constant, buffer);
      half.add(`${constant.subgraph}/${constant.index}`);
      entries.push(changeEntry(model, constant, position === 0));
    });
  }
}

/**
 * A bias is float16 exactly where its weights are: the runtime has no fast kernel for one without the other (runs of
 * convolutional models were three to five times slower), whatever the size of the bias.
 */
function convertBiases(
  model: Model,
  draft: ModelDraft,
  biases: readonly Constant[],
  half: ReadonlySet<string>,
  entries: ReportEntry[],
  context: PassContext,
): void {
  const written = new Map<number, number>();
  for (const constant of biases) {
    const { tensor } = constant;
    const beside = constant.uses.every(
      (use) => use.role === 'bias' && hasHalfWeights(model, constant.subgraph, use, half),
    );
    const reason =
      whyNotType(constant) ??
      (beside ? null : 'belongs to weights that are not float16') ??
      whyNotOverride(constant, context) ??
      whyNotFinite(model, constant);
    if (reason !== null) {
      entries.push(constantEntry(model, constant, 'skipped', reason));
      continue;
    }
    // Biases of nothing but zeros often share their bytes with others: those keep the old buffer.
    const known = written.get(tensor.buffer);
    const buffer = known ?? draft.addBuffer(halfBytes(model, constant));
    written.set(tensor.buffer, buffer);
    store(model, draft, constant, buffer);
    entries.push(changeEntry(model, constant, known === undefined));
  }
}

function halfBytes(model: Model, { subgraph, index }: Constant): Uint8Array {
  return bytesOf(float32ToFloat16(floatValues(model, subgraph, index), true));
}

function store(model: Model, draft: ModelDraft, constant: Constant, buffer: number): void {
  const name = `${constant.tensor.name ?? `tensor${constant.index}`}_float16`;
  storeBehind(model, draft, constant, 'DEQUANTIZE', DEQUANTIZE_VERSION, { type: 'FLOAT16', name, buffer });
}

/** Bytes that several tensors share are counted once, at the first. */
function changeEntry(model: Model, constant: Constant, isFirst: boolean): ReportEntry {
  const elements = isFirst ? elementCount(constant.tensor) : 0;
  return {
    ...constantEntry(model, constant, 'changed', 'float16 behind DEQUANTIZE'),
    beforeBytes: elements * 4,
    afterBytes: elements * 2,
  };
}

/** Why weights that share a buffer stay as they are, or null. */
function firstReason(group: readonly Constant[], context: PassContext): string | null {
  for (const constant of group) {
    const reason = whyNotType(constant) ?? whyNotOverride(constant, context) ?? whyNotSize(constant, context);
    if (reason !== null) return reason;
  }
  return null;
}

function whyNotType({ tensor }: Constant): string | null {
  if (tensor.type === 'FLOAT16') return 'is float16 already';
  if (tensor.type !== 'FLOAT32') return `holds ${dtypeName(tensor.type)}, not float32`;
  if (tensor.sparsity) return 'is stored sparse';
  return tensor.externalBuffer === 0 ? null : 'lies in an external file';
}

function whyNotOverride({ subgraph, uses }: Constant, context: PassContext): string | null {
  const isLeftOut = uses.some((use) => context.optionsFor(subgraph, use.operator) === null);
  return isLeftOut ? 'left out by an override' : null;
}

function whyNotSize({ subgraph, tensor, uses }: Constant, context: PassContext): string | null {
  const elements = elementCount(tensor);
  for (const use of uses) {
    const least = numberOption(context.optionsFor(subgraph, use.operator)!, 'minElements');
    if (elements < least) return `${plural(elements, 'element')}, fewer than ${count(least)}`;
  }
  return null;
}

function whyNotFinite(model: Model, { subgraph, index }: Constant): string | null {
  return isAllFinite(floatValues(model, subgraph, index)) ? null : 'holds values that are not finite';
}

/** Whether all weights beside a bias are float16 behind DEQUANTIZE. */
function hasHalfWeights(
  model: Model,
  subgraph: number,
  use: ConstantUse,
  half: ReadonlySet<string>,
): boolean {
  const { inputs } = model.subgraphs[subgraph]!.operators[use.operator]!;
  return inputs.every((tensor, input) => {
    const isWeight = tensor >= 0 && specOf(use.kind)?.inputs[input]?.role === 'weight';
    return !isWeight || half.has(`${subgraph}/${tensor}`);
  });
}

/** Tensors that are float16 widened by a DEQUANTIZE, as `subgraph/tensor`. */
function halfTensors(model: Model): Set<string> {
  return new Set(
    model.subgraphs.flatMap(({ operators, tensors }, subgraph) =>
      operators.flatMap((operator) => {
        const isHalf = tensors[operator.inputs[0] ?? -1]?.type === 'FLOAT16';
        return isHalf && operatorName(model, operator) === 'DEQUANTIZE'
          ? [`${subgraph}/${operator.outputs[0]!}`]
          : [];
      }),
    ),
  );
}
