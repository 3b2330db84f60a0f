/** Decides which weights become zero. */
import { operatorName } from '../../model/operators';
import { dtypeName, elementCount, tensorValues } from '../../model/tensors';
import type { Model } from '../../model/types';
import { type Constant, countBufferReaders, groupByBuffer } from '../constants';
import { numberOption, textOption } from '../options';
import { count, plural } from '../../format';
import type { Options, PassContext } from '../types';
import { markSmallest } from './select';
import { magnitudesOf, prunableTypes, type WeightValues, withZeros } from './weights';

/** The tensors that share one buffer, pruned. */
export interface PrunedWeight {
  readonly constants: readonly Constant[];
  /** Dense values as stored, with the zeros. */
  readonly values: WeightValues;
  readonly zeros: number;
  readonly elements: number;
  /** Every value that had to be zero was so before. */
  readonly isUnchanged: boolean;
  readonly encoding: string;
}

export interface PrunePlan {
  readonly weights: readonly PrunedWeight[];
  readonly skipped: ReadonlyMap<Constant, string>;
}

interface Candidate {
  readonly constants: readonly Constant[];
  readonly options: Options;
  readonly values: WeightValues;
  readonly magnitudes: Float32Array;
}

/** Constants worth a line in the report: an operator takes them as weights by its role (no biases, no tables). */
export function isPrunable(constant: Constant): boolean {
  return constant.uses.some((use) => use.role === 'weight' && use.kind !== 'EMBEDDING_LOOKUP');
}

/**
 * Marks exactly round(n * sparsity) weights: of each tensor, or of all tensors together with scope `model`, where
 * overrides cannot change the share but can leave layers out. Weights that are zero already count.
 */
export function planPruning(
  model: Model,
  constants: readonly Constant[],
  options: Options,
  context: PassContext,
): PrunePlan {
  const skipped = new Map<Constant, string>();
  const candidates: Candidate[] = [];
  const readers = countBufferReaders(model);
  const groups = [...groupByBuffer(constants)];
  groups.forEach(([buffer, group], position) => {
    context.signal?.throwIfAborted();
    context.progress(position, groups.length * 2, group[0]!.tensor.name ?? '');
    const outcome = consider(model, group, readers[buffer]!, context);
    if (typeof outcome === 'string') for (const constant of group) skipped.set(constant, outcome);
    else candidates.push(outcome);
  });
  const marks =
    textOption(options, 'scope') === 'model'
      ? markOver(candidates, numberOption(options, 'sparsity'))
      : candidates.map((one) => markOver([one], numberOption(one.options, 'sparsity'))[0]!);
  const weights = candidates.map((candidate, index) => apply(candidate, marks[index]!));
  return { weights, skipped };
}

function markOver(candidates: readonly Candidate[], sparsity: number): Uint8Array[] {
  const magnitudes = candidates.map((candidate) => candidate.magnitudes);
  const total = magnitudes.reduce((sum, list) => sum + list.length, 0);
  return markSmallest(magnitudes, Math.round(total * sparsity));
}

function apply({ constants, options, values, magnitudes }: Candidate, marks: Uint8Array): PrunedWeight {
  let zeros = 0;
  let isUnchanged = true;
  for (let i = 0; i < marks.length; i++) {
    const isZero = magnitudes[i] === 0;
    if (marks[i] === 1 && !isZero) isUnchanged = false;
    if (marks[i] === 1 || isZero) zeros++;
  }
  return {
    constants,
    values: withZeros(constants[0]!.tensor, values, marks),
    zeros,
    elements: values.length,
    isUnchanged,
    encoding: textOption(options, 'encoding'),
  };
}

function consider(
  model: Model,
  group: readonly Constant[],
  bufferReaders: number,
  context: PassContext,
): Candidate | string {
  if (group.length < bufferReaders) return 'shares its bytes with a tensor that is no weight';
  const [first] = group as [Constant];
  const { tensor } = first;
  if (!prunableTypes.has(tensor.type)) return `holds ${dtypeName(tensor.type)}`;
  if (tensor.externalBuffer !== 0) return 'lies in an external file';
  if (tensor.quantization?.details) return 'is quantized in blocks';
  let options: Options | null = null;
  for (const constant of group) {
    if (!isAlike(constant, first)) return 'shares its bytes with a tensor of another shape or type';
    if (constant.isVisible) return "is one of the model's inputs or outputs";
    for (const use of constant.uses) {
      if (use.role !== 'weight') return `${use.kind} reads it, and not as weights`;
      options = context.optionsFor(constant.subgraph, use.operator);
      if (options === null) return 'left out by an override';
      const elements = elementCount(constant.tensor);
      const least = numberOption(options, 'minElements');
      if (elements < least) return `${plural(elements, 'element')}, fewer than ${count(least)}`;
      if (tensor.sparsity && !isDensified(model, constant, use.via[0])) return `${use.kind} reads it sparse`;
    }
  }
  if (options === null) return 'nobody reads it';
  const values = tensorValues(model, first.subgraph, first.index) as WeightValues;
  return { constants: group, options, values, magnitudes: magnitudesOf(tensor, values) };
}

function isDensified(model: Model, constant: Constant, decoder: number | undefined): boolean {
  const operator = model.subgraphs[constant.subgraph]!.operators[decoder ?? -1];
  return operator !== undefined && operatorName(model, operator) === 'DENSIFY';
}

function isAlike(a: Constant, b: Constant): boolean {
  const key = ({ tensor }: Constant) =>
    [
      tensor.type,
      tensor.shape?.join(),
      tensor.sparsity === null,
      tensor.quantization?.scale?.join(),
      tensor.quantization?.zeroPoint?.join(),
      tensor.quantization?.quantizedDimension,
    ].join(';');
  return key(a) === key(b);
}
