/** What a key means on the canvas of a graph. */
import { stepOf, type Step } from './walk';

export type CanvasCommand =
  | { readonly does: 'step'; readonly step: Step }
  | { readonly does: 'zoom'; readonly factor: number }
  /** By parts of the window. */
  | { readonly does: 'pan'; readonly x: number; readonly y: number }
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

/** Part of the window that a key moves it by. */
const PAN = 0.25;

const WITH_SHIFT: Readonly<Record<string, CanvasCommand>> = {
  F: { does: 'fit selection' },
  C: { does: 'collapse all' },
  E: { does: 'expand all' },
  ARROWUP: { does: 'pan', x: 0, y: -PAN },
  ARROWDOWN: { does: 'pan', x: 0, y: PAN },
  ARROWLEFT: { does: 'pan', x: -PAN, y: 0 },
  ARROWRIGHT: { does: 'pan', x: PAN, y: 0 },
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
  const withShift = event.shiftKey ? WITH_SHIFT[event.key.toUpperCase()] : undefined;
  if (withShift) return withShift;
  const step = stepOf(event.key, direction);
  if (step) return { does: 'step', step };
  // Capital letters of the caps lock mean the same.
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return PLAIN[key] ?? null;
}
