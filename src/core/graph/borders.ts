/** Operators that only change the number format where integer and float parts of a model meet. */
import { operatorName } from '../model/operators';
import { isFloat } from '../model/tensors';
import type { Model, Subgraph } from '../model/types';

/** Where an operator at a border is shown: not folded, at its readers' inputs, or at its producer's outputs. */
export const BORDER = { none: 0, reader: 1, producer: 2 } as const;

export interface Borders {
  /** For each operator, a value of `BORDER`. */
  readonly side: Uint8Array;
  /** For each tensor, the tensor that its readers are linked to: that before a QUANTIZE shown at its readers. */
  readonly travels: Int32Array;
  /** Operators that are shown at the outputs of each operator. */
  readonly servedBy: ReadonlyMap<number, readonly number[]>;
  /** The operator that is shown at the readers of a tensor. */
  readonly readBy: ReadonlyMap<number, number>;
  /** How many operators show an operator of `readBy`. */
  readonly readerCount: ReadonlyMap<number, number>;
}

/** What the search for borders knows about the tensors and operators of a subgraph. */
export interface BorderFacts {
  /** How many operators write each tensor. */
  readonly writers: Uint8Array;
  readonly isFolded: Uint8Array;
  readonly holdsConstant: (tensor: number) => boolean;
}

export function noBorders(subgraph: Subgraph): Borders {
  return {
    side: new Uint8Array(subgraph.operators.length),
    travels: Int32Array.from(subgraph.tensors, (_, t) => t),
    servedBy: new Map(),
    readBy: new Map(),
    readerCount: new Map(),
  };
}

/**
 * Finds the QUANTIZE that turn float into integers and the DEQUANTIZE that turn integers into float, and the operators
 * that they serve: those on the integer side, else those on the float side. One that serves no operator (from an input
 * straight to an output, or between others of its kind), that reads a constant, or that only changes scales, stays.
 */
export function findBorders(model: Model, subgraph: Subgraph, facts: BorderFacts): Borders {
  const borders = noBorders(subgraph);
  const { side, travels } = borders;
  const readBy = new Map<number, number>();
  const readerCount = new Map<number, number>();
  const candidates = subgraph.operators.map((_, i) => changesFormat(model, subgraph, i, facts));
  const writerOf = new Map<number, number>();
  const readersOf = new Map<number, number[]>();
  subgraph.operators.forEach((operator, i) => {
    for (const t of operator.outputs) if (!writerOf.has(t)) writerOf.set(t, i);
    if (facts.isFolded[i]) return;
    for (const t of operator.inputs) {
      const readers = readersOf.get(t);
      if (readers) readers.push(i);
      else readersOf.set(t, [i]);
    }
  });
  const outputs = new Set(subgraph.outputs);
  const canHost = (i: number) => candidates[i] === null && !facts.isFolded[i];
  const servedBy = new Map<number, number[]>();
  candidates.forEach((kind, i) => {
    if (kind === null) return;
    const [input, output] = [subgraph.operators[i]!.inputs[0]!, subgraph.operators[i]!.outputs[0]!];
    const readers = readersOf.get(output) ?? [];
    const producer = writerOf.get(input);
    const hasReaders = readers.length > 0 && readers.every(canHost) && !outputs.has(output);
    const hasProducer = producer !== undefined && canHost(producer);
    if (hasReaders && (kind === 'QUANTIZE' || !hasProducer)) {
      side[i] = BORDER.reader;
      travels[output] = input;
      readBy.set(output, i);
      readerCount.set(i, new Set(readers).size);
    } else if (hasProducer) {
      side[i] = BORDER.producer;
      const served = servedBy.get(producer);
      if (served) served.push(i);
      else servedBy.set(producer, [i]);
    }
  });
  return { side, travels, servedBy, readBy, readerCount };
}

/** `QUANTIZE` from float, `DEQUANTIZE` from integers, of one computed tensor; null for everything else. */
function changesFormat(
  model: Model,
  subgraph: Subgraph,
  i: number,
  { writers, isFolded, holdsConstant }: BorderFacts,
): 'QUANTIZE' | 'DEQUANTIZE' | null {
  const operator = subgraph.operators[i]!;
  const [input, output] = [operator.inputs[0], operator.outputs[0]];
  if (isFolded[i] || operator.inputs.length !== 1 || operator.outputs.length !== 1) return null;
  if (input === undefined || output === undefined || input === output) return null;
  const [before, after] = [subgraph.tensors[input], subgraph.tensors[output]];
  if (!before || !after || writers[output] !== 1 || holdsConstant(input)) return null;
  if (model.operatorCodes[operator.opcodeIndex] === undefined) return null;
  const name = operatorName(model, operator);
  if (name === 'QUANTIZE' && isFloat(before.type) && !isFloat(after.type)) return name;
  if (name === 'DEQUANTIZE' && !isFloat(before.type) && isFloat(after.type)) return name;
  return null;
}
