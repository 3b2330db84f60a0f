/** How long running work will still take, from what it has done so far. */
import type { Progress } from '../../workers/protocol';

/** Too early to tell before this. */
const MIN_ELAPSED_MS = 700;
const MIN_SHARE = 0.02;

/** Share done from 0 to 1, or null when the amount is not known. */
export function shareDone(progress: Progress | null): number | null {
  if (!progress || progress.total <= 0) return null;
  return Math.min(1, Math.max(0, progress.done / progress.total));
}

/** Estimate in ms, assuming that the work goes on at the speed it had so far; null when it cannot be told yet. */
export function estimateLeftMs(elapsedMs: number, progress: Progress | null): number | null {
  const share = shareDone(progress);
  if (share === null || share < MIN_SHARE || elapsedMs < MIN_ELAPSED_MS) return null;
  return (elapsedMs * (1 - share)) / share;
}
