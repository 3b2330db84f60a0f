/** Buffers on the GPU, for models that WebGPU runs. */
import type { TensorValues } from '../../core/tensor-data';
import { bytesOf, type InputSlot } from './input-slot';
import type { LitertBuffer, LitertTensorType, Runtime } from './runtime';

// Flags of the WebGPU standard; its global objects are missing from TypeScript's library.
const MAP_READ = 0x01;
const COPY_SRC = 0x04;
const COPY_DST = 0x08;
const STORAGE = 0x80;
const READ_MODE = 0x01;

/** Makes an input buffer on the GPU. */
export function createGpuSlot(runtime: Runtime, byteLength: number, type: LitertTensorType): InputSlot {
  const device = runtime.device!;
  const gpuBuffer = device.createBuffer({
    size: roundUpTo4(byteLength),
    usage: COPY_SRC | COPY_DST | STORAGE,
  });
  const pointer = runtime.module.WebGPU.importJsBuffer(gpuBuffer);
  const buffer = runtime.module.LiteRtTensorBuffer.createFromWebGpuBuffer(
    runtime.environment,
    type,
    runtime.module.LiteRtTensorBufferType.WEB_GPU_BUFFER_PACKED,
    pointer,
    gpuBuffer.size,
  );
  return {
    buffer,
    write(values: TensorValues): void {
      const padded = new Uint8Array(gpuBuffer.size);
      padded.set(bytesOf(values));
      device.queue.writeBuffer(gpuBuffer, 0, padded);
    },
    delete(): void {
      buffer.delete();
      runtime.module.wgpuBufferRelease(pointer);
      gpuBuffer.destroy();
    },
  };
}

/** Copies a buffer from the GPU into memory. */
export async function readGpuBuffer(
  runtime: Runtime,
  buffer: LitertBuffer,
  byteLength: number,
): Promise<ArrayBuffer> {
  const device = runtime.device!;
  const source = runtime.module.WebGPU.getJsObject(buffer.getWebGpuBuffer());
  const size = roundUpTo4(byteLength);
  const staging = device.createBuffer({ size, usage: COPY_DST | MAP_READ });
  try {
    const commands = device.createCommandEncoder();
    commands.copyBufferToBuffer(source, buffer.offset(), staging, 0, size);
    device.queue.submit([commands.finish()]);
    await staging.mapAsync(READ_MODE);
    return staging.getMappedRange().slice(0, byteLength);
  } finally {
    staging.destroy();
  }
}

function roundUpTo4(byteLength: number): number {
  return Math.ceil(byteLength / 4) * 4;
}
