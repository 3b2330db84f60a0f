/** Weights as 16-bit floats behind DEQUANTIZE. */
import { draftModel } from '../../model/edit';
import { float32ToFloat16 } from '../../model/numeric';
import { operatorName } from '../../model/operators';
import { dtypeName, elementCount } from '../../model/tensors';
import type { Model } from '../../model/types';
import { specOf } from '../../ops';
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
import { count, plural, tensorEntry } from '../report';
import type { Pass, PassContext, ReportEntry } from '../types';
import { bytesOf, floatValues, isAllFinite } from '../weight-values';

/** DEQUANTIZE of FLOAT16. */
const DEQUANTIZE_VERSION = 3;

export const float16: Pass = {
  name: 'float16',
  title: 'Float16 weights',
  description:
    'Stores float32 weights and biases as 16-bit floats. The runtime widens them when it loads the model, so speed stays about the same.',
  isLossless: false,
  options: {
    minElements: {
      kind: 'number',
      preset: 128,
      min: 0,
      max: 1_000_000_000,
      step: 1,
      unit: 'elements',
      label: 'Smallest tensor',
      hint: 'Tensors with fewer elements stay as they are: the operator that widens them would cost more than they save.',
    },
  },
  run(model, _options, context) {
    const constants = findConstants(model).filter((constant) =>
      constant.uses.some((use) => use.role === 'bias' || isWeightUse(use)),
    );
    const entries: ReportEntry[] = [];
    const draft = draftModel(model);
    const readers = countBufferReaders(model);
    let done = 0;
    let changed = 0;
    // Weights first: whether a bias may be float16 depends on them.
    const half = halfTensors(model);
    const weightsFirst = constants.toSorted((a, b) => Number(isBias(a)) - Number(isBias(b)));
    for (const [buffer, group] of groupByBuffer(weightsFirst)) {
      context.signal?.throwIfAborted();
      context.progress(done, constants.length, group[0]!.tensor.name ?? '');
      done += group.length;
      const reason = whyNot(model, group, readers[buffer]!, half, context);
      const values = reason === null ? floatValues(model, group[0]!.subgraph, group[0]!.index) : null;
      if (values === null || !isAllFinite(values)) {
        const detail = reason ?? 'holds values that are not finite';
        for (const constant of group) entries.push(entryFor(model, constant, 'skipped', detail));
        continue;
      }
      draft.replaceBuffer(buffer, bytesOf(float32ToFloat16(values, true)));
      group.forEach((constant, position) => {
        const name = `${constant.tensor.name ?? `tensor${constant.index}`}_float16`;
        storeBehind(model, draft, constant, 'DEQUANTIZE', DEQUANTIZE_VERSION, { type: 'FLOAT16', name });
        // Shared bytes are counted once.
        const bytes = position === 0 ? values.length : 0;
        entries.push({
          ...entryFor(model, constant, 'changed', 'float16 behind DEQUANTIZE'),
          beforeBytes: bytes * 4,
          afterBytes: bytes * 2,
        });
        half.add(`${constant.subgraph}/${constant.index}`);
        changed++;
      });
    }
    const result = changed > 0 ? draft.finish() : { model, mapping: identityMapping(model) };
    const summary =
      changed > 0
        ? `${count(changed)} of ${plural(constants.length, 'weight and bias tensor')} to float16.`
        : 'Nothing to change: no float32 weight or bias is large enough.';
    return { ...result, report: { pass: 'float16', entries, summary } };
  },
};

function isBias(constant: Constant): boolean {
  return !constant.uses.some(isWeightUse);
}

function entryFor(
  model: Model,
  constant: Constant,
  action: 'changed' | 'skipped',
  detail: string,
): ReportEntry {
  const { subgraph, index, uses } = constant;
  return tensorEntry(model, action, { subgraph, tensor: index, operator: uses[0]!.operator, detail });
}

/** Why the tensors that share a buffer stay as they are, or null. */
function whyNot(
  model: Model,
  group: readonly Constant[],
  bufferReaders: number,
  half: ReadonlySet<string>,
  context: PassContext,
): string | null {
  if (group.length < bufferReaders) return 'shares its bytes with a tensor that is no weight';
  for (const constant of group) {
    const { tensor } = constant;
    if (tensor.type === 'FLOAT16') return 'is float16 already';
    if (tensor.type !== 'FLOAT32') return `holds ${dtypeName(tensor.type)}, not float32`;
    if (tensor.sparsity) return 'is stored sparse';
    if (tensor.externalBuffer !== 0) return 'lies in an external file';
    for (const use of constant.uses) {
      const options = context.optionsFor(constant.subgraph, use.operator);
      if (options === null) return 'left out by an override';
      const elements = elementCount(tensor);
      const least = numberOption(options, 'minElements');
      if (elements < least) return `${plural(elements, 'element')}, fewer than ${count(least)}`;
      if (use.role === 'bias' && hasWiderWeights(model, constant.subgraph, use, half)) {
        return 'belongs to weights that are not float16';
      }
    }
  }
  return null;
}

/** Whether the weights beside a bias stay wider than float16, which XNNPACK does not take together with a float16 bias. */
function hasWiderWeights(
  model: Model,
  subgraph: number,
  use: ConstantUse,
  half: ReadonlySet<string>,
): boolean {
  return Array.from(model.subgraphs[subgraph]!.operators[use.operator]!.inputs).some(
    (tensor, input) =>
      tensor >= 0 && specOf(use.kind)?.inputs[input]?.role === 'weight' && !half.has(`${subgraph}/${tensor}`),
  );
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
