/** Weights stored as int8 behind DEQUANTIZE: the file shrinks, the arithmetic stays float. */
import { draftModel, makeQuantization } from '../../model/edit';
import { dtypeName, elementCount, shapeOf } from '../../model/tensors';
import { type Constant, countBufferReaders, findConstants, groupByBuffer, isWeightUse } from '../constants';
import { compactModel } from '../cleanup/compact';
import { storeBehind } from '../decoder';
import { identityMapping } from '../mapping';
import { numberOption, textOption } from '../options';
import { constantEntry, count, plural } from '../report';
import type { Options, Pass, PassContext, ReportEntry } from '../types';
import { bytesOf, floatValues, isAllFinite } from '../weight-values';
import { granularityOption, minElementsOption } from './int8-options';
import { quantizeInt8, weightRanges } from './int8';
import { widenBiases } from './widen-biases';

/** DEQUANTIZE of INT8 with one scale, and with one per channel. */
const PER_TENSOR_VERSION = 2;
const PER_CHANNEL_VERSION = 5;

export const weightOnly: Pass = {
  name: 'weight-only',
  title: 'Weight-only int8',
  description:
    'Stores float weights as 8-bit integers behind DEQUANTIZE. The runtime computes with floats, so results stay closer to the original than with dynamic-range, and speed stays about the same.',
  isLossless: false,
  options: { granularity: granularityOption, minElements: minElementsOption },
  run(model, _options, context) {
    const constants = findConstants(model).filter((constant) => constant.uses.some(isWeightUse));
    const entries: ReportEntry[] = [];
    const draft = draftModel(model);
    const readers = countBufferReaders(model);
    let done = 0;
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
      const { axis } = choice;
      const { tensor, subgraph, index } = group[0]!;
      const values = floatValues(model, subgraph, index);
      const shape = shapeOf(tensor);
      const ranges = weightRanges(values, shape, axis);
      if (!isAllFinite(ranges)) {
        skip('holds values that are not finite');
        continue;
      }
      const weights = quantizeInt8(values, shape, axis, ranges);
      draft.replaceBuffer(buffer, bytesOf(weights.values));
      const zeroPoints = Array.from(weights.scales, () => 0);
      group.forEach((constant, position) => {
        const name = `${constant.tensor.name ?? `tensor${constant.index}`}_int8`;
        const version = weights.scales.length > 1 ? PER_CHANNEL_VERSION : PER_TENSOR_VERSION;
        const quantization = makeQuantization(weights.scales, zeroPoints, axis ?? 0);
        if (tensor.type === 'FLOAT16') {
          draft.replaceTensor(constant.subgraph, constant.index, { type: 'INT8', quantization });
          for (const decoder of new Set(constant.uses.map((use) => use.via[0]!))) {
            const opcodeIndex = draft.operatorCode('DEQUANTIZE', version);
            draft.replaceOperator(constant.subgraph, decoder, { opcodeIndex });
          }
        } else {
          storeBehind(model, draft, constant, 'DEQUANTIZE', version, { type: 'INT8', name, quantization });
        }
        // Shared bytes are counted once.
        const bytes = position === 0 ? values.length : 0;
        const scales = weights.scales.length > 1 ? 'one scale per channel' : 'one scale';
        entries.push({
          ...constantEntry(model, constant, 'changed', `int8 behind DEQUANTIZE, ${scales}`),
          beforeBytes: bytes * (tensor.type === 'FLOAT16' ? 2 : 4),
          afterBytes: bytes + weights.scales.byteLength,
        });
        quantized.push(constant);
      });
    }
    const changed = quantized.length;
    widenBiases(model, draft, quantized, entries);
    const { model: edited, mapping } =
      changed > 0 ? draft.finish() : { model, mapping: identityMapping(model) };
    const summary =
      changed > 0
        ? `${count(changed)} of ${plural(constants.length, 'weight tensor')} to int8 behind DEQUANTIZE.`
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
): { readonly axis: number | null } | string {
  if (group.length < bufferReaders) return 'shares its bytes with a tensor that is no weight';
  let axis: number | null | undefined;
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
      const least = numberOption(options, 'minElements');
      if (elements < least) return `${plural(elements, 'element')}, fewer than ${count(least)}`;
    }
    const isPerChannel = options !== null && textOption(options, 'granularity') === 'channel';
    const wanted = isPerChannel ? channelAxisOf(constant) : null;
    // Tensors that share bytes but not the channel axis fall back to one scale, which suits them all.
    axis = axis === undefined || axis === wanted ? wanted : null;
    if (!isSameShape(tensor.shape, group[0]!.tensor.shape)) axis = null;
  }
  return { axis: axis ?? null };
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
