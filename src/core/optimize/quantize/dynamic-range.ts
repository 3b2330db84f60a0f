/** Dynamic range: int8 weights for the kernels that quantize their float inputs while they run ("hybrid" kernels). */
import { draftModel, type ModelDraft } from '../../model/edit';
import { operatorVersion } from '../../model/operators';
import { shapeOf } from '../../model/tensors';
import type { BuiltinOptions, Model, Operator } from '../../model/types';
import { specOf } from '../../ops';
import { compactModel } from '../cleanup/compact';
import { type Constant, findConstants } from '../constants';
import { identityMapping } from '../mapping';
import { booleanOption } from '../options';
import { operatorEntry, tensorEntry } from '../report';
import { count, plural } from '../../format';
import type { Pass, PassContext, ReportEntry } from '../types';
import { floatValues } from '../weight-values';
import { type HybridWeight, isHybridCandidate, planHybrid } from './hybrid-plan';
import {
  blockSizeOption,
  clipOption,
  formWords,
  integerFields,
  roundWeights,
  weightBitsOption,
} from './weight-forms';
import { granularityOption, minElementsOption } from './int8-options';
import { widenBiases } from './widen-biases';

export const dynamicRange: Pass = {
  name: 'dynamic-range',
  title: 'Dynamic range',
  description:
    'Stores weights as 8-bit or 4-bit integers for operators whose kernels compute with them directly; activations stay float between operators. Operators without such a kernel are left alone.',
  isLossless: false,
  options: {
    weights: weightBitsOption,
    granularity: granularityOption,
    blockSize: blockSizeOption,
    clip: clipOption,
    minElements: minElementsOption,
    depthwise: {
      kind: 'boolean',
      preset: false,
      label: 'Depthwise convolutions too',
      hint: 'Their int8 kernel is several times slower than the float one, and their weights are a small part of most models.',
    },
    asymmetricInputs: {
      kind: 'boolean',
      preset: true,
      label: 'Asymmetric inputs',
      hint: 'Lets kernels that have the choice use the whole integer range for inputs of one sign, such as those after RELU.',
    },
  },
  run(model, _options, context) {
    const constants = findConstants(model).filter(isHybridCandidate);
    const plan = planHybrid(model, constants, context);
    const entries: ReportEntry[] = [];
    for (const [constant, reason] of plan.skipped) entries.push(skipEntry(model, constant, reason));
    if (plan.weights.length === 0) {
      const summary = 'Nothing to change: no float weight is large enough and has a kernel that takes int8.';
      return { model, report: { pass: 'dynamic-range', entries, summary }, mapping: identityMapping(model) };
    }
    const draft = draftModel(model);
    writeWeights(model, draft, plan.weights, context, entries);
    setVersions(model, draft, plan.weights, context);
    const quantized = plan.weights.map((weight) => weight.constant);
    widenBiases(model, draft, quantized, entries);
    removeDecoders(model, draft, plan.weights, entries);
    const { model: edited, mapping } = draft.finish();
    const summary = `${count(plan.weights.length)} of ${plural(constants.length, 'weight tensor')} to ${bitsWords(plan.weights)}.`;
    return {
      model: compactModel(edited, model).model,
      report: { pass: 'dynamic-range', entries, summary },
      mapping,
    };
  },
};

/** `int8`, `int4`, or how many of each. */
function bitsWords(weights: readonly HybridWeight[]): string {
  const int4 = weights.filter(({ form }) => form.bits === 4).length;
  if (int4 === 0) return 'int8';
  return int4 === weights.length ? 'int4' : `integers, ${count(int4)} of them int4`;
}

function skipEntry(model: Model, constant: Constant, detail: string): ReportEntry {
  const { subgraph, index, uses } = constant;
  return tensorEntry(model, 'skipped', { subgraph, tensor: index, operator: uses[0]!.operator, detail });
}

/** Turns the constants into INT8 where they are. Those that share bytes and scheme share the integers too. */
function writeWeights(
  model: Model,
  draft: ModelDraft,
  weights: readonly HybridWeight[],
  context: PassContext,
  entries: ReportEntry[],
): void {
  const written = new Map<string, Stored>();
  // A buffer that is also read as floats keeps its bytes; else the first scheme takes it over.
  const taken = new Set<number>();
  weights.forEach((weight, position) => {
    const { constant, axis, form, ownsBuffer } = weight;
    context.signal?.throwIfAborted();
    context.progress(position, weights.length, constant.tensor.name ?? '');
    const { subgraph, index, tensor, uses } = constant;
    const shape = shapeOf(tensor);
    const scheme = axis === null && form.blockSize === null ? '' : shape.join();
    const key = `${tensor.buffer}/${String(axis)}/${scheme}/${form.bits}/${String(form.blockSize)}`;
    let result = written.get(key);
    const isShared = result !== undefined;
    if (!result) {
      const { bytes, ...rest } = round(model, weight);
      const takesOver = ownsBuffer && !taken.has(tensor.buffer);
      const buffer = takesOver ? tensor.buffer : draft.addBuffer(bytes);
      if (takesOver) draft.replaceBuffer(buffer, bytes);
      taken.add(tensor.buffer);
      result = { ...rest, buffer, sizeBytes: bytes.length };
      written.set(key, result);
    }
    const { buffer, scales, sentence, sizeBytes } = result;
    const name = tensor.name ?? `tensor${index}`;
    draft.replaceTensor(subgraph, index, {
      ...integerFields(draft, subgraph, name, shape, scales, axis, form),
      buffer,
    });
    const elements = shape.reduce((product, size) => product * size, 1);
    const scaleBytes = form.blockSize === null ? scales.byteLength : scales.length * 2;
    entries.push({
      ...tensorEntry(model, 'changed', {
        subgraph,
        tensor: index,
        operator: uses[0]!.operator,
        detail: [formWords(form, axis), sentence].filter((part) => part !== '').join('; '),
      }),
      beforeBytes: isShared ? 0 : elements * (tensor.type === 'FLOAT16' ? 2 : 4),
      afterBytes: (isShared ? 0 : sizeBytes) + scaleBytes,
    });
  });
}

interface Stored {
  readonly buffer: number;
  readonly scales: Float32Array;
  readonly sentence: string;
  readonly sizeBytes: number;
}

function round(model: Model, { constant, axis, ranges, form }: HybridWeight) {
  const { subgraph, index, tensor } = constant;
  return roundWeights(floatValues(model, subgraph, index), shapeOf(tensor), axis, ranges, form);
}

/** Gives each operator the version that says "hybrid", apart from float operators of its kind. */
function setVersions(
  model: Model,
  draft: ModelDraft,
  weights: readonly HybridWeight[],
  context: PassContext,
): void {
  for (const { constant, axis, form } of weights) {
    for (const use of constant.uses) {
      const operator = model.subgraphs[constant.subgraph]!.operators[use.operator]!;
      const rule = specOf(use.kind)?.hybrid;
      const options = context.optionsFor(constant.subgraph, use.operator);
      if (!rule || !options) continue;
      const builtinOptions = withAsymmetricInputs(operator, booleanOption(options, 'asymmetricInputs'));
      const isAsymmetric = isAsymmetricNow(builtinOptions);
      const wanted =
        axis !== null || form.bits === 4
          ? rule.versionPerChannel
          : isAsymmetric && rule.versionAsymmetric !== null
            ? rule.versionAsymmetric
            : (rule.versionPerTensor ?? rule.versionPerChannel);
      // Never lower a version: it may stand for another property of the operator.
      const version = Math.max(operatorVersion(model, operator), wanted ?? 1);
      draft.replaceOperator(constant.subgraph, use.operator, {
        opcodeIndex: draft.operatorCode(use.kind, version),
        builtinOptions,
      });
      draft.replaceInput(constant.subgraph, use.operator, use.input, constant.index);
    }
  }
}

/** The options with `asymmetricQuantizeInputs` set, for operators that have it. */
function withAsymmetricInputs(operator: Operator, isAsymmetric: boolean): BuiltinOptions | null {
  const { builtinOptions } = operator;
  if (builtinOptions === null || !('asymmetricQuantizeInputs' in builtinOptions.value)) return builtinOptions;
  return {
    ...builtinOptions,
    value: { ...builtinOptions.value, asymmetricQuantizeInputs: isAsymmetric },
  } as BuiltinOptions;
}

function isAsymmetricNow(options: BuiltinOptions | null): boolean {
  return (
    options !== null && 'asymmetricQuantizeInputs' in options.value && options.value.asymmetricQuantizeInputs
  );
}

/** Drops the DEQUANTIZE operators that the weights came through; their readers take the integers now. */
function removeDecoders(
  model: Model,
  draft: ModelDraft,
  weights: readonly HybridWeight[],
  entries: ReportEntry[],
): void {
  for (const { constant } of weights) {
    for (const decoder of new Set(constant.uses.flatMap((use) => use.via))) {
      draft.removeOperator(constant.subgraph, decoder);
      entries.push(
        operatorEntry(
          model,
          'removed',
          constant.subgraph,
          decoder,
          'its readers take the integers themselves',
        ),
      );
    }
  }
}
