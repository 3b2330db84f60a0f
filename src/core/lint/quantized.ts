/** Quantized tensors. */
import { scaleInfo } from '../model/tensors';
import type { Tensor } from '../model/types';
import type { FixedScale } from '../ops';

const INTEGERS: ReadonlySet<string> = new Set(['INT8', 'UINT8', 'INT16']);

/** Whether the tensor holds integers of 8 or 16 bits that stand for real numbers by one scale or one per channel. */
export function isQuantized({ type, quantization }: Tensor): boolean {
  return INTEGERS.has(type) && (quantization?.scale?.length ?? 0) > 0;
}

/** The one scale of a quantized tensor. */
export interface Scale extends FixedScale {
  readonly type: string;
}

/** The scale of a tensor; null for one that has none, or one for each channel. */
export function scaleOf(tensor: Tensor | undefined): Scale | null {
  const info = tensor && isQuantized(tensor) ? scaleInfo(tensor) : null;
  if (!tensor || info?.scale.length !== 1) return null;
  return { scale: info.scale[0]!, zeroPoint: info.zeroPoint[0]!, type: tensor.type };
}
