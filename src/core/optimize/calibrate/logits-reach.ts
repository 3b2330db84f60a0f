/** How much of the logits a SOFTMAX can show. */

/**
 * How far below the greatest of `classes` values others may be cut off: all of them together then add less than half a
 * step, 1/512, to a sum that is at least 1 (e^-reach * classes = e^-8).
 */
export function logitsReach(classes: number, beta: number): number {
  return (8 + Math.log(Math.max(1, classes))) / beta;
}
