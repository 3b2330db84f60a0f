/** Places that the user named, kept with the workspace. */
import { isSameSpot, type Spot } from './history.svelte';
import type { WorkspaceStorage } from './storage';

export interface Bookmark extends Spot {
  readonly id: string;
  /** When it was made, in ms; they are listed in this order. */
  readonly order: number;
  readonly name: string;
}

/** Characters of a name, as JavaScript counts them. */
export const longestBookmarkName = 80;

/** A name that is not too long, cut between characters. */
function shortName(name: string): string {
  return name.slice(0, longestBookmarkName).replace(/[\ud800-\udbff]$/, '');
}

export class Bookmarks {
  #storage: Pick<WorkspaceStorage, 'keepBookmark' | 'forget'>;
  #list = $state.raw<readonly Bookmark[]>([]);

  constructor(storage: Pick<WorkspaceStorage, 'keepBookmark' | 'forget'>) {
    this.#storage = storage;
  }

  get list(): readonly Bookmark[] {
    return this.#list;
  }

  /** The bookmark of a spot, if it has one. */
  at(spot: Spot): Bookmark | null {
    return this.#list.find((bookmark) => isSameSpot(bookmark, spot)) ?? null;
  }

  /** Adds a bookmark, unless the spot has one. */
  add({ modelId, subgraph, selection }: Spot, name: string): void {
    if (this.at({ modelId, subgraph, selection })) return;
    const bookmark: Bookmark = {
      id: crypto.randomUUID(),
      order: Date.now(),
      name: shortName(name),
      modelId,
      subgraph,
      selection,
    };
    this.#list = [...this.#list, bookmark];
    void this.#storage.keepBookmark(bookmark);
  }
  /** Gives a bookmark another name; an empty one changes nothing. */
  rename(id: string, wanted: string): void {
    const name = shortName(wanted.trim());
    const bookmark = this.#list.find((one) => one.id === id);
    if (!bookmark || name === '') return;
    const renamed = { ...bookmark, name };
    this.#list = this.#list.map((one) => (one.id === id ? renamed : one));
    void this.#storage.keepBookmark(renamed);
  }
  remove(id: string): void {
    this.#list = this.#list.filter((bookmark) => bookmark.id !== id);
    void this.#storage.forget('bookmarks', id);
  }

  /** Takes what was kept, unless its spot has got a bookmark since or its model is not open: those are forgotten. */
  restore(stored: readonly Bookmark[], isOpen: (modelId: string) => boolean): void {
    const isKept = (bookmark: Bookmark) => isOpen(bookmark.modelId) && !this.at(bookmark);
    const kept = stored.filter(isKept);
    for (const bookmark of stored) {
      if (!kept.includes(bookmark)) void this.#storage.forget('bookmarks', bookmark.id);
    }
    this.#list = [...kept, ...this.#list];
  }
  /** Forgets the bookmarks in models that are gone. */
  prune(isOpen: (modelId: string) => boolean): void {
    for (const { id, modelId } of this.#list) if (!isOpen(modelId)) this.remove(id);
  }
  /** Drops all; what is kept is cleared elsewhere. */
  clear(): void {
    this.#list = [];
  }
}
