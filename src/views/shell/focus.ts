/** The way of the focus between the graph or its lists and the inspector. */

const focusable = 'button:not(:disabled), a[href], input, select, [tabindex="0"]';
/** Frames that are waited for something that is about to be drawn. */
const patience = 60;

/** What had the focus before the inspector got it. */
let origin: HTMLElement | null = null;

/** Focuses what `find` gives as soon as it is there. */
function focusSoon(find: () => HTMLElement | null | undefined, framesLeft = patience): void {
  const element = find();
  if (element) element.focus({ preventScroll: true });
  else if (framesLeft > 0) requestAnimationFrame(() => focusSoon(find, framesLeft - 1));
}

/** Moves the focus to the picture of the graph. */
export function focusGraph(): void {
  focusSoon(() => document.querySelector<HTMLElement>('canvas[role=application]'));
}

/** Moves the focus into the inspector; `leaveInspector` brings it back. */
export function enterInspector(): void {
  const panel = () => document.getElementById('right-panel');
  if (document.activeElement instanceof HTMLElement && !panel()?.contains(document.activeElement)) {
    origin = document.activeElement;
  }
  focusSoon(() => panel()?.querySelector<HTMLElement>(focusable));
}

/** Moves the focus from the inspector to where it came from; false where it is not in the inspector. */
export function leaveInspector(): boolean {
  const panel = document.getElementById('right-panel');
  if (!panel?.contains(document.activeElement)) return false;
  if (origin?.isConnected) origin.focus({ preventScroll: true });
  else focusGraph();
  origin = null;
  return true;
}
