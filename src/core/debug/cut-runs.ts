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
  /** Real values as the variant is to hold them: with the scale of its channels. */
  real(tensor: number): RealValues;
  isRescaled(tensor: number): boolean;
}

/** Called with what an operator of the variant made of the original's values, as real values. */
export type OnCutOutput = (operator: PlannedOperator, pair: TensorPair, values: RealValues) => void;

interface Cut {
  readonly operators: readonly PlannedOperator[];
  /** Null until its first run. */
  readonly open: OpenCut | null;
}

interface OpenCut {
  readonly cut: CutModel;
  readonly interpreter: RunnableModel;
}

/** More operators in one model make nothing faster, and one that fails costs more searching. */
const MOST_OPERATORS = 512;

export class CutRuns {
  /** Why operators could not be run. */
  readonly refused = new Map<PlannedOperator, string>();
  readonly #variant: Model;
  readonly #runtime: Runtime;
  readonly #opened = new Set<RunnableModel>();
  #cuts: readonly Cut[];

  constructor(variant: Model, operators: readonly PlannedOperator[], runtime: Runtime) {
    this.#variant = variant;
    this.#runtime = runtime;
    const count = Math.ceil(operators.length / MOST_OPERATORS);
    this.#cuts = Array.from({ length: count }, (_, i) => ({
      operators: operators.slice(i * MOST_OPERATORS, (i + 1) * MOST_OPERATORS),
      open: null,
    }));
  }

  /**
   * Runs every operator once. Operators that the runtime refuses on their first run are tried in halves down to the one
   * that is in the way, which goes into `refused`.
   * @throws ModelError when an operator that ran before fails
   */
  async run(values: OriginalValues, onOutput: OnCutOutput): Promise<void> {
    const queue = [...this.#cuts];
    const ready: Cut[] = [];
    for (let cut = queue.shift(); cut; cut = queue.shift()) {
      const { operators } = cut;
      if (cut.open !== null) {
        await this.#runOpen(cut.open, values, onOutput);
        ready.push(cut);
        continue;
      }
      let open: OpenCut | null = null;
      try {
        open = await this.#open(operators, values);
        await this.#runOpen(open, values, onOutput);
        ready.push({ operators, open });
      } catch (error) {
        if (open) this.#close(open);
        if (!(error instanceof ModelError)) throw error;
        if (operators.length === 1) this.refused.set(operators[0]!, refusal(error));
        else queue.unshift(...halves(operators));
      }
    }
    this.#cuts = ready;
  }

  dispose(): void {
    for (const interpreter of this.#opened) interpreter.dispose();
    this.#opened.clear();
  }

  async #open(operators: readonly PlannedOperator[], values: OriginalValues): Promise<OpenCut> {
    const cut = cutOperators(this.#variant, operators, (tensor) => values.data(tensor).shape);
    const options = { signature: null, accelerator: 'wasm' } as const;
    const interpreter = await this.#runtime.createInterpreter(writeModel(cut.model), options);
    this.#opened.add(interpreter);
    return { cut, interpreter };
  }

  #close({ interpreter }: OpenCut): void {
    this.#opened.delete(interpreter);
    interpreter.dispose();
  }

  async #runOpen(
    { cut, interpreter }: OpenCut,
    values: OriginalValues,
    onOutput: OnCutOutput,
  ): Promise<void> {
    const outputs = await interpreter.run(this.#feed(cut, values));
    outputs.forEach((data, i) => {
      const { operator, pair } = cut.outputs[i]!;
      onOutput(operator, pair, dequantize(data.values, this.#tensor(pair), [...data.shape]));
    });
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
      if (to.type === from.dtype && !values.isRescaled(pair.original)) return { ...from, shape };
      return { dtype: to.type, shape, values: Float32Array.from(values.real(pair.original)) };
    });
  }

  #tensor(pair: TensorPair): Tensor {
    return this.#variant.subgraphs[MAIN]!.tensors[pair.variant]!;
  }
}

function halves(operators: readonly PlannedOperator[]): Cut[] {
  const half = operators.length >> 1;
  return [operators.slice(0, half), operators.slice(half)].map((part) => ({ operators: part, open: null }));
}

function refusal({ message }: ModelError): string {
  return `the runtime does not run it by itself: ${message}`;
}
