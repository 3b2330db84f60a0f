/** The list of shortcuts against the keys that are handled. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { canvasCommand } from '../../../src/views/graph/canvas-keys';
import { keyGroups, type Press, pressesOf } from '../../../src/views/shell/keys-list';

const listed = (title: string): Press[] =>
  keyGroups.find((group) => group.title === title)!.rows.flatMap(pressesOf);
const textOf = ({ key, ctrl, alt, shift }: Press) =>
  [ctrl ? 'Ctrl' : '', alt ? 'Alt' : '', shift ? 'Shift' : '', key].filter((part) => part !== '').join(' ');
const source = (path: string) => readFileSync(new URL(`../../../src/views/${path}`, import.meta.url), 'utf8');

/** Entries `{ key: 'p', ctrl: true, shift: true, run` of the shortcuts in a source file. */
function handledIn(path: string): string[] {
  const entries = source(path).matchAll(
    /\{\s*key: '([^']+)',\s*((?:(?:ctrl|alt|shift): (?:true|false),\s*)*)run\b/g,
  );
  return Array.from(entries, ([, key = '', modifiers = '']) =>
    textOf({
      key: key.length === 1 ? key.toLowerCase() : key,
      ctrl: modifiers.includes('ctrl: true'),
      alt: modifiers.includes('alt: true'),
      shift: modifiers.includes('shift: true'),
    }),
  );
}

describe('the list of shortcuts', () => {
  it('has every key of the page, and no other', () => {
    // Pasting is an event of its own, not a key.
    const shown = listed('Everywhere')
      .map(textOf)
      .filter((text) => text !== 'Ctrl v');
    const handled = handledIn('shell/Page.svelte');
    expect(handled.length).toBeGreaterThan(10);
    expect(shown.sort()).toEqual(handled.sort());
  });
  it('has every key of the graph screen, and no other', () => {
    const handled = [...handledIn('shell/GraphPane.svelte'), ...handledIn('diff/DiffPanes.svelte')];
    expect(listed('Graph screen').map(textOf).sort()).toEqual(handled.sort());
  });
  it('has every key of the picture, and no other', () => {
    const characters = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i));
    const keys = [
      ...characters.filter((key) => key === key.toLowerCase()),
      ...['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'Enter', 'Escape', 'Home', 'End', 'PageUp'],
      ...['PageDown', 'Tab', 'Delete', 'Backspace', 'F1', 'F2'],
    ];
    const commandOf = (key: string, shiftKey: boolean) =>
      canvasCommand({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey }, 'down');
    const handled = keys.flatMap((key) => {
      const plain = commandOf(key, false);
      const shifted = commandOf(key, true);
      const isOther = JSON.stringify(shifted) !== JSON.stringify(plain);
      return [...(plain ? [key] : []), ...(shifted && isOther ? [`Shift ${key}`] : [])];
    });
    const ofView = Array.from(
      source('graph/GraphView.svelte').matchAll(/\bif \(key === '(.)'/g),
      ([, key]) => key!,
    );
    expect(ofView).not.toEqual([]);
    expect(listed('Graph').map(textOf).sort()).toEqual([...handled, ...ofView].sort());
  });
  it('has the keys of the outline', () => {
    const shown = listed('Outline and table').map(textOf);
    const keys = source('graph/Outline.svelte').matchAll(/event\.key === '(Home|End|Enter|\*)'/g);
    for (const [, key] of keys) expect(shown).toContain(key);
  });
});
