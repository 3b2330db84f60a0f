/** What can be done now, by name: parts of the page add what they offer for as long as they are there. */
import { untrack } from 'svelte';

export interface Command {
  /** In words, `Fit the whole graph`; of two with one title both are offered. */
  readonly title: string;
  /** Heading that it stands under, `Graph`. */
  readonly group: string;
  /** Keys that do the same, as in the list of shortcuts: `Ctrl K`. */
  readonly keys?: string;
  readonly run: () => void;
}

export class Commands {
  #sources = $state.raw<readonly { readonly list: () => readonly Command[] }[]>([]);

  /** All commands, in the order in which their sources came. Read anew whenever what the sources read changes. */
  get list(): readonly Command[] {
    return this.#sources.flatMap(({ list }) => list());
  }

  /** Adds commands; the function that is returned takes them away again. */
  add(list: () => readonly Command[]): () => void {
    // What is added twice is there until both are taken away.
    const source = { list };
    // Effects add commands: that must not make them depend on what others added.
    untrack(() => (this.#sources = [...this.#sources, source]));
    return () => {
      this.#sources = untrack(() => this.#sources).filter((other) => other !== source);
    };
  }
}
