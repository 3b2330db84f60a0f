/** A file compiled in one runtime, with its input buffers. */
import { ModelError } from '../../core/errors';
import { plural } from '../../core/format';
import type { TensorData } from '../../core/tensor-data';
import type { Accelerator } from '../interpreter';
import { compile, type Handles, SIGNATURE } from './compile';
import type { LitertEngine } from './engine';
import { hasPromiseIntegration } from './features';
import type { OperatorSplit } from './log';
import type { ModelPlan } from './plan';
import type { Runtime } from './runtime';
import { readOutput, shapeOf } from './tensor-buffer';

const CANNOT_COMPILE = 'LiteRT cannot load this model.';
const CANNOT_RUN = 'LiteRT cannot run this model.';

export class CompiledFile {
  readonly backend: string;
  readonly #host: LitertEngine;
  readonly #runtime: Runtime;
  readonly #plan: ModelPlan;
  readonly #handles: Handles;
  /** Shapes of the outputs: the sizes of the inputs are fixed, so these are as well. */
  readonly #shapes: (readonly number[])[] = [];

  readonly #split: OperatorSplit | null;

  private constructor(
    host: LitertEngine,
    runtime: Runtime,
    plan: ModelPlan,
    handles: Handles,
    accelerator: Accelerator,
    note: string | null,
  ) {
    this.#host = host;
    this.#runtime = runtime;
    this.#plan = plan;
    this.#handles = handles;
    this.#split = runtime.takeSplit();
    const cpu = runtime.threads > 1 ? `wasm, ${runtime.threads} threads` : 'wasm';
    this.backend = accelerator === 'webgpu' ? gpuName(this.#split) : note === null ? cpu : `${cpu} (${note})`;
    runtime.openModels++;
  }

  /**
   * Compiles on the accelerator asked for; on the CPU where the GPU can take none of the model, and then says so.
   * @throws ModelError `runtime`.
   */
  static async create(
    host: LitertEngine,
    bytes: Uint8Array,
    plan: ModelPlan,
    accelerator: Accelerator,
  ): Promise<CompiledFile> {
    if (accelerator === 'wasm') return CompiledFile.#compile(host, bytes, plan, 'wasm', null);
    const made = await CompiledFile.#compileForGpu(host, bytes, plan);
    if (made instanceof CompiledFile) return made;
    return CompiledFile.#compile(host, bytes, plan, 'wasm', made);
  }

  /** The compiled file, or in a few words why it has to be the CPU. */
  static async #compileForGpu(
    host: LitertEngine,
    bytes: Uint8Array,
    plan: ModelPlan,
  ): Promise<CompiledFile | string> {
    if (!(await host.hasGpu())) return 'no WebGPU here';
    try {
      const made = await CompiledFile.#compile(host, bytes, plan, 'webgpu', null);
      if (made.#split === null || (made.#split.gpu > 0 && hasPromiseIntegration())) return made;
      made.dispose();
      return 'WebGPU cannot take this model';
    } catch (error) {
      if (error instanceof ModelError) return 'WebGPU failed on this model';
      throw error;
    }
  }

  static async #compile(
    host: LitertEngine,
    bytes: Uint8Array,
    plan: ModelPlan,
    accelerator: Accelerator,
    note: string | null,
  ): Promise<CompiledFile> {
    const runtime = await host.runtime(accelerator);
    try {
      runtime.takeSplit();
      const handles = await runtime.call(CANNOT_COMPILE, () => compile(runtime, bytes, plan, accelerator));
      return new CompiledFile(host, runtime, plan, handles, accelerator, note);
    } catch (error) {
      host.settle(runtime);
      throw error;
    }
  }

  /** False once the runtime under it has aborted. */
  get usable(): boolean {
    return this.#runtime.state !== 'dead';
  }

  /** Runs once. Inputs (already checked) and outputs are in the order of the plan. */
  run(inputs: readonly TensorData[]): Promise<TensorData[]> {
    return this.#runtime.call(CANNOT_RUN, () => this.#run(inputs));
  }

  async #run(inputs: readonly TensorData[]): Promise<TensorData[]> {
    const { slots, inputOrder, outputOrder, compiled } = this.#handles;
    inputOrder.forEach((end, i) => slots[i]!.write(inputs[end]!.values));
    const pending = compiled.run(
      SIGNATURE,
      slots.map(({ buffer }) => buffer),
    );
    const buffers = pending instanceof Promise ? await pending : pending;
    try {
      const outputs: TensorData[] = [];
      for (const [end, { info, echoes }] of this.#plan.outputs.entries()) {
        if (echoes !== null) {
          outputs.push(copyOf(inputs[echoes]!));
          continue;
        }
        const buffer = buffers[outputOrder[end]!]!;
        const shape = (this.#shapes[end] ??= shapeOf(buffer));
        const read = readOutput(this.#runtime, buffer, info.dtype, shape);
        outputs.push(read instanceof Promise ? await read : read);
      }
      return outputs;
    } finally {
      for (const buffer of buffers) buffer.delete();
    }
  }

  dispose(): void {
    const { slots, compiled, model, pointer } = this.#handles;
    this.#runtime.openModels--;
    this.#runtime.free(() => {
      for (const slot of slots) slot.delete();
      compiled.delete();
      model.delete();
      this.#runtime.module._free(pointer);
    });
    this.#host.settle(this.#runtime);
  }
}

function copyOf({ dtype, shape, values }: TensorData): TensorData {
  return { dtype, shape, values: values.slice() };
}

function gpuName(split: OperatorSplit | null): string {
  if (split === null) return 'webgpu';
  return `webgpu for ${split.gpu} of ${plural(split.gpu + split.cpu, 'operator')}, wasm for the rest`;
}
