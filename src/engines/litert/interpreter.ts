/** One model in LiteRT: checks what goes in, compiles for the sizes given, runs. */
import { ModelError } from '../../core/errors';
import { plural } from '../../core/format';
import type { TensorData, TensorInfo } from '../../core/tensor-data';
import type { Accelerator, Interpreter, InterpreterOptions } from '../interpreter';
import { CompiledFile } from './compiled-file';
import type { LitertEngine } from './engine';
import type { ModelPlan } from './plan';
import { runnableCopy } from './runnable';
import { checkInput } from './tensor-buffer';
import { refuseUnsupported } from './unsupported';

export class LitertInterpreter implements Interpreter {
  readonly engine = 'litert';
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  readonly #host: LitertEngine;
  readonly #plan: ModelPlan;
  readonly #accelerator: Accelerator;
  #compiled: CompiledFile | null = null;
  #shapes: readonly (readonly number[])[] = [];
  #backend = '';
  #disposed = false;

  private constructor(host: LitertEngine, plan: ModelPlan, accelerator: Accelerator) {
    this.#host = host;
    this.#plan = plan;
    this.#accelerator = accelerator;
    this.inputs = plan.inputs.map(({ info }) => info);
    this.outputs = plan.outputs.map(({ info }) => info);
  }

  /** Compiles the model for batch 1. To be called from the engine's queue. */
  static async create(
    host: LitertEngine,
    plan: ModelPlan,
    options: InterpreterOptions,
  ): Promise<LitertInterpreter> {
    refuseUnsupported(plan);
    const interpreter = new LitertInterpreter(host, plan, options.accelerator);
    const shapes = interpreter.inputs.map(({ shape }) => shape.map((size) => (size === -1 ? 1 : size)));
    await interpreter.#compile(shapes);
    return interpreter;
  }

  get backend(): string {
    return this.#backend;
  }

  run(inputs: readonly TensorData[]): Promise<TensorData[]> {
    return this.#host.enqueue(() => this.#run(inputs));
  }

  dispose(): void {
    this.#disposed = true;
    // Waits for a run under way.
    void this.#host.enqueue(async () => this.#release());
  }

  async #run(inputs: readonly TensorData[]): Promise<TensorData[]> {
    if (this.#disposed) throw new Error('The interpreter was disposed of.');
    this.#check(inputs);
    if (this.#compiled?.usable !== true || !this.#fits(inputs)) {
      await this.#compile(inputs.map(({ shape }) => shape));
    }
    try {
      return await this.#compiled!.run(inputs);
    } catch (error) {
      // A model whose run failed may be half prepared; the next run starts anew.
      this.#release();
      throw error;
    }
  }

  #check(inputs: readonly TensorData[]): void {
    if (inputs.length !== this.inputs.length) {
      throw new ModelError(
        'bad-data',
        `The model has ${plural(this.inputs.length, 'input')}, but data for ${inputs.length} was given.`,
      );
    }
    this.inputs.forEach((info, i) => checkInput(info, inputs[i]!));
  }

  #fits(inputs: readonly TensorData[]): boolean {
    return inputs.every(({ shape }, i) => shape.every((size, axis) => size === this.#shapes[i]![axis]));
  }

  async #compile(shapes: readonly (readonly number[])[]): Promise<void> {
    this.#release();
    const bytes = runnableCopy(this.#plan, shapes);
    const made = await CompiledFile.create(this.#host, bytes, this.#plan, this.#accelerator);
    this.#compiled = made;
    this.#backend = made.backend;
    this.#shapes = shapes;
  }

  #release(): void {
    this.#compiled?.dispose();
    this.#compiled = null;
  }
}
