/** Where the focus goes when what had it goes. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Screen, Workbench } from '../../src/state/workbench.svelte';
import {
  catchFocus,
  closeModel,
  enterInspector,
  focusGraph,
  leaveInspector,
  noteFocus,
  showScreen,
} from '../../src/views/shell/focus';

/** A page of screens and models without what they show. */
function makePage(screen: Screen, models: string[]) {
  const shown = { screen, models };
  const draw = () => {
    const isGraph = shown.screen === 'graph';
    document.body.innerHTML =
      shown.models.length === 0
        ? '<main aria-label="Start"><button>Open</button></main>'
        : `${shown.models.map((id) => `<button data-model="${id}">${id}</button>`).join('')}
           <main id="screen" tabindex="-1">${isGraph ? '<canvas role="application" tabindex="0"></canvas>' : ''}</main>
           ${isGraph ? '<div id="right-panel"><button>Copy</button></div>' : ''}`;
  };
  const workbench = {
    get screen() {
      return shown.screen;
    },
    workspace: {
      get isEmpty() {
        return shown.models.length === 0;
      },
    },
    show: (wanted: Screen) => {
      shown.screen = wanted;
      draw();
    },
    closeModel: (id: string) => {
      shown.models = shown.models.filter((one) => one !== id);
      draw();
    },
  } as unknown as Workbench;
  draw();
  return { workbench, draw };
}
const focusedId = () => document.activeElement?.id;
const focusedText = () => document.activeElement?.textContent;
const canvas = () => document.querySelector('canvas')!;

beforeEach(() => addEventListener('focusin', noteFocus));
afterEach(() => {
  removeEventListener('focusin', noteFocus);
  document.body.replaceChildren();
});

describe('the focus', () => {
  it('goes to the screen that is shown, and to the picture of the graph', async () => {
    const { workbench } = makePage('graph', ['a']);
    canvas().focus();
    showScreen(workbench, 'errors');
    await expect.poll(focusedId).toBe('screen');
    showScreen(workbench, 'graph');
    await expect.poll(() => document.activeElement).toBe(canvas());
  });

  it('waits for a picture that is about to be drawn, and goes nowhere when the user goes elsewhere', async () => {
    makePage('compare', ['a']);
    const screen = document.getElementById('screen')!;
    focusGraph();
    await new Promise((resolve) => setTimeout(resolve, 60));
    screen.innerHTML = '<canvas role="application" tabindex="0"></canvas>';
    await expect.poll(() => document.activeElement).toBe(canvas());
    screen.replaceChildren();
    focusGraph();
    await new Promise((resolve) => setTimeout(resolve, 60));
    const card = document.querySelector<HTMLElement>('[data-model]')!;
    card.focus();
    screen.innerHTML = '<canvas role="application" tabindex="0"></canvas>';
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(document.activeElement).toBe(card);
  });

  it('goes to the picture of the active model, of two side by side', async () => {
    document.body.innerHTML = `<div class="pane before"><canvas role="application" tabindex="0" id="left"></canvas></div>
      <div class="pane after active"><canvas role="application" tabindex="0" id="right"></canvas></div>`;
    focusGraph();
    await expect.poll(focusedId).toBe('right');
  });

  it('goes to the card in the place of a model that was closed, and to the start screen behind the last', async () => {
    const { workbench } = makePage('graph', ['a', 'b', 'c']);
    await closeModel(workbench, 'b');
    expect(focusedText()).toBe('c');
    await closeModel(workbench, 'c');
    expect(focusedText()).toBe('a');
    await closeModel(workbench, 'a');
    await expect.poll(focusedText).toBe('Open');
  });

  it('stays in the list of operators when that is drawn anew', async () => {
    const { workbench } = makePage('graph', ['a']);
    const list = document.createElement('div');
    list.id = 'operator-list';
    list.innerHTML = '<button>Outline</button><div role="tree" tabindex="0"></div>';
    document.body.append(list);
    list.querySelector<HTMLElement>('[role=tree]')!.focus();
    const stop = catchFocus(workbench);
    list.innerHTML = '<button>Outline</button>';
    await new Promise((resolve) => setTimeout(resolve, 60));
    list.innerHTML = '<button>Outline</button><div role="region" tabindex="0">table</div>';
    await expect.poll(focusedText).toBe('table');
    stop();
  });

  it('is caught where what had it goes, and stays in the inspector if it was there', async () => {
    const { workbench, draw } = makePage('graph', ['a']);
    canvas().focus();
    let stop = catchFocus(workbench);
    draw();
    expect(document.activeElement).toBe(document.body);
    await expect.poll(() => document.activeElement).toBe(canvas());
    stop();
    enterInspector();
    await expect.poll(focusedText).toBe('Copy');
    stop = catchFocus(workbench);
    draw();
    await expect.poll(focusedText).toBe('Copy');
    stop();
    expect(leaveInspector()).toBe(true);
    await expect.poll(() => document.activeElement).toBe(canvas());
    expect(leaveInspector()).toBe(false);
  });
});
