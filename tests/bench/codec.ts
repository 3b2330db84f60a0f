/** Reading and writing a model, against a plain copy of its bytes. */
import { readModel } from '../../src/core/model/read';
import { writeModel } from '../../src/core/model/write';
import { type BenchEntry, medianMs } from './entry';

/** `bytes` is a whole `.tflite` file. */
export async function benchCodec(name: string, bytes: Uint8Array): Promise<BenchEntry[]> {
  const { model } = readModel(bytes);
  const copyMs = await medianMs(9, () => bytes.slice());
  const readMs = await medianMs(9, () => readModel(bytes));
  const writeMs = await medianMs(9, () => writeModel(model));
  const megabytes = bytes.length / 1e6;
  const note = (ms: number) =>
    `${megabytes.toFixed(1)} MB in ${ms.toFixed(2)} ms; a copy to fresh memory takes ${copyMs.toFixed(2)} ms`;
  return [
    { name: `read ${name}`, ratio: copyMs / readMs, unit: 'x memory copy throughput', note: note(readMs) },
    { name: `write ${name}`, ratio: copyMs / writeMs, unit: 'x memory copy throughput', note: note(writeMs) },
  ];
}
