/** Places that the user named, kept with the workspace. */
import { isSameSpot, type Spot } from './history.svelte';
import type { WorkspaceStorage } from './storage';

export interface Bookmark extends Spot {
  readonly id: string;
  /** When it was made, in ms; they are listed in this order. */
  readonly order: number;
  readonly name: string;
}

/** Characters of a name. */
export const longestBookmarkName = 80;

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
      name: name.slice(0, longestBookmarkName),
      modelId,
      subgraph,
      selection,
    };
    this.#list = [...this.#list, bookmark];
    void this.#storage.keepBookmark(bookmark);
  }
  /** Gives a bookmark another name; an empty one changes nothing. */
  rename(id: string, wanted: string): void {
    const name = wanted.trim().slice(0, longestBookmarkName);
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

  /** Takes what was kept; bookmarks in models that are not open are forgotten. */
  restore(stored: readonly Bookmark[], isOpen: (modelId: string) => boolean): void {
    this.#list = [...stored.filter(({ modelId }) => isOpen(modelId)), ...this.#list];
    for (const { id, modelId } of stored) if (!isOpen(modelId)) void this.#storage.forget('bookmarks', id);
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
