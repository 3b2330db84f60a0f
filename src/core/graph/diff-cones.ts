/** What each operator computes and what becomes of it, as numbers that are equal for equal parts of two graphs. */
import type { Model, Operator, Subgraph, Tensor } from '../model/types';
import { Hasher } from './groups-hash';

/** Places at which a constant is looked at: enough to tell weights apart without reading all of them. */
const SAMPLES = 8;

/**
 * Hashes of the operators of a subgraph, 0 to 2^53. No name of a tensor counts in any of them. Around one change every
 * other operator keeps its forward or its backward hash, as the nodes of a hash tree do (R. Merkle, "A digital signature
 * based on a conventional encryption function", 1987). Linear in operators and operands. A value that is written only
 * behind where it is read, as in no sound file, counts as absent there.
 */
export class Cones {
  readonly #model: Model;
  readonly #subgraph: Subgraph;
  readonly #kinds: readonly string[];
  readonly #hash = new ContentHasher();
  /** Halves of the hashes of operators (`content`) and tensors: how each is made; the sum of what reads it. */
  readonly #content: Int32Array;
  readonly #made: Int32Array;
  readonly #uses: Int32Array;
  readonly #forward: Float64Array;
  readonly #backward: Float64Array;

  /** `kinds`: that of each operator of `subgraph`. */
  constructor(model: Model, subgraph: Subgraph, kinds: readonly string[]) {
    this.#model = model;
    this.#subgraph = subgraph;
    this.#kinds = kinds;
    this.#content = new Int32Array(2 * kinds.length);
    this.#made = new Int32Array(2 * subgraph.tensors.length);
    this.#uses = new Int32Array(2 * subgraph.tensors.length);
    this.#forward = new Float64Array(kinds.length);
    this.#backward = new Float64Array(kinds.length);
    this.#goForward();
    this.#goBackward();
  }

  /** Kind and shapes of outputs. */
  look(i: number): number {
    const hash = this.#hash;
    hash.restart();
    this.#addLook(i);
    return hash.value;
  }

  /** Look, types of outputs, options, and constants. */
  content(i: number): number {
    const hash = this.#hash;
    hash.restart();
    hash.addHalves(this.#content, i);
    return hash.value;
  }

  /** Content of an operator and of all that leads to it from the inputs: equal where the same value is computed. */
  forward(i: number): number {
    return this.#forward[i]!;
  }

  /** Content of an operator and of all that it leads to: equal where the same becomes of its value. */
  backward(i: number): number {
    return this.#backward[i]!;
  }

  /** Forward and backward. */
  whole(i: number): number {
    return this.#forward[i]! + this.#backward[i]!;
  }

  /** Kind, and all that leads to what it reads. */
  reads(i: number): number {
    const hash = this.#hash;
    hash.restart();
    hash.addText(this.#kinds[i]!);
    for (const t of this.#subgraph.operators[i]!.inputs) hash.addHalves(this.#made, t);
    return hash.value;
  }

  /** Kind, and all that its results lead to. */
  serves(i: number): number {
    const hash = this.#hash;
    hash.restart();
    hash.addText(this.#kinds[i]!);
    for (const t of this.#subgraph.operators[i]!.outputs) hash.addHalves(this.#uses, t);
    return hash.value;
  }

  #goForward(): void {
    const [hash, made] = [this.#hash, this.#made];
    const { operators, inputs } = this.#subgraph;
    hash.restart();
    for (const t of inputs) {
      hash.add(-1);
      hash.writeHalves(made, t);
    }
    for (let i = 0; i < operators.length; i++) {
      const operator = operators[i]!;
      hash.restart();
      this.#addLook(i);
      this.#addRest(operator);
      hash.writeHalves(this.#content, i);
      for (let k = 0; k < operator.inputs.length; k++) hash.addHalves(made, operator.inputs[k]!);
      this.#forward[i] = hash.value;
      for (let k = 0; k < operator.outputs.length; k++) {
        hash.add(k);
        hash.writeHalves(made, operator.outputs[k]!);
      }
    }
  }

  #goBackward(): void {
    const [hash, uses] = [this.#hash, this.#uses];
    const { operators, outputs } = this.#subgraph;
    hash.restart();
    for (const t of outputs) {
      hash.add(-1);
      hash.addToHalves(uses, t);
    }
    for (let i = operators.length - 1; i >= 0; i--) {
      const operator = operators[i]!;
      hash.restart();
      hash.addHalves(this.#content, i);
      for (let k = 0; k < operator.outputs.length; k++) hash.addHalves(uses, operator.outputs[k]!);
      this.#backward[i] = hash.value;
      for (let k = 0; k < operator.inputs.length; k++) {
        hash.add(k);
        hash.addToHalves(uses, operator.inputs[k]!);
      }
    }
  }

  #addLook(i: number): void {
    const { tensors } = this.#subgraph;
    const { outputs } = this.#subgraph.operators[i]!;
    this.#hash.addText(this.#kinds[i]!);
    for (let k = 0; k < outputs.length; k++) this.#hash.addShape(tensors[outputs[k]!]);
  }

  /** What belongs to the content besides the look. */
  #addRest(operator: Operator): void {
    const hash = this.#hash;
    const { inputs, outputs } = operator;
    const { tensors } = this.#subgraph;
    for (let k = 0; k < outputs.length; k++) hash.addText(tensors[outputs[k]!]?.type ?? '');
    hash.addValue(operator.builtinOptions?.value);
    hash.addValue(operator.builtinOptions2?.value);
    hash.addBytes(operator.customOptions);
    for (let k = 0; k < inputs.length; k++) {
      const t = inputs[k]!;
      const tensor = tensors[t];
      const isMade = this.#made[2 * t] !== 0 || this.#made[2 * t + 1] !== 0;
      hash.add(k);
      if (tensor && !isMade) hash.addConstant(this.#model, tensor);
    }
  }
}

/** A hasher of what operators hold. */
class ContentHasher extends Hasher {
  addShape(tensor: Tensor | undefined): void {
    const sizes = tensor?.shapeSignature?.length ? tensor.shapeSignature : tensor?.shape;
    const count = sizes?.length ?? 0;
    this.add(count);
    for (let k = 0; k < count; k++) this.add(sizes![k]!);
  }

  addConstant(model: Model, tensor: Tensor): void {
    this.addText(tensor.type);
    this.addShape(tensor);
    this.addBytes(model.buffers[tensor.buffer]?.data ?? null);
  }

  /** Length and some of the bytes, four at a time. */
  addBytes(bytes: Uint8Array | null): void {
    const length = bytes?.length ?? 0;
    this.add(length);
    if (!bytes || length === 0) return;
    const step = Math.max(4, Math.floor(length / SAMPLES));
    for (let i = 0; i < length; i += step) {
      this.add(bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
    }
  }
}
