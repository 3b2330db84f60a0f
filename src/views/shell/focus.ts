/** Where the focus goes when what had it goes: to the screen that is shown, to the inspector and back, along the models. */
import { tick } from 'svelte';
import type { Screen, Workbench } from '../../state/workbench.svelte';

const focusable = 'button:not(:disabled), a[href], input, select, [tabindex="0"]';
/** Frames that are waited for something that is about to be drawn. */
const patience = 60;

/** What had the focus before the inspector got it. */
let origin: HTMLElement | null = null;
/** Counts what was waited for: only the last is waited for still. */
let asked = 0;
/** The part of the page that had the focus last, of those that keep it when what had it is replaced; null for others. */
let lastPart: 'inspector' | 'list' | null = null;
/** Whether anything had the focus since the page was loaded. */
let hadFocus = false;

const inspectorPanel = () => document.getElementById('right-panel');
const operatorList = () => document.getElementById('operator-list');
const screenPanel = () => document.getElementById('screen');
const startButton = () => document.querySelector<HTMLElement>('main[aria-label=Start] button');
const inInspector = () => inspectorPanel()?.querySelector<HTMLElement>(focusable);
const inList = () => operatorList()?.querySelector<HTMLElement>('[role=tree], [role=region][tabindex="0"]');

/** The picture of the graph; of two side by side that of the active model. */
function graphPicture(): HTMLElement | undefined {
  const pictures = [...document.querySelectorAll<HTMLElement>('canvas[role=application]')];
  return pictures.find((picture) => picture.closest('.pane.active')) ?? pictures[0];
}

/** Focuses what `find` gives as soon as it is there, unless the user goes elsewhere meanwhile; after a while `instead`. */
function focusSoon(
  find: () => HTMLElement | null | undefined,
  instead: () => HTMLElement | null | undefined = () => null,
): void {
  const own = ++asked;
  // What is in the document until then may be about to go.
  void tick().then(() => {
    const before = document.activeElement;
    const look = (framesLeft: number): void => {
      const now = document.activeElement;
      if (own !== asked || (now !== before && now !== document.body)) return;
      const element = find() ?? (framesLeft === 0 ? instead() : null);
      if (element) element.focus({ preventScroll: true });
      else if (framesLeft > 0) requestAnimationFrame(() => look(framesLeft - 1));
    };
    look(patience);
  });
}

/** Moves the focus to the picture of the graph, or to the screen where there is none to draw. */
export function focusGraph(): void {
  focusSoon(graphPicture, screenPanel);
}

/** Moves the focus to the list of operators beside the picture. */
export function focusList(): void {
  focusSoon(inList, graphPicture);
}

/** Moves the focus to what is shown: the picture of the graph, another screen, or what the start screen offers first. */
export function focusScreen({ screen, workspace }: Pick<Workbench, 'screen' | 'workspace'>): void {
  if (workspace.isEmpty) focusSoon(startButton);
  else if (screen === 'graph') focusGraph();
  else focusSoon(screenPanel);
}

/** Shows a screen and moves the focus there. */
export function showScreen(workbench: Workbench, screen: Screen): void {
  workbench.show(screen);
  focusScreen(workbench);
}

/** Goes back or forward; where that leads to another screen the focus goes there. */
export function travel(workbench: Workbench, way: 'back' | 'forward'): void {
  const { screen } = workbench;
  if (way === 'back') workbench.goBack();
  else workbench.goForward();
  if (workbench.screen !== screen) focusScreen(workbench);
}

/** Closes a model; the focus goes to the card that takes its place in the list of models, or to what is shown instead. */
export async function closeModel(workbench: Workbench, id: string): Promise<void> {
  const cards = () => [...document.querySelectorAll<HTMLElement>('[data-model]')];
  const at = cards().findIndex(({ dataset }) => dataset.model === id);
  workbench.closeModel(id);
  await tick();
  const left = cards();
  const next = left[Math.min(at, left.length - 1)];
  if (at !== -1 && next) next.focus();
  else focusScreen(workbench);
}

/** Notes what has the focus now. */
export function noteFocus(): void {
  const { activeElement } = document;
  hadFocus = true;
  if (inspectorPanel()?.contains(activeElement)) lastPart = 'inspector';
  else lastPart = operatorList()?.contains(activeElement) ? 'list' : null;
}

/**
 * Watches for a while whether what has the focus goes: then it moves on to what is shown, or stays in the inspector or the
 * list of operators if it was there. A page that was only loaded shows no focus: the screen has it unseen. To be called whenever something else is shown; the function that is returned ends the watch.
 */
export function catchFocus(workbench: Pick<Workbench, 'screen' | 'workspace'>): () => void {
  let framesLeft = patience;
  let frame = 0;
  const look = (): void => {
    if (document.activeElement === document.body && !document.querySelector(':popover-open')) {
      if (!hadFocus) screenPanel()?.focus({ preventScroll: true });
      else if (lastPart === 'inspector' && inInspector()) focusSoon(inInspector);
      else if (lastPart === 'list' && operatorList()) focusList();
      else focusScreen(workbench);
    } else if (framesLeft-- > 0) frame = requestAnimationFrame(look);
  };
  frame = requestAnimationFrame(look);
  return () => cancelAnimationFrame(frame);
}

/** Moves the focus into the inspector; `leaveInspector` brings it back. */
export function enterInspector(): void {
  if (document.activeElement instanceof HTMLElement && !inspectorPanel()?.contains(document.activeElement)) {
    origin = document.activeElement;
  }
  focusSoon(inInspector);
}

/** Moves the focus from the inspector to where it came from; false where it is not in the inspector. */
export function leaveInspector(): boolean {
  if (!inspectorPanel()?.contains(document.activeElement)) return false;
  if (origin?.isConnected) origin.focus({ preventScroll: true });
  else focusGraph();
  origin = null;
  return true;
}
