/** Runs single operators of a variant on the original's values. */
import { ModelError } from '../errors';
import type { RunnableModel, Runtime } from '../measure/runtime';
import { dequantize, type RealValues } from '../model/dequantize';
import type { Model, Tensor } from '../model/types';
import { writeModel } from '../model/write';
import type { TensorData } from '../tensor-data';
import { type CutModel, cutOperators } from './cut-model';
import { MAIN, type PlannedOperator, type TensorPair } from './plan';
import { activationScale, storedValues } from './stored-values';

/** Values of the original's tensors in one run. */
export interface OriginalValues {
  data(tensor: number): TensorData;
  real(tensor: number): RealValues;
}

/** Called with what an operator of the variant made of the original's values, as real values. */
export type OnCutOutput = (operator: PlannedOperator, pair: TensorPair, values: RealValues) => void;

interface Cut {
  readonly operators: readonly PlannedOperator[];
  open: { readonly cut: CutModel; readonly interpreter: RunnableModel } | null;
}

/** More operators in one model make nothing faster, and one that fails costs more searching. */
const MOST_OPERATORS = 512;

export class CutRuns {
  /** Why operators could not be run. */
  readonly refused = new Map<PlannedOperator, string>();
  readonly #variant: Model;
  readonly #runtime: Runtime;
  #cuts: Cut[] = [];

  constructor(variant: Model, operators: readonly PlannedOperator[], runtime: Runtime) {
    this.#variant = variant;
    this.#runtime = runtime;
    for (let start = 0; start < operators.length; start += MOST_OPERATORS) {
      this.#cuts.push({ operators: operators.slice(start, start + MOST_OPERATORS), open: null });
    }
  }

  /**
   * Runs every operator once. A model of operators that the runtime refuses, at first, is tried in halves down to the
   * operator that is in the way, which goes into `refused`.
   * @throws ModelError when an operator that ran before fails
   */
  async run(values: OriginalValues, onOutput: OnCutOutput): Promise<void> {
    const ready: Cut[] = [];
    const queue = this.#cuts;
    while (queue.length > 0) {
      const cut = queue.shift()!;
      const isNew = cut.open === null;
      let outputs: readonly TensorData[];
      try {
        const open = (cut.open ??= await this.#open(cut.operators, values));
        outputs = await open.interpreter.run(this.#feed(open.cut, values));
      } catch (error) {
        if (!isNew) ready.push(cut);
        this.#cuts = [...ready, ...queue];
        cut.open?.interpreter.dispose();
        if (!isNew || !(error instanceof ModelError)) throw error;
        queue.unshift(...this.#divide(cut, error));
        continue;
      }
      ready.push(cut);
      outputs.forEach((data, i) => {
        const { operator, pair } = cut.open!.cut.outputs[i]!;
        onOutput(operator, pair, dequantize(data.values, this.#tensor(pair), [...data.shape]));
      });
    }
    this.#cuts = ready;
  }

  dispose(): void {
    for (const { open } of this.#cuts) open?.interpreter.dispose();
    this.#cuts = [];
  }

  async #open(
    operators: readonly PlannedOperator[],
    values: OriginalValues,
  ): Promise<NonNullable<Cut['open']>> {
    const cut = cutOperators(this.#variant, operators, (tensor) => values.data(tensor).shape);
    const options = { signature: null, accelerator: 'wasm' } as const;
    return { cut, interpreter: await this.#runtime.createInterpreter(writeModel(cut.model), options) };
  }

  #divide({ operators }: Cut, error: ModelError): Cut[] {
    if (operators.length === 1) {
      this.refused.set(operators[0]!, `the runtime does not run it by itself: ${error.message}`);
      return [];
    }
    const half = operators.length >> 1;
    return [operators.slice(0, half), operators.slice(half)].map((part) => ({ operators: part, open: null }));
  }

  #feed({ inputs, model }: CutModel, values: OriginalValues): TensorData[] {
    const { tensors, inputs: indexes } = model.subgraphs[MAIN]!;
    return inputs.map((pair, i) => {
      const to = this.#tensor(pair);
      const from = values.data(pair.original);
      const fixed = tensors[indexes[i]!]!;
      const shape = fixed.shape?.length === from.shape.length ? from.shape : Array.from(fixed.shape ?? []);
      const scale = activationScale(to);
      if (scale !== null) {
        return { dtype: to.type, shape, values: storedValues(values.real(pair.original), to.type, scale) };
      }
      if (to.type === from.dtype) return { ...from, shape };
      return { dtype: to.type, shape, values: Float32Array.from(values.real(pair.original)) };
    });
  }

  #tensor(pair: TensorPair): Tensor {
    return this.#variant.subgraphs[MAIN]!.tensors[pair.variant]!;
  }
}
