/** Where the user is: the address, links, bookmarks and the way back, with the real workbench and stand-ins for workers.
 * One file, because all of these lead to the same places and share the stand-ins. */
import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ModelSummary } from '../../src/core/inspect/types';
import { copyLink, currentLink, keepAddress } from '../../src/state/address.svelte';
import { bookmarkPlace } from '../../src/state/bookmarking';
import { type Bookmark, Bookmarks, longestBookmarkName } from '../../src/state/bookmarks.svelte';
import { Commands } from '../../src/state/commands.svelte';
import type { Selection, Spot } from '../../src/state/history.svelte';
import { OpenModel, Variant } from '../../src/state/models.svelte';
import type { Services } from '../../src/state/services';
import type { WorkspaceStorage } from '../../src/state/storage';
import { Workbench } from '../../src/state/workbench.svelte';
import { Workspace } from '../../src/state/workspace.svelte';

const operator = (index: number): Selection => ({ kind: 'operator', index });
const tensor = (index: number): Selection => ({ kind: 'tensor', index });

const undo: (() => void)[] = [];
let kept: Map<string, Bookmark>;
let workbench: Workbench;
beforeEach(() => {
  history.replaceState(history.state, '', location.pathname + location.search);
  kept = new Map();
  const done = () => Promise.resolve();
  const storage = {
    ...{ keepModel: done, keepDataset: done, keepComparison: done, clear: done },
    keepBookmark: (bookmark: Bookmark) => Promise.resolve(void kept.set(bookmark.id, bookmark)),
    forget: (_: string, id: string) => Promise.resolve(void kept.delete(id)),
  };
  workbench = new Workbench(
    { parse: { close: done } } as unknown as Services,
    new Workspace(storage as unknown as WorkspaceStorage),
  );
});
afterEach(() => {
  for (const action of undo.splice(0)) action();
  vi.restoreAllMocks();
  history.replaceState(history.state, '', location.pathname + location.search);
});

/** A model of two subgraphs, the first of nine operators and twelve tensors, the second of one each. */
function summaryOf(name: string): ModelSummary {
  const subgraphs = [
    { name: 'main', operatorCount: 9, tensorCount: 12, inputs: [], outputs: [] },
    { name: '', operatorCount: 1, tensorCount: 1, inputs: [], outputs: [] },
  ];
  return { name, subgraphs } as unknown as ModelSummary;
}

function open(name: string, id = name): OpenModel {
  const model = new OpenModel(id, name, new Blob(), summaryOf(name));
  workbench.workspace.addModel(model);
  workbench.activate(id);
  flushSync();
  return model;
}

function openVariant(name: string, originalId: string): Variant {
  const made = { originalId, asked: { name, version: 1, steps: [] }, reports: [], mapping: [] };
  const model = new Variant(name, name, new Blob(), summaryOf(name), made as unknown as Variant);
  workbench.workspace.addModel(model);
  workbench.activate(name);
  return model;
}

function keep(): void {
  undo.push($effect.root(() => keepAddress(workbench)));
  flushSync();
}

/** Follows a link as the browser does when it is typed into the address, and waits until the page has seen it. */
async function follow(hash: string): Promise<void> {
  if (location.hash === hash) return;
  const changed = new Promise((resolve) => addEventListener('hashchange', resolve, { once: true }));
  location.hash = hash;
  await changed;
  flushSync();
}

const go = (spot: Spot) => {
  workbench.goTo(spot);
  flushSync();
};
const titles = () => workbench.notices.messages.map(({ title }) => title);
const details = () => workbench.notices.messages.map(({ detail }) => detail ?? '').join('\n');

describe('the address', () => {
  const names = [
    'digits.tflite',
    'models/face/detector.tflite',
    'my model (2) final.tflite',
    '100 % pruned.tflite',
    '%2F%20%.tflite',
    'a#b?c&d=e.tflite',
    'Ziffern größer ß.tflite',
    '数字認識モデル.tflite',
    'نموذج.tflite',
    'हिन्दी.tflite',
    '🧑‍🔬 lab.tflite',
    `it's "quoted" <b>.tflite`,
    '.tflite',
    '...tflite',
    'half \ud800.tflite',
    'dynamic-range',
  ];

  it('leads back to the place in a model of any name', async () => {
    for (const name of names) open(name);
    keep();
    const places: Omit<Spot, 'modelId'>[] = [
      { subgraph: 0, selection: operator(8) },
      { subgraph: 0, selection: tensor(11) },
      { subgraph: 1, selection: operator(0) },
      { subgraph: 1, selection: null },
    ];
    for (const [i, modelId] of names.entries()) {
      const place = places[i % places.length]!;
      go({ modelId, ...place });
      const link = location.hash;
      expect(link, modelId).toBe(currentLink(workbench));
      go({ modelId: names[(i + 1) % names.length]!, subgraph: 0, selection: null });
      expect(location.hash).not.toBe(link);
      await follow(link);
      expect(workbench.history.place, modelId).toMatchObject({ modelId, ...place });
      expect(location.hash).toBe(link);
    }
    expect(titles()).toEqual([]);
  });

  it('tells models apart whose names or titles are alike', async () => {
    const alike = ['a.tflite', 'a.bin', 'a.bin.tflite', 'a', 'a.tflite 2', 'a.lite'];
    for (const name of alike) open(name);
    keep();
    const links = alike.map((modelId) => {
      go({ modelId, subgraph: 0, selection: operator(3) });
      return location.hash;
    });
    expect(new Set(links).size).toBe(alike.length);
    for (const [i, link] of links.entries()) {
      await follow(link);
      expect(workbench.active?.name).toBe(alike[i]);
    }
  });

  it('follows a link that is there at the start, and names written as they are', async () => {
    history.replaceState(history.state, '', '#/digits/0/tensor/4');
    open('other.tflite');
    open('digits.tflite');
    workbench.activate('other.tflite');
    keep();
    expect(workbench.history.place).toMatchObject({ modelId: 'digits.tflite', selection: tensor(4) });
    open('数字 1.tflite');
    go({ modelId: 'digits.tflite', subgraph: 0, selection: null });
    await follow('#/数字 1/0/operator/2');
    expect(workbench.history.place).toMatchObject({ modelId: '数字 1.tflite', selection: operator(2) });
  });

  it('of a broken link is put back, and told', async () => {
    open('digits.tflite');
    keep();
    go({ modelId: 'digits.tflite', subgraph: 0, selection: operator(3) });
    const before = location.hash;
    const broken = [
      '#/digits/0/operator/3.',
      '#/digits/0/operatr/3',
      '#/digits/0/operator/',
      '#/digits/-1',
      '#/digits/0/tensor/99999999999999999999',
      '#/100%/0',
      '#/models/face/0',
      `#/${'long'.repeat(5000)}/x`,
    ];
    for (const hash of broken) {
      await follow(hash);
      expect(location.hash, hash).toBe(before);
      expect(titles(), hash).toEqual(['The link cannot be read.']);
      expect(details().length).toBeLessThan(250);
      expect(workbench.selection).toEqual(operator(3));
      workbench.notices.dismiss(workbench.notices.messages[0]!.id);
    }
  });

  it('that is broken at the start is told as well, and taken away', () => {
    history.replaceState(history.state, '', '#/digits/zero');
    keep();
    expect(titles()).toEqual(['The link cannot be read.']);
    expect(location.hash).toBe('');
  });

  it('leaves alone what is no link to a model', async () => {
    open('digits.tflite');
    keep();
    for (const hash of ['#/gallery', '#screen', '#/']) {
      await follow(hash);
      expect(location.hash).toBe(hash);
    }
    expect(titles()).toEqual([]);
  });

  it('waits for a model that is not open, tells once, and follows when it is opened', async () => {
    open('other.tflite');
    keep();
    await follow('#/digits/0/operator/7');
    expect(titles()).toEqual(['digits is not open.']);
    expect(workbench.active?.name).toBe('other.tflite');
    expect(location.hash).toBe('#/digits/0/operator/7');
    workbench.notices.dismiss(workbench.notices.messages[0]!.id);
    workbench.select(operator(1));
    flushSync();
    expect(titles()).toEqual([]);
    expect(location.hash).toBe('#/other/0/operator/1');
    open('digits.tflite');
    expect(workbench.history.place).toMatchObject({ modelId: 'digits.tflite', selection: operator(7) });
    expect(location.hash).toBe('#/digits/0/operator/7');
  });

  it('takes back that a model is not open when it is opened, or another link is followed', async () => {
    open('other.tflite');
    keep();
    await follow('#/digits/0/operator/7');
    await follow('#/letters/0');
    expect(titles()).toEqual(['letters is not open.']);
    open('letters.tflite');
    expect(titles()).toEqual([]);
    expect(workbench.active?.name).toBe('letters.tflite');
  });

  it('that says nothing is told once, and put back', async () => {
    open('digits.tflite');
    keep();
    await follow('#/nonsense');
    expect(titles()).toEqual(['The link cannot be read.']);
    expect(location.hash).toBe('#/digits/0');
    workbench.select(operator(1));
    flushSync();
    expect(titles()).toEqual(['The link cannot be read.']);
  });

  it('is not told to be of a closed model while the last visit is being brought back', () => {
    history.replaceState(history.state, '', '#/digits/0/operator/7');
    workbench.workspace.expect(null);
    keep();
    workbench.workspace.expect(['digits.tflite']);
    flushSync();
    expect(titles()).toEqual([]);
    open('digits.tflite');
    workbench.workspace.expect([]);
    flushSync();
    expect(titles()).toEqual([]);
    expect(workbench.selection).toEqual(operator(7));
  });

  it.each([
    ['#/digits/0/operator/9', 'It asks for operator 9; digits has 9 operators.'],
    ['#/digits/0/tensor/12', 'It asks for tensor 12; digits has 12 tensors.'],
    ['#/digits/1/operator/1', 'It asks for operator 1; digits has 1 operator.'],
    ['#/digits/2', 'It asks for subgraph 2; digits has 2.'],
    ['#/digits/2/operator/0', 'It asks for subgraph 2; digits has 2.'],
  ])('tells that %s leads nowhere, and shows the model', async (link, words) => {
    open('digits.tflite');
    open('other.tflite');
    keep();
    await follow(link);
    expect(titles()).toEqual(['The link leads to nothing here.']);
    expect(details()).toContain(words);
    expect(workbench.history.place).toMatchObject({
      ...{ modelId: 'digits.tflite', subgraph: 0, selection: null },
    });
    expect(location.hash).toBe('#/digits/0');
  });

  it('goes when the last model is closed, so that a reload asks for nothing', () => {
    open('digits.tflite');
    keep();
    workbench.select(operator(3));
    flushSync();
    expect(location.hash).toBe('#/digits/0/operator/3');
    workbench.closeModel('digits.tflite');
    flushSync();
    expect(location.hash).toBe('');
    open('digits.tflite', 'again');
    expect(location.hash).toBe('#/digits/0');
    workbench.closeAll();
    flushSync();
    expect(location.hash).toBe('');
  });

  it('is copied whole, or told where the browser does not allow that', async () => {
    open('数字 1.tflite');
    workbench.select(tensor(4));
    const write = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValueOnce();
    await copyLink(workbench);
    const link = write.mock.calls[0]![0];
    expect(new URL(link).hash).toBe(currentLink(workbench));
    expect(workbench.notices.announcement).toContain('Copied the link.');
    write.mockRejectedValueOnce(new DOMException('no', 'NotAllowedError'));
    await copyLink(workbench);
    expect(titles()).toEqual(['The browser did not allow copying.']);
    expect(details()).toContain(link);
    workbench.closeAll();
    await copyLink(workbench);
    expect(write).toHaveBeenCalledTimes(2);
  });
});

describe('the way back', () => {
  const visit = (modelId: string, index: number) =>
    workbench.goTo({ modelId, subgraph: 0, selection: operator(index) });
  const place = () => `${workbench.active?.name} ${workbench.selection?.index ?? '-'}`;
  /** All places from the first to the last, as going forward shows them. */
  function walked(): string[] {
    while (workbench.history.canGoBack) workbench.goBack();
    const found = [place()];
    while (workbench.history.canGoForward) {
      workbench.goForward();
      found.push(place());
    }
    return found;
  }

  it('leads past a model that was removed, back and forth', () => {
    open('a');
    open('b');
    for (const text of ['a 1', 'b 1', 'a 2', 'b 2', 'a 3']) visit(text[0]!, Number(text[2]));
    workbench.closeModel('b');
    expect(place()).toBe('a 3');
    workbench.goBack();
    expect(place()).toBe('a 2');
    workbench.goBack();
    expect(place()).toBe('a 1');
    expect(walked()).toEqual(['a -', 'a 1', 'a 2', 'a 3']);
  });

  it('stands on the place before the one that was removed, or on the one after', () => {
    open('a');
    open('b');
    visit('b', 5);
    workbench.closeModel('b');
    expect(place()).toBe('a -');
    open('c');
    visit('c', 1);
    while (workbench.history.canGoBack) workbench.goBack();
    workbench.closeModel('a');
    expect(place()).toBe('c -');
    expect(walked()).toEqual(['c -', 'c 1']);
  });

  it('leads past variants that went with their original', () => {
    open('a');
    open('b');
    openVariant('b int8', 'b');
    visit('b int8', 2);
    visit('a', 1);
    visit('b int8', 3);
    workbench.closeModel('b');
    expect(place()).toBe('a 1');
    expect(walked()).toEqual(['a -', 'a 1']);
    expect(workbench.workspace.models.map(({ name }) => name)).toEqual(['a']);
  });

  it('shows a model that is left though it was never visited', () => {
    const first = new OpenModel('first', 'first', new Blob(), summaryOf('first'));
    workbench.workspace.addModel(first);
    open('second');
    workbench.closeModel('second');
    expect(workbench.active).toBe(first);
    expect(workbench.selection).toBeNull();
    workbench.select(operator(2));
    expect(workbench.history.place).toMatchObject({ modelId: 'first', selection: operator(2) });
  });

  it('does not lead to places in models that are not open', () => {
    open('a');
    visit('gone', 1);
    expect(place()).toBe('a -');
    expect(workbench.history.canGoBack).toBe(false);
  });
});

describe('a model that is shown again', () => {
  it('has what was selected in it, and is shown as a whole when it is chosen once more', () => {
    open('a');
    go({ modelId: 'a', subgraph: 1, selection: operator(0) });
    open('b');
    go({ modelId: 'b', subgraph: 0, selection: tensor(4) });
    workbench.activate('a');
    expect(workbench.history.place).toMatchObject({ modelId: 'a', subgraph: 1, selection: operator(0) });
    workbench.activate('b');
    expect(workbench.history.place).toMatchObject({ modelId: 'b', subgraph: 0, selection: tensor(4) });
    workbench.activate('b');
    expect(workbench.selection).toBeNull();
    workbench.activate('a');
    workbench.activate('b');
    expect(workbench.selection).toBeNull();
  });
});

describe('bookmarking', () => {
  const parse = {
    operator: (_: string, __: number, index: number) => Promise.resolve({ kind: 'CONV_2D', index }),
    tensor: (_: string, __: number, index: number) =>
      Promise.resolve({ name: ['weights', '', '  ', `${'x'.repeat(longestBookmarkName - 1)}🧑`][index]! }),
  } as unknown as Parameters<typeof bookmarkPlace>[1];
  const names = () => workbench.workspace.bookmarks.list.map(({ name }) => name);
  const bookmarkAt = async (selection: Selection, subgraph = 0) => {
    workbench.goTo({ modelId: workbench.active!.id, subgraph, selection });
    await bookmarkPlace(workbench, parse);
  };

  it('names a place by what is selected', async () => {
    open('digits.tflite');
    await bookmarkAt(operator(3));
    await bookmarkAt(tensor(0));
    await bookmarkAt(tensor(1));
    await bookmarkAt(tensor(2));
    await bookmarkAt(null);
    await bookmarkAt(null, 1);
    expect(names()).toEqual([
      'CONV_2D 3',
      'weights',
      'tensor 1',
      'tensor 2',
      'digits',
      'digits / subgraph 1',
    ]);
    expect([...kept.values()]).toEqual(workbench.workspace.bookmarks.list);
    expect(workbench.notices.announcement).toContain('Bookmarked digits / subgraph 1.');
  });

  it('cuts long names between characters', async () => {
    open('digits.tflite');
    await bookmarkAt(tensor(3));
    expect(names()).toEqual(['x'.repeat(longestBookmarkName - 1)]);
    const { bookmarks } = workbench.workspace;
    bookmarks.rename(bookmarks.list[0]!.id, '🧑'.repeat(60));
    expect(names()[0]!.isWellFormed()).toBe(true);
    expect(names()[0]!.length).toBeLessThanOrEqual(longestBookmarkName);
  });

  it('tells of one that is there, and adds none', async () => {
    open('digits.tflite');
    await bookmarkAt(operator(3));
    await bookmarkAt(operator(3));
    expect(names()).toEqual(['CONV_2D 3']);
    expect(workbench.notices.announcement).toContain('CONV_2D 3 is bookmarked already.');
    await Promise.all([bookmarkAt(operator(4)), bookmarkAt(operator(4))]);
    expect(names()).toEqual(['CONV_2D 3', 'CONV_2D 4']);
  });

  it('does nothing while no model is open, and tells when it fails', async () => {
    await bookmarkPlace(workbench, parse);
    expect(names()).toEqual([]);
    open('digits.tflite');
    workbench.select(operator(3));
    const failing = { ...parse, operator: () => Promise.reject(new Error('The worker is gone.')) };
    await bookmarkPlace(workbench, failing);
    expect(names()).toEqual([]);
    expect(titles()).toEqual(['The place was not bookmarked.']);
  });

  it.each(['answers', 'fails'] as const)(
    'forgets a model that is closed before its name %s to come',
    async (how) => {
      open('digits.tflite');
      workbench.select(operator(3));
      const answer = Promise.withResolvers<never>();
      const late = { ...parse, operator: () => answer.promise };
      const work = bookmarkPlace(workbench, late);
      workbench.closeModel('digits.tflite');
      if (how === 'answers') answer.resolve({ kind: 'CONV_2D' } as never);
      else answer.reject(new Error('No such model.'));
      await work;
      expect(names()).toEqual([]);
      expect(kept.size).toBe(0);
      expect(titles()).toEqual([]);
    },
  );

  it('forgets the bookmarks of a removed model and of its variants, on the disk as well', async () => {
    open('a');
    await bookmarkAt(operator(1));
    open('b');
    await bookmarkAt(operator(2));
    openVariant('b int8', 'b');
    await bookmarkAt(operator(3));
    const gone = workbench.workspace.bookmarks.list[1]!;
    workbench.closeModel('b');
    expect(names()).toEqual(['CONV_2D 1']);
    expect(Array.from(kept.values(), ({ name }) => name)).toEqual(['CONV_2D 1']);
    // One that somebody still holds leads nowhere.
    const before = workbench.history.place;
    workbench.goTo(gone, 'graph');
    expect(workbench.history.place).toEqual(before);
  });

  it('tells that bookmarks go with the model that they are in', async () => {
    open('a.tflite');
    open('b.tflite');
    await bookmarkAt(operator(1));
    openVariant('b int8', 'b.tflite');
    await bookmarkAt(operator(3));
    expect(workbench.workspace.bookmarksIn('b.tflite')).toHaveLength(2);
    workbench.closeModel('a.tflite');
    expect(titles()).toEqual([]);
    workbench.closeModel('b.tflite');
    expect(titles()).toEqual(['b was closed.']);
    expect(details()).toContain('2 bookmarks in it went with it.');
  });

  it('keeps one bookmark of a place that got one before those of the last visit came', () => {
    const stored: Bookmark = {
      ...{ id: 'old', order: 1, name: 'stem', modelId: 'a', subgraph: 0, selection: operator(1) },
    };
    const other = { ...stored, id: 'other', selection: operator(2), name: 'other' };
    const forgotten: string[] = [];
    const bookmarks = new Bookmarks({
      keepBookmark: () => Promise.resolve(),
      forget: (_, id) => Promise.resolve(void forgotten.push(id)),
    });
    bookmarks.add(stored, 'new');
    bookmarks.restore([stored, other], () => true);
    expect(bookmarks.list.map(({ name }) => name)).toEqual(['other', 'new']);
    expect(forgotten).toEqual(['old']);
  });
});

describe('commands', () => {
  const command = (title: string) => ({ title, group: 'Graph', run: () => undefined });
  const shown = (commands: Commands) => commands.list.map(({ title }) => title);

  it('are listed in the order in which their sources came, and go with them', () => {
    const commands = new Commands();
    const removeFirst = commands.add(() => [command('one'), command('two')]);
    const removeSecond = commands.add(() => [command('three')]);
    expect(shown(commands)).toEqual(['one', 'two', 'three']);
    removeFirst();
    removeFirst();
    expect(shown(commands)).toEqual(['three']);
    removeSecond();
    expect(shown(commands)).toEqual([]);
  });

  it('that are added twice stay until both are taken away', () => {
    const commands = new Commands();
    const source = () => [command('one')];
    const removes = [commands.add(source), commands.add(source)];
    removes[0]!();
    expect(shown(commands)).toEqual(['one']);
    removes[1]!();
    expect(shown(commands)).toEqual([]);
  });

  it('follow what their sources read, and effects that add some do not run again for others', () => {
    const commands = new Commands();
    const state = $state({ word: 'Show' });
    const seen: string[][] = [];
    let added = 0;
    const stop = $effect.root(() => {
      $effect(() => {
        added++;
        return commands.add(() => [command(`${state.word} the outline`)]);
      });
      $effect(() => commands.add(() => [command('Fit')]));
      $effect(() => void seen.push(shown(commands)));
    });
    flushSync();
    expect(seen.at(-1)).toEqual(['Show the outline', 'Fit']);
    state.word = 'Hide';
    flushSync();
    expect(seen.at(-1)).toEqual(['Hide the outline', 'Fit']);
    expect(added).toBe(1);
    stop();
    expect(shown(commands)).toEqual([]);
  });
});
