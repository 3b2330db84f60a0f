/** Quantized tensors. */
import type { Tensor } from '../model/types';

const INTEGERS: ReadonlySet<string> = new Set(['INT8', 'UINT8', 'INT16']);

/** Whether the tensor holds integers of 8 or 16 bits that stand for real numbers by one scale or one per channel. */
export function isQuantized({ type, quantization }: Tensor): boolean {
  return INTEGERS.has(type) && (quantization?.scale?.length ?? 0) > 0;
}
