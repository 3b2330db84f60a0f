/** What is selected, with the way back. */

/** A place in a model: an operator or a tensor of one subgraph, or the model itself (null). */
export type Selection = { readonly kind: 'operator' | 'tensor'; readonly index: number } | null;

export interface Place {
  readonly modelId: string;
  readonly subgraph: number;
  readonly selection: Selection;
}

const longest = 100;

function isSame(a: Place, b: Place): boolean {
  return (
    a.modelId === b.modelId &&
    a.subgraph === b.subgraph &&
    a.selection?.kind === b.selection?.kind &&
    a.selection?.index === b.selection?.index
  );
}

export class History {
  #places = $state.raw<readonly Place[]>([]);
  #at = $state(-1);

  get place(): Place | null {
    return this.#places[this.#at] ?? null;
  }
  get canGoBack(): boolean {
    return this.#at > 0;
  }
  get canGoForward(): boolean {
    return this.#at < this.#places.length - 1;
  }

  /** Goes to a place; what lay ahead is forgotten. */
  visit(place: Place): void {
    if (this.place && isSame(this.place, place)) return;
    this.#places = [...this.#places.slice(0, this.#at + 1), place].slice(-longest);
    this.#at = this.#places.length - 1;
  }
  goBack(): void {
    if (this.canGoBack) this.#at -= 1;
  }
  goForward(): void {
    if (this.canGoForward) this.#at += 1;
  }

  /** Forgets every place in models that are gone. */
  prune(isOpen: (modelId: string) => boolean): void {
    const current = this.place;
    this.#places = this.#places.filter((place) => isOpen(place.modelId));
    const at = current ? this.#places.indexOf(current) : -1;
    this.#at = at >= 0 ? at : this.#places.length - 1;
  }
}
