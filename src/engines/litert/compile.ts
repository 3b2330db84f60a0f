/** From bytes to something that the runtime can run. */
import type { Accelerator } from '../interpreter';
import type { InputSlot } from './input-slot';
import type { ModelPlan } from './plan';
import { runnableEnds } from './runnable';
import type { LitertCompiledModel, LitertModel, Runtime } from './runtime';
import { createInputSlot } from './tensor-buffer';

/** The copy that runs has this one only. */
export const SIGNATURE = 0;

/** What stands for a compiled model in the runtime. */
export interface Handles {
  readonly pointer: number;
  readonly model: LitertModel;
  readonly compiled: LitertCompiledModel;
  /** Buffers in the runtime's order. */
  readonly slots: readonly InputSlot[];
  /** For each of the runtime's inputs the index in the plan. */
  readonly inputOrder: readonly number[];
  /** For each output of the plan the index in the runtime; -1 for those that the runtime does not fill in. */
  readonly outputOrder: readonly number[];
}

/** Loads and compiles a file. To be called inside `Runtime.call`. */
export async function compile(
  runtime: Runtime,
  bytes: Uint8Array,
  plan: ModelPlan,
  accelerator: Accelerator,
): Promise<Handles> {
  const { module, environment } = runtime;
  // The runtime reads weights from these bytes for as long as the model lives.
  const pointer = module._malloc(bytes.byteLength);
  if (pointer === 0)
    throw new Error(`There is no room for ${bytes.byteLength} bytes in the runtime's memory.`);
  runtime.heap().set(bytes, pointer);
  const model = module.loadModel(environment, pointer, bytes.byteLength);
  const options = {
    accelerator,
    cpuOptions: { numThreads: runtime.threads },
    gpuOptions: { precision: 'fp32' as const },
    webNNOptions: {},
  };
  const compiled = await module.compileModel(environment, model, options);
  const { inputNames, outputNames } = signatureNames(model);
  const ends = runnableEnds(plan);
  const inputOrder = inputNames.map((name) => {
    const tensor = ends.inputs.find((end) => end.name === name)?.tensor;
    return plan.inputs.findIndex((end) => end.tensor === tensor);
  });
  const outputOrder = plan.outputs.map(({ tensor }) => {
    const name = ends.outputs.find((end) => end.tensor === tensor)?.name;
    return name === undefined ? -1 : outputNames.indexOf(name);
  });
  const slots = inputNames.map((_, i) => createInputSlot(runtime, model, compiled, SIGNATURE, i));
  return { pointer, model, compiled, slots, inputOrder, outputOrder };
}

function signatureNames(model: LitertModel) {
  const signature = model.getSignature(SIGNATURE);
  try {
    return { inputNames: texts(signature.inputNames()), outputNames: texts(signature.outputNames()) };
  } finally {
    signature.delete();
  }
}

function texts(list: { size(): number; get(index: number): string; delete(): void }): string[] {
  const items: string[] = [];
  for (let i = 0; i < list.size(); i++) items.push(list.get(i));
  list.delete();
  return items;
}
