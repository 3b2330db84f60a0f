import { beforeEach, describe, expect, it } from 'vitest';
import { type Bookmark, Bookmarks, longestBookmarkName } from '../../../src/state/bookmarks.svelte';
import type { Spot } from '../../../src/state/history.svelte';

const spot = (modelId: string, index: number): Spot => ({
  modelId,
  subgraph: 0,
  selection: { kind: 'operator', index },
});

let kept: Map<string, Bookmark>;
let bookmarks: Bookmarks;
beforeEach(() => {
  kept = new Map();
  bookmarks = new Bookmarks({
    keepBookmark: (bookmark) => Promise.resolve(void kept.set(bookmark.id, bookmark)),
    forget: (_, id) => Promise.resolve(void kept.delete(id)),
  });
});
const names = () => bookmarks.list.map(({ name }) => name);

describe('bookmarks', () => {
  it('are kept as they are listed, one for each place', () => {
    bookmarks.add(spot('a', 1), 'one');
    bookmarks.add(spot('a', 2), 'two');
    bookmarks.add(spot('a', 1), 'again');
    expect(names()).toEqual(['one', 'two']);
    expect([...kept.values()]).toEqual(bookmarks.list);
    expect(bookmarks.at(spot('a', 2))?.name).toBe('two');
    expect(bookmarks.at({ ...spot('a', 2), subgraph: 1 })).toBeNull();
  });
  it('get another name, unless that is empty, and none is too long', () => {
    bookmarks.add(spot('a', 1), 'x'.repeat(200));
    const { id, name } = bookmarks.list[0]!;
    expect(name).toHaveLength(longestBookmarkName);
    bookmarks.rename(id, '  stem ');
    bookmarks.rename(id, '   ');
    bookmarks.rename('unknown', 'other');
    expect(names()).toEqual(['stem']);
    expect(kept.get(id)?.name).toBe('stem');
  });
  it('are forgotten when they are removed or their model is closed', () => {
    bookmarks.add(spot('a', 1), 'one');
    bookmarks.add(spot('b', 2), 'two');
    bookmarks.add(spot('a', 3), 'three');
    bookmarks.remove(bookmarks.list[2]!.id);
    bookmarks.prune((id) => id === 'b');
    expect(names()).toEqual(['two']);
    expect([...kept.values()].map(({ name }) => name)).toEqual(['two']);
  });
  it('come back where their model did, before what was added since', () => {
    const stored = ['a', 'gone'].map((modelId, order): Bookmark => ({
      ...spot(modelId, 1),
      ...{ id: `id ${order}`, order, name: modelId },
    }));
    for (const bookmark of stored) kept.set(bookmark.id, bookmark);
    bookmarks.add(spot('a', 5), 'new');
    bookmarks.restore(stored, (id) => id === 'a');
    expect(names()).toEqual(['a', 'new']);
    expect([...kept.values()].map(({ name }) => name).sort()).toEqual(['a', 'new']);
  });
  it('are dropped all at once without a word to the storage', () => {
    bookmarks.add(spot('a', 1), 'one');
    bookmarks.clear();
    expect(bookmarks.list).toEqual([]);
    expect(kept.size).toBe(1);
  });
});
