/** Keyboard shortcuts of the page. Keys without Ctrl or Alt are left to whatever field has the focus. */
export interface Shortcut {
  readonly key: string;
  readonly ctrl?: boolean;
  readonly alt?: boolean;
  /** Left out: with Shift or without it. */
  readonly shift?: boolean;
  readonly run: () => void;
}

/** True where a plain key belongs to the element: text is typed, a list is opened, a menu is walked. */
function takesKeys(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest('input, textarea, select, dialog, [contenteditable], [role=menu], [popover]') !== null
  );
}

/** Runs the shortcut that a key press means, if there is one. */
export function pressed(event: KeyboardEvent, shortcuts: readonly Shortcut[]): void {
  if (event.defaultPrevented) return;
  // Escape belongs to the sheet or dialog that lies above the page.
  if (event.key === 'Escape' && document.querySelector(':popover-open, dialog[open]')) return;
  const hasControl = event.ctrlKey || event.metaKey;
  const match = shortcuts.find(
    ({ key, ctrl = false, alt = false, shift = event.shiftKey }) =>
      key.toLowerCase() === event.key.toLowerCase() &&
      ctrl === hasControl &&
      alt === event.altKey &&
      shift === event.shiftKey,
  );
  if (!match || (!hasControl && !event.altKey && takesKeys(event.target))) return;
  event.preventDefault();
  match.run();
}
