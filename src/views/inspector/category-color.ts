/** Colours of operator categories, as in the graph. */
import type { Category } from '../../core/ops/spec';

const variables: Readonly<Record<Category, string>> = {
  convolution: '--conv',
  dense: '--fc',
  activation: '--act',
  pooling: '--pool',
  arithmetic: '--arith',
  shape: '--shape',
  normalization: '--norm',
  quantization: '--quant',
  recurrent: '--fc',
  control: '--other',
  other: '--other',
};

/** The CSS colour of a category. */
export function categoryColor(category: Category): string {
  return `var(${variables[category]})`;
}
