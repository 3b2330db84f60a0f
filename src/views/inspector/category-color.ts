/** The colours of operator categories, as in the graph. */
import type { Category } from '../../core/ops/spec';
import { categoryVariables } from '../graph/theme';

/** The CSS colour of a category. */
export function categoryColor(category: Category): string {
  return `var(${categoryVariables[category]})`;
}
