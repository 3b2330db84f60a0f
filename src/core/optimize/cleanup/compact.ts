/** Drops tensors, buffers and operator codes that nothing refers to, and renumbers every reference. */
import type { Model, Operator, Quantization, Subgraph, Tensor } from '../../model/types';

export interface CompactResult {
  readonly model: Model;
  /** Tensors that were dropped, by subgraph, as indexes of the model given. */
  readonly droppedTensors: readonly (readonly number[])[];
  readonly droppedBuffers: readonly number[];
  readonly droppedCodes: number;
}

/** Metadata entry in which TFLite Micro keeps a memory plan with one entry per tensor index. */
const MEMORY_PLAN = 'OfflineMemoryAllocation';

/**
 * The model without what nothing refers to. Buffer 0, variables, and everything that a signature, a metadata entry or a
 * quantization detail names are kept. Equal operator codes become one. With `before`, the model that a pass was given,
 * what nothing referred to there already is kept too: the pass clears away after itself alone.
 */
export function compactModel(model: Model, before: Model | null = null): CompactResult {
  const keepsTensors = (model.metadata ?? []).some((entry) => entry.name === MEMORY_PLAN);
  const codes = compactCodes(model, before);
  const tensorMaps = model.subgraphs.map((subgraph, index) => {
    if (keepsTensors) return numbering(subgraph.tensors.length, null);
    const used = usedTensors(model, index);
    if (before) addUnused(used, before.subgraphs[index]!.tensors.length, usedTensors(before, index));
    return numbering(subgraph.tensors.length, used);
  });
  const usedNow = usedBuffers(model, tensorMaps);
  if (before) {
    const all = before.subgraphs.map((subgraph) => numbering(subgraph.tensors.length, null));
    addUnused(usedNow, before.buffers.length, usedBuffers(before, all));
  }
  const buffers = numbering(model.buffers.length, usedNow);
  const subgraphs = model.subgraphs.map((subgraph, index) =>
    compactSubgraph(subgraph, tensorMaps[index]!, buffers, codes.map),
  );
  const compacted: Model = Object.freeze({
    ...model,
    operatorCodes: Object.freeze(codes.kept.map((index) => model.operatorCodes[index]!)),
    buffers: Object.freeze(model.buffers.filter((_, index) => buffers[index]! >= 0)),
    metadataBuffer: model.metadataBuffer?.map((index) => buffers[index] ?? index) ?? null,
    metadata:
      model.metadata?.map((entry) =>
        Object.freeze({ ...entry, buffer: buffers[entry.buffer] ?? entry.buffer }),
      ) ?? null,
    signatureDefs:
      model.signatureDefs?.map((signature) => {
        const map = tensorMaps[signature.subgraphIndex];
        const renumber = <T extends { readonly tensorIndex: number }>(item: T): T =>
          Object.freeze({ ...item, tensorIndex: map?.[item.tensorIndex] ?? item.tensorIndex });
        return Object.freeze({
          ...signature,
          inputs: Object.freeze(signature.inputs.map(renumber)),
          outputs: Object.freeze(signature.outputs.map(renumber)),
        });
      }) ?? null,
    subgraphs: Object.freeze(subgraphs),
  });
  return {
    model: compacted,
    droppedTensors: tensorMaps.map((map) => dropped(map)),
    droppedBuffers: dropped(buffers),
    droppedCodes: model.operatorCodes.length - codes.kept.length,
  };
}

/** New index of each old one, -1 where it is dropped; `used` null keeps all. */
function numbering(length: number, used: ReadonlySet<number> | null): Int32Array {
  let next = 0;
  return Int32Array.from({ length }, (_, index) => (used === null || used.has(index) ? next++ : -1));
}

function dropped(map: Int32Array): number[] {
  return Array.from(map.keys()).filter((index) => map[index] === -1);
}

/** Adds to `used` what was there before and not used then. */
function addUnused(used: Set<number>, lengthBefore: number, usedBefore: ReadonlySet<number>): void {
  for (let index = 0; index < lengthBefore; index++) if (!usedBefore.has(index)) used.add(index);
}

function usedTensors(model: Model, index: number): Set<number> {
  const subgraph = model.subgraphs[index]!;
  const used = new Set<number>([...subgraph.inputs, ...subgraph.outputs]);
  for (const { inputs, outputs, intermediates } of subgraph.operators) {
    for (const list of [inputs, outputs, intermediates ?? []]) for (const tensor of list) used.add(tensor);
  }
  for (const signature of model.signatureDefs ?? []) {
    if (signature.subgraphIndex !== index) continue;
    for (const { tensorIndex } of [...signature.inputs, ...signature.outputs]) used.add(tensorIndex);
  }
  subgraph.tensors.forEach((tensor, position) => {
    if (tensor.isVariable) used.add(position);
  });
  // A set grows while it is walked, so tensors that hold scales of scales are reached too.
  for (const position of used) {
    for (const detail of detailTensors(subgraph.tensors[position]?.quantization ?? null)) used.add(detail);
  }
  return used;
}

/** Tensors that hold the scales and zero points of blockwise and multi-axis quantization. */
function detailTensors(quantization: Quantization | null): number[] {
  const details = quantization?.details;
  if (!details || details.type === 'CustomQuantization') return [];
  return [details.value.scales, details.value.zeroPoints];
}

function usedBuffers(model: Model, tensorMaps: readonly Int32Array[]): Set<number> {
  const used = new Set<number>([0, ...(model.metadataBuffer ?? [])]);
  for (const entry of model.metadata ?? []) used.add(entry.buffer);
  model.subgraphs.forEach((subgraph, index) =>
    subgraph.tensors.forEach((tensor, position) => {
      if (tensorMaps[index]![position] !== -1) used.add(tensor.buffer);
    }),
  );
  return used;
}

function usedCodes(model: Model): Set<number> {
  return new Set(
    model.subgraphs.flatMap(({ operators }) => operators.map((operator) => operator.opcodeIndex)),
  );
}

function compactCodes(
  model: Model,
  before: Model | null,
): { readonly kept: readonly number[]; readonly map: Int32Array } {
  const used = usedCodes(model);
  if (before) addUnused(used, before.operatorCodes.length, usedCodes(before));
  const kept: number[] = [];
  const byContent = new Map<string, number>();
  const map = Int32Array.from(model.operatorCodes, (code, index) => {
    if (!used.has(index)) return -1;
    const content = JSON.stringify([
      code.deprecatedBuiltinCode,
      code.builtinCode,
      code.version,
      code.customCode,
    ]);
    const twin = byContent.get(content);
    if (twin !== undefined) return twin;
    byContent.set(content, kept.length);
    return kept.push(index) - 1;
  });
  return { kept, map };
}

function compactSubgraph(
  subgraph: Subgraph,
  tensors: Int32Array,
  buffers: Int32Array,
  codes: Int32Array,
): Subgraph {
  const renumber = (list: Int32Array) => list.map((index) => (index < 0 ? index : (tensors[index] ?? index)));
  return Object.freeze({
    ...subgraph,
    inputs: renumber(subgraph.inputs),
    outputs: renumber(subgraph.outputs),
    tensors: Object.freeze(
      subgraph.tensors
        .filter((_, index) => tensors[index] !== -1)
        .map((tensor): Tensor =>
          Object.freeze({
            ...tensor,
            buffer: buffers[tensor.buffer] ?? tensor.buffer,
            quantization: renumberDetails(tensor.quantization, tensors),
          }),
        ),
    ),
    operators: Object.freeze(
      subgraph.operators.map((operator): Operator =>
        Object.freeze({
          ...operator,
          opcodeIndex: codes[operator.opcodeIndex] ?? operator.opcodeIndex,
          inputs: renumber(operator.inputs),
          outputs: renumber(operator.outputs),
          intermediates: operator.intermediates && renumber(operator.intermediates),
        }),
      ),
    ),
  });
}

function renumberDetails(quantization: Quantization | null, tensors: Int32Array): Quantization | null {
  const details = quantization?.details;
  if (!details || details.type === 'CustomQuantization') return quantization;
  const renumber = (index: number) => (index < 0 ? index : (tensors[index] ?? index));
  const indexes = {
    scales: renumber(details.value.scales),
    zeroPoints: renumber(details.value.zeroPoints),
  };
  return Object.freeze({
    ...quantization,
    details:
      details.type === 'BlockwiseQuantization'
        ? { type: details.type, value: { ...details.value, ...indexes } }
        : { type: details.type, value: { ...details.value, ...indexes } },
  });
}
