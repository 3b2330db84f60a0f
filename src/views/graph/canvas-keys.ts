/** What a key means on the canvas of a graph. */
import { stepOf, type Step } from './walk';

export type CanvasCommand =
  | { readonly does: 'step'; readonly step: Step }
  | { readonly does: 'zoom'; readonly factor: number }
  | {
      readonly does:
        | 'fit'
        | 'fit selection'
        | 'actual size'
        | 'collapse all'
        | 'expand all'
        | 'turn'
        | 'collapse'
        | 'expand'
        | 'centre or toggle'
        | 'select nothing';
    };

const WITH_SHIFT: Readonly<Record<string, CanvasCommand>> = {
  F: { does: 'fit selection' },
  C: { does: 'collapse all' },
  E: { does: 'expand all' },
};

const PLAIN: Readonly<Record<string, CanvasCommand>> = {
  '1': { does: 'actual size' },
  d: { does: 'turn' },
  '[': { does: 'collapse' },
  ']': { does: 'expand' },
  Enter: { does: 'centre or toggle' },
  '+': { does: 'zoom', factor: 1.25 },
  '=': { does: 'zoom', factor: 1.25 },
  '-': { does: 'zoom', factor: 0.8 },
  '0': { does: 'fit' },
  f: { does: 'fit' },
  Escape: { does: 'select nothing' },
};

/** The command of a key press; null for keys of others, as all with Ctrl, Meta or Alt. */
export function canvasCommand(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>,
  direction: 'down' | 'right',
): CanvasCommand | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const step = stepOf(event.key, direction);
  if (step) return { does: 'step', step };
  const withShift = event.shiftKey ? WITH_SHIFT[event.key.toUpperCase()] : undefined;
  // Capital letters of the caps lock mean the same.
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return withShift ?? PLAIN[key] ?? null;
}
