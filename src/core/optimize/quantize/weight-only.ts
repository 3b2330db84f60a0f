/** Weights stored as integers behind DEQUANTIZE: the file shrinks, the arithmetic stays float. */
import { draftModel } from '../../model/edit';
import { dtypeName, elementCount, shapeOf } from '../../model/tensors';
import { type Constant, countBufferReaders, findConstants, groupByBuffer, isWeightUse } from '../constants';
import { compactModel } from '../cleanup/compact';
import { storeBehind } from '../decoder';
import { identityMapping } from '../mapping';
import { numberOption, textOption } from '../options';
import { constantEntry } from '../report';
import { count, plural } from '../../format';
import type { Options, Pass, PassContext, ReportEntry } from '../types';
import { floatValues, isAllFinite } from '../weight-values';
import { granularityOption, minElementsOption } from './int8-options';
import { weightRanges } from './int8';
import {
  clipOption,
  formWords,
  int8Form,
  integerFields,
  roundWeights,
  weightBitsOption,
  type WeightForm,
  weightForm,
} from './weight-forms';
import { widenBiases } from './widen-biases';

/** DEQUANTIZE of INT8 with one scale, and with one per channel. */
const PER_TENSOR_VERSION = 2;
const PER_CHANNEL_VERSION = 5;
const INT4_VERSION = 6;

export const weightOnly: Pass = {
  name: 'weight-only',
  title: 'Weight only',
  description:
    'Stores float weights as 8-bit or 4-bit integers behind DEQUANTIZE. The runtime computes with floats, so results stay closer to the original than with dynamic-range, and speed stays about the same.',
  isLossless: false,
  options: {
    weights: { ...weightBitsOption, hint: 'int4 halves the weights once more and is much coarser.' },
    granularity: granularityOption,
    clip: clipOption,
    minElements: minElementsOption,
  },
  run(model, _options, context) {
    const constants = findConstants(model).filter((constant) => constant.uses.some(isWeightUse));
    const entries: ReportEntry[] = [];
    const draft = draftModel(model);
    const readers = countBufferReaders(model);
    let done = 0;
    const used = new Set<string>();
    const quantized: Constant[] = [];
    for (const [buffer, group] of groupByBuffer(constants)) {
      context.signal?.throwIfAborted();
      context.progress(done, constants.length, group[0]!.tensor.name ?? '');
      done += group.length;
      const skip = (detail: string) => {
        for (const constant of group) entries.push(constantEntry(model, constant, 'skipped', detail));
      };
      const choice = choose(group, readers[buffer]!, context);
      if (typeof choice === 'string') {
        skip(choice);
        continue;
      }
      const { axis, form } = choice;
      const { tensor, subgraph, index } = group[0]!;
      const values = floatValues(model, subgraph, index);
      const shape = shapeOf(tensor);
      const ranges = weightRanges(values, shape, axis);
      if (!isAllFinite(ranges)) {
        skip('holds values that are not finite');
        continue;
      }
      const weights = roundWeights(values, shape, axis, ranges, form);
      draft.replaceBuffer(buffer, weights.bytes);
      group.forEach((constant, position) => {
        const name = `${constant.tensor.name ?? `tensor${constant.index}`}_int${form.bits}`;
        const isPerChannel = weights.scales.length > 1;
        const version =
          form.bits === 4 ? INT4_VERSION : isPerChannel ? PER_CHANNEL_VERSION : PER_TENSOR_VERSION;
        const { subgraph: owner } = constant;
        const fields = integerFields(draft, owner, name, shape, weights.scales, axis, form);
        if (tensor.type === 'FLOAT16') {
          draft.replaceTensor(constant.subgraph, constant.index, fields);
          for (const decoder of new Set(constant.uses.map((use) => use.via[0]!))) {
            const opcodeIndex = draft.operatorCode('DEQUANTIZE', version);
            draft.replaceOperator(constant.subgraph, decoder, { opcodeIndex });
          }
        } else {
          storeBehind(model, draft, constant, 'DEQUANTIZE', version, { ...fields, name });
        }
        // Shared bytes are counted once.
        const isFirst = position === 0;
        const detail = [`${formWords(form, isPerChannel ? 0 : null)}, behind DEQUANTIZE`, weights.sentence];
        entries.push({
          ...constantEntry(model, constant, 'changed', detail.filter((part) => part !== '').join('; ')),
          beforeBytes: (isFirst ? values.length : 0) * (tensor.type === 'FLOAT16' ? 2 : 4),
          afterBytes: (isFirst ? weights.bytes.length : 0) + weights.scales.byteLength,
        });
        quantized.push(constant);
        used.add(`int${form.bits}`);
      });
    }
    const changed = quantized.length;
    widenBiases(model, draft, quantized, entries);
    const { model: edited, mapping } =
      changed > 0 ? draft.finish() : { model, mapping: identityMapping(model) };
    const summary =
      changed > 0
        ? `${count(changed)} of ${plural(constants.length, 'weight tensor')} to ${[...used].sort().join(' and ')} behind DEQUANTIZE.`
        : 'Nothing to change: no float weight is large enough.';
    return {
      model: changed > 0 ? compactModel(edited, model).model : model,
      report: { pass: 'weight-only', entries, summary },
      mapping,
    };
  },
};

/** The channel axis for the tensors that share a buffer (null: one scale), or why they stay as they are. */
function choose(
  group: readonly Constant[],
  bufferReaders: number,
  context: PassContext,
): { readonly axis: number | null; readonly form: WeightForm } | string {
  if (group.length < bufferReaders) return 'shares its bytes with a tensor that is no weight';
  let axis: number | null | undefined;
  let form: WeightForm | null = null;
  for (const constant of group) {
    const { tensor } = constant;
    if (tensor.type !== 'FLOAT32' && !isWidened(constant))
      return `holds ${dtypeName(tensor.type)}, not floats`;
    if (tensor.sparsity) return 'is stored sparse';
    if (tensor.type !== group[0]!.tensor.type) return 'shares its bytes with a tensor of another type';
    if (tensor.externalBuffer !== 0) return 'lies in an external file';
    const elements = elementCount(tensor);
    let options: Options | null = null;
    for (const use of constant.uses) {
      options = context.optionsFor(constant.subgraph, use.operator);
      if (options === null) return 'left out by an override';
      const own = weightForm(options, true, null);
      form = form === null || form.bits === own.bits ? own : int8Form;
      const least = numberOption(options, 'minElements');
      if (elements < least) return `${plural(elements, 'element')}, fewer than ${count(least)}`;
    }
    const isPerChannel = options !== null && textOption(options, 'granularity') === 'channel';
    const wanted = isPerChannel ? channelAxisOf(constant) : null;
    // Tensors that share bytes but not the channel axis fall back to one scale, which suits them all.
    axis = axis === undefined || axis === wanted ? wanted : null;
    if (!isSameShape(tensor.shape, group[0]!.tensor.shape)) axis = null;
  }
  return { axis: axis ?? null, form: form ?? int8Form };
}

/** FLOAT16 that every reader gets through a DEQUANTIZE, which can take int8 instead. */
function isWidened({ tensor, uses }: Constant): boolean {
  return tensor.type === 'FLOAT16' && uses.every((use) => use.via.length === 1);
}

/** The axis that all weight uses agree on, where it has more than one channel. */
function channelAxisOf({ tensor, uses }: Constant): number | null {
  const axes = new Set(uses.filter(isWeightUse).map((use) => use.channelAxis));
  const [axis] = axes;
  if (axes.size !== 1 || axis === undefined || axis === null) return null;
  return (shapeOf(tensor)[axis] ?? 1) > 1 ? axis : null;
}

function isSameShape(a: Int32Array | null, b: Int32Array | null): boolean {
  return a?.length === b?.length && (a ?? []).every((size, index) => size === b?.[index]);
}
