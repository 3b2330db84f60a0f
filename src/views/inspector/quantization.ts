/** Quantization and plain numbers in words. */
import { formatShape } from '../../core/format';
import type { TensorDetails } from '../../core/inspect/types';
import type { ScaleInfo } from '../../core/tensor-data';

/** A number for a table: integers in full, others with four significant digits: `128`, `0.0039`, `−1.5e-7`. */
export function spellNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value).replace('-', '\u2212');
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e12) return String(value).replace('-', '\u2212');
  const text =
    value !== 0 && (size < 1e-4 || size >= 1e7)
      ? value
          .toExponential(2)
          .replace(/\.?0+e/, 'e')
          .replace('e+', 'e')
      : String(Number(value.toPrecision(4)));
  return text.replace(/^-/, '\u2212');
}

/** `0.0021 … 0.0394`, or the one value when all are equal. */
export function spellRange(values: readonly number[]): string {
  if (values.length === 0) return 'none';
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low === high ? spellNumber(low) : `${spellNumber(low)} … ${spellNumber(high)}`;
}

/** `per channel, axis 0` or `per tensor`. */
export function spellScheme({ scale, axis }: ScaleInfo): string {
  return scale.length > 1 ? `per channel, axis ${axis}` : 'per tensor';
}

/** Indexes of element `index` of a row-major tensor: `[0, 2, 1]`. */
export function spellPlace(index: number, shape: readonly number[]): string {
  const place: number[] = [];
  let rest = index;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = Math.max(1, shape[axis]!);
    place.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return `[${place.join(', ')}]`;
}

/** A shape as the graph shows it, and the sizes in the file where some are free: `?×28×28×1 (1×28×28×1 in the file)`. */
export function spellShapes({
  shape,
  shapeText,
  shapeSignature,
}: Pick<TensorDetails, 'shape' | 'shapeText' | 'shapeSignature'>): string {
  const isFree = shapeSignature?.some((size) => size < 0) ?? false;
  return isFree ? `${shapeText} (${formatShape(shape)} in the file)` : shapeText;
}
