/** A subgraph while operators are being taken out of it. */
import { isConstant } from '../../model/tensors';
import type { Model, Operator, Tensor } from '../../model/types';
import { isPure } from './effects';
import { findNoOp, type NoOp, type NoOpScope } from './no-ops';

/** Operators by old index; null once removed. Tensors keep their indexes. */
export class ShrinkingGraph implements NoOpScope {
  readonly model: Model;
  readonly subgraph: number;
  readonly tensors: readonly Tensor[];
  readonly operators: (Operator | null)[];
  readonly #inputs: ReadonlySet<number>;
  readonly #outputs: ReadonlySet<number>;
  readonly #producers = new Map<number, number>();

  constructor(model: Model, subgraph: number) {
    const source = model.subgraphs[subgraph]!;
    this.model = model;
    this.subgraph = subgraph;
    this.tensors = source.tensors;
    this.operators = [...source.operators];
    this.#inputs = new Set(source.inputs);
    this.#outputs = new Set(source.outputs);
    for (const signature of model.signatureDefs ?? []) {
      if (signature.subgraphIndex !== subgraph) continue;
      this.#inputs = new Set([...this.#inputs, ...signature.inputs.map((item) => item.tensorIndex)]);
      this.#outputs = new Set([...this.#outputs, ...signature.outputs.map((item) => item.tensorIndex)]);
    }
    this.operators.forEach((operator, index) => {
      for (const output of operator?.outputs ?? []) this.#producers.set(output, index);
    });
  }

  producer(tensor: number): Operator | null {
    const index = this.#producers.get(tensor);
    return index === undefined ? null : (this.operators[index] ?? null);
  }

  noOp(index: number): NoOp | null {
    const operator = this.operators[index];
    return operator ? findNoOp(this, operator) : null;
  }

  /**
   * Takes a no-op out; false when it has to stay because both its ends are visible from outside: a graph output keeps
   * its tensor, so the operator before writes it instead, which is not possible for inputs, outputs and constants.
   */
  bypass(index: number, { input, output }: NoOp): boolean {
    if (!this.#outputs.has(output)) {
      this.#remove(index);
      this.#redirect(output, input);
      return true;
    }
    const producer = this.#producers.get(input);
    const isVisible = this.#inputs.has(input) || this.#outputs.has(input);
    if (producer === undefined || isVisible || isConstant(this.model, this.tensors[input]!)) return false;
    const before = this.operators[producer]!;
    // Writers of state and callers of subgraphs may tie their outputs to other places.
    if (!isPure(this.model, before, this.tensors)) return false;
    this.#remove(index);
    const outputs = before.outputs.map((tensor) => (tensor === input ? output : tensor));
    this.operators[producer] = { ...before, outputs };
    this.#producers.delete(input);
    this.#producers.set(output, producer);
    this.#redirect(input, output);
    return true;
  }

  /** Takes out every pure operator whose outputs nobody reads, last one first; gives their indexes. */
  removeDead(mayRemove: (index: number) => boolean): number[] {
    const readers = new Map<number, number>();
    const add = (operator: Operator, by: number) => {
      for (const tensor of operator.inputs) readers.set(tensor, (readers.get(tensor) ?? 0) + by);
    };
    for (const operator of this.operators) if (operator) add(operator, 1);
    const removed: number[] = [];
    for (let index = this.operators.length - 1; index >= 0; index--) {
      const operator = this.operators[index];
      if (!operator || !isPure(this.model, operator, this.tensors) || !mayRemove(index)) continue;
      const isRead = operator.outputs.some((tensor) => this.#outputs.has(tensor) || readers.get(tensor));
      if (isRead) continue;
      add(operator, -1);
      this.#remove(index);
      removed.push(index);
    }
    return removed;
  }

  #remove(index: number): void {
    for (const output of this.operators[index]?.outputs ?? []) this.#producers.delete(output);
    this.operators[index] = null;
  }

  #redirect(from: number, to: number): void {
    this.operators.forEach((operator, index) => {
      if (!operator?.inputs.includes(from)) return;
      const inputs = operator.inputs.map((tensor) => (tensor === from ? to : tensor));
      this.operators[index] = { ...operator, inputs };
    });
  }
}
