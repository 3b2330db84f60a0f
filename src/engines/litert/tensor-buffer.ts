/** Values in and out of the runtime's buffers, for every element type that has a typed array. */
import { ModelError } from '../../core/errors';
import { plural } from '../../core/format';
import type { TensorType } from '../../core/model/types';
import type { TensorData, TensorInfo, TensorValues } from '../../core/tensor-data';
import { VALUE_ARRAYS } from './element-types';
import { createGpuSlot, readGpuBuffer } from './gpu-buffer';
import { bytesOf, type InputSlot } from './input-slot';
import type { LitertBuffer, LitertCompiledModel, LitertModel, LitertTensorType, Runtime } from './runtime';

/** Makes the buffer of one input, of the kind that the compiled model wants. */
export function createInputSlot(
  runtime: Runtime,
  model: LitertModel,
  compiled: LitertCompiledModel,
  signature: number,
  input: number,
): InputSlot {
  const type = model.getInputTensorType(signature, input);
  try {
    return wantsGpu(runtime, compiled, signature, input)
      ? createGpuSlot(runtime, type.bytes(), type)
      : hostSlot(runtime, type.bytes(), type);
  } finally {
    type.delete();
  }
}

function wantsGpu(
  runtime: Runtime,
  compiled: LitertCompiledModel,
  signature: number,
  input: number,
): boolean {
  if (runtime.device === null) return false;
  const requirements = compiled.getInputBufferRequirements(signature, input);
  const supported = requirements.supportedTypes();
  const host = runtime.module.LiteRtTensorBufferType.HOST_MEMORY.value;
  let takesHost = false;
  for (let i = 0; i < supported.size(); i++) takesHost ||= supported.get(i).value === host;
  supported.delete();
  requirements.delete();
  return !takesHost;
}

function hostSlot(runtime: Runtime, byteLength: number, type: LitertTensorType): InputSlot {
  const { LiteRtTensorBuffer, LiteRtTensorBufferType, LiteRtTensorBufferLockMode } = runtime.module;
  const buffer = LiteRtTensorBuffer.createManaged(
    runtime.environment,
    LiteRtTensorBufferType.HOST_MEMORY,
    type,
    byteLength,
  );
  return {
    buffer,
    write(values: TensorValues): void {
      const pointer = buffer.lock(LiteRtTensorBufferLockMode.WRITE);
      try {
        runtime.heap().set(bytesOf(values), pointer);
      } finally {
        buffer.unlock();
      }
    },
    delete: () => buffer.delete(),
  };
}

/** Reads one output: a copy. */
export function readOutput(
  runtime: Runtime,
  buffer: LitertBuffer,
  dtype: TensorType,
  shape: readonly number[],
): TensorData | Promise<TensorData> {
  const byteLength = buffer.packedSize();
  if (buffer.isWebGpuMemory()) {
    return readGpuBuffer(runtime, buffer, byteLength).then((bytes) => toTensor(dtype, shape, bytes));
  }
  const pointer = buffer.lock(runtime.module.LiteRtTensorBufferLockMode.READ);
  try {
    return toTensor(dtype, shape, copyOut(runtime.heap(), pointer, byteLength));
  } finally {
    buffer.unlock();
  }
}

/** A copy in memory of its own; the heap may be shared between threads, which `slice` would keep. */
function copyOut(heap: Uint8Array, pointer: number, byteLength: number): ArrayBuffer {
  const copy = new Uint8Array(byteLength);
  copy.set(heap.subarray(pointer, pointer + byteLength));
  return copy.buffer;
}

/** The shape that the runtime gave a buffer. */
export function shapeOf(buffer: LitertBuffer): number[] {
  const type = buffer.tensorType();
  const layout = type.layout();
  const dimensions = layout.dimensions();
  const shape: number[] = [];
  for (let i = 0; i < dimensions.size(); i++) shape.push(dimensions.get(i));
  dimensions.delete();
  layout.delete();
  type.delete();
  return shape;
}

function toTensor(dtype: TensorType, shape: readonly number[], bytes: ArrayBuffer): TensorData {
  const constructor = VALUE_ARRAYS[dtype];
  if (constructor === undefined) {
    throw new ModelError('unsupported', `LiteRT in this build cannot give an output of type ${dtype}.`);
  }
  return { dtype, shape, values: new constructor(bytes) };
}

/**
 * Checks one input against what the model declares.
 * @throws ModelError `bad-data` when type, shape or number of values do not fit.
 */
export function checkInput(info: TensorInfo, data: TensorData): void {
  const { name, dtype, shape } = info;
  if (data.dtype !== dtype) {
    throw new ModelError('bad-data', `Input ${name} is ${dtype}, but the data is ${data.dtype}.`);
  }
  const fits =
    data.shape.length === shape.length &&
    shape.every((size, i) => (size === -1 ? data.shape[i]! > 0 : size === data.shape[i]));
  if (!fits) {
    throw new ModelError(
      'bad-data',
      `Input ${name} has shape ${shapeText(shape)}, but the data has shape ${shapeText(data.shape)}.`,
    );
  }
  const constructor = VALUE_ARRAYS[dtype];
  if (constructor === undefined || !(data.values instanceof constructor)) {
    throw new ModelError('bad-data', `The values given for input ${name} are not stored as ${dtype}.`);
  }
  const count = data.shape.reduce((product, size) => product * size, 1);
  if (data.values.length !== count) {
    throw new ModelError(
      'bad-data',
      `Input ${name} needs ${plural(count, 'value')} for shape ${shapeText(data.shape)}, but there are ${data.values.length}.`,
    );
  }
}

function shapeText(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}
