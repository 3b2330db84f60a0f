/**
 * Where integers meet floats, and integers of one scale those of another: QUANTIZE and DEQUANTIZE operators, one for
 * each form of a tensor that somebody reads.
 */
import { makeOperator, makeQuantization, makeTensor, type ModelDraft } from '../../../model/edit';
import type { Tensor } from '../../../model/types';
import { emptyBuffer } from '../../decoder';
import type { SubgraphPlan } from './plan';
import { isSameScale, type TensorScale } from './scale';
import { dequantizedFrom } from './scales';
import type { EndType, ModelSettings } from './settings';
import { dequantizeVersion, quantizeVersion } from './versions';

export interface Boundaries {
  /** Tensor in which an integer operator finds the values of `tensor` in this scale. */
  integers(tensor: number, scale: TensorScale): number;
  /** Tensor in which a float operator finds the values of `tensor`. */
  floats(tensor: number): number;
  /** Tensor that keeps the values of `tensor` now: the integers that its operator writes, or itself. */
  stored(tensor: number): number;
  /** How many QUANTIZE and DEQUANTIZE operators were added. */
  readonly added: number;
  /** Inputs and outputs of the model that stay float although integers were asked for. */
  readonly floatEnds: readonly number[];
}

/** The integers that a tensor is kept as, and where. */
interface Native {
  readonly tensor: number;
  /** Null: unsigned integers or none, which no integer operator reads as they are. */
  readonly scale: TensorScale | null;
  readonly type: Tensor['type'];
}

/**
 * Adds what the plan needs at the borders of its operators. Reads every use first, so that each form is made once and
 * just before its first reader.
 */
export function drawBoundaries(draft: ModelDraft, plan: SubgraphPlan, settings: ModelSettings): Boundaries {
  const { graph, decisions, scales } = plan;
  const { tensors } = graph.subgraph;
  const subgraph = graph.index;
  const end = graph.views.length;
  const names = new Set(tensors.map((tensor) => tensor.name));
  const natives = new Map<number, Native | null>();
  const floatForms = new Map<number, number>();
  const integerForms = new Map<string, number>();
  const floatEnds: number[] = [];
  const settledOutputs = new Set<number>();
  let added = 0;

  const needs = collectNeeds(plan);
  for (const tensor of graph.subgraph.inputs) settleInput(tensor);
  for (const tensor of needs.written) settleWritten(tensor);
  for (const [tensor, readers] of needs.integers) {
    for (const { scale, first } of readers) makeIntegers(tensor, scale, first);
  }
  for (const [tensor, first] of needs.floats) makeFloats(tensor, first);
  for (const tensor of graph.subgraph.outputs) settleOutput(tensor);

  return {
    integers: (tensor, scale) => integerForms.get(formKey(tensor, scale))!,
    floats: (tensor) => floatForms.get(tensor) ?? tensor,
    stored: (tensor) => natives.get(tensor)?.tensor ?? tensor,
    get added() {
      return added;
    },
    floatEnds,
  };

  /** A model input that integers read becomes integer itself where that was asked for. */
  function settleInput(tensor: number): void {
    const wanted = settings.inputs;
    if (wanted === 'FLOAT32' || tensors[tensor]?.type !== 'FLOAT32' || natives.has(tensor)) return;
    if (!needs.integers.has(tensor) || graph.isOutput(tensor)) {
      floatEnds.push(tensor);
      return;
    }
    natives.set(tensor, retype(tensor, wanted));
  }

  /** Gives a model's end the type asked for, in place: it keeps its name and index, signatures need no change. */
  function retype(tensor: number, wanted: Exclude<EndType, 'FLOAT32'>): Native {
    const base = scales.tensorScale(tensor, wanted === 'INT16' ? 'INT16' : 'INT8');
    const zeroPoint = wanted === 'UINT8' ? base.zeroPoint + 128 : base.zeroPoint;
    draft.replaceTensor(subgraph, tensor, {
      type: wanted,
      quantization: makeQuantization([base.scale], [zeroPoint]),
    });
    return { tensor, scale: wanted === 'UINT8' ? null : base, type: wanted };
  }

  /** A tensor that an integer operator writes: in place, or beside it where the outside sees another type. */
  function settleWritten(tensor: number): void {
    const scale = scales.tensorScale(tensor, decisions[graph.writer[tensor]!]!.dtype!);
    const isSeen = graph.isOutput(tensor);
    if (isSeen && settings.outputs !== scale.dtype) {
      natives.set(tensor, {
        tensor: addForm(tensor, scale, scale.dtype.toLowerCase()),
        scale,
        type: scale.dtype,
      });
      return;
    }
    draft.replaceTensor(subgraph, tensor, {
      type: scale.dtype,
      quantization: makeQuantization([scale.scale], [scale.zeroPoint]),
    });
    natives.set(tensor, { tensor, scale, type: scale.dtype });
  }

  function settleOutput(tensor: number): void {
    if (tensors[tensor]?.type !== 'FLOAT32' || graph.isInput(tensor)) return;
    const native = natives.get(tensor);
    const after = graph.writer[tensor]! + 1;
    if (native === undefined || native === null || after === 0) {
      if (settings.outputs !== 'FLOAT32' && !floatEnds.includes(tensor)) floatEnds.push(tensor);
      return;
    }
    if (native.tensor === tensor || settledOutputs.has(tensor)) return;
    settledOutputs.add(tensor);
    if (settings.outputs === 'FLOAT32') {
      insert('DEQUANTIZE', dequantizeVersion(native.scale!.dtype), native.tensor, tensor, after);
      return;
    }
    retype(tensor, settings.outputs);
    insert('QUANTIZE', quantizeVersion(settings.outputs), native.tensor, tensor, after);
  }

  function makeIntegers(tensor: number, scale: TensorScale, first: number): void {
    const native = nativeOf(tensor);
    const key = formKey(tensor, scale);
    if (native?.scale && isSameScale(native.scale, scale)) {
      integerForms.set(key, native.tensor);
      return;
    }
    const suffix = native?.scale ? `requantized_${scale.dtype.toLowerCase()}` : scale.dtype.toLowerCase();
    const form = addForm(tensor, scale, suffix);
    integerForms.set(key, form);
    insert('QUANTIZE', quantizeVersion(scale.dtype), native?.tensor ?? tensor, form, first);
  }

  function makeFloats(tensor: number, first: number): void {
    const native = nativeOf(tensor);
    if (native === null || dequantizedFrom(graph, tensor) !== null) return;
    // What the outside sees as float serves the float operators too.
    const isOutside = native.tensor !== tensor && settings.outputs === 'FLOAT32' && graph.isOutput(tensor);
    const before = isOutside ? graph.writer[tensor]! + 1 : first;
    const form = isOutside ? tensor : addForm(tensor, null, 'float');
    if (isOutside) settledOutputs.add(tensor);
    floatForms.set(tensor, form);
    insert('DEQUANTIZE', dequantizeVersion(native.type), native.tensor, form, before);
  }

  /** The integers that already hold the values: written by an integer operator, given by the caller, or behind DEQUANTIZE. */
  function nativeOf(tensor: number): Native | null {
    const known = natives.get(tensor);
    if (known !== undefined) return known;
    const source = dequantizedFrom(graph, tensor);
    const type = source === null ? null : (tensors[source]!.type as 'INT8' | 'INT16');
    const native =
      source === null || type === null
        ? null
        : { tensor: source, scale: scales.tensorScale(tensor, type), type };
    natives.set(tensor, native);
    return native;
  }

  /** Another tensor with the same values; `scale` null: floats. */
  function addForm(tensor: number, scale: TensorScale | null, suffix: string): number {
    const { name, shape, shapeSignature, hasRank } = tensors[tensor]!;
    return draft.addTensor(
      subgraph,
      makeTensor({
        name: freeName(`${name ?? `tensor${tensor}`}_${suffix}`),
        shape,
        shapeSignature,
        hasRank,
        type: scale?.dtype ?? 'FLOAT32',
        buffer: emptyBuffer(graph.model, draft),
        quantization: scale && makeQuantization([scale.scale], [scale.zeroPoint]),
      }),
    );
  }

  function freeName(wanted: string): string {
    let name = wanted;
    for (let i = 2; names.has(name); i++) name = `${wanted}_${i}`;
    names.add(name);
    return name;
  }

  function insert(
    kind: 'QUANTIZE' | 'DEQUANTIZE',
    version: number,
    from: number,
    to: number,
    before: number,
  ): void {
    added += 1;
    draft.insertOperator(
      subgraph,
      Math.min(before, end),
      makeOperator({
        opcodeIndex: draft.operatorCode(kind, version),
        inputs: Int32Array.of(from),
        outputs: Int32Array.of(to),
        builtinOptions:
          kind === 'QUANTIZE'
            ? { type: 'QuantizeOptions', value: {} }
            : { type: 'DequantizeOptions', value: {} },
      }),
    );
  }
}

const formKey = (tensor: number, { dtype, scale, zeroPoint }: TensorScale) =>
  `${tensor}/${dtype}/${scale}/${zeroPoint}`;

interface Needs {
  /** Scales in which integer operators read a computed tensor, and the first operator that does. */
  readonly integers: ReadonlyMap<number, { readonly scale: TensorScale; first: number }[]>;
  /** Tensors that operators with floats read, and the first that does. */
  readonly floats: ReadonlyMap<number, number>;
  /** Tensors that integer operators write. */
  readonly written: readonly number[];
}

function collectNeeds({ graph, decisions, scales }: SubgraphPlan): Needs {
  const integers = new Map<number, { readonly scale: TensorScale; first: number }[]>();
  const floats = new Map<number, number>();
  const written: number[] = [];
  decisions.forEach(({ dtype, operands }, operator) => {
    if (dtype !== null) written.push(...operands.outputs);
    const isRequantizer = graph.views[operator]!.kind === 'QUANTIZE';
    for (const { input, tensor, constant } of operands.data) {
      if (constant !== null) continue;
      if (dtype === null) {
        if (!isRequantizer && !floats.has(tensor)) floats.set(tensor, operator);
        continue;
      }
      const scale = scales.operandScale(operator, input);
      const list = integers.get(tensor) ?? [];
      integers.set(tensor, list);
      if (!list.some((known) => isSameScale(known.scale, scale))) list.push({ scale, first: operator });
    }
  });
  // Operands that are no plain data (computed weights, a computed bias, the values of a call) are read as floats too.
  graph.subgraph.operators.forEach(({ inputs }, operator) => {
    if (decisions[operator]!.dtype !== null || graph.views[operator]!.kind === 'QUANTIZE') return;
    for (const tensor of inputs) {
      if (
        graph.subgraph.tensors[tensor]?.type === 'FLOAT32' &&
        graph.constantOf(tensor) === null &&
        !floats.has(tensor)
      )
        floats.set(tensor, operator);
    }
  });
  return { integers, floats, written };
}
