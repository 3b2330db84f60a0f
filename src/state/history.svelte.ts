/** Where the user is and was: model, subgraph, selection and screen, with the way back. */

export const screens = ['graph', 'compare', 'errors', 'search'] as const;
export type Screen = (typeof screens)[number];

/** What is selected in a model: an operator or a tensor of one subgraph, or the model itself (null). */
export type Selection = { readonly kind: 'operator' | 'tensor'; readonly index: number } | null;

/** A place in a model. */
export interface Spot {
  readonly modelId: string;
  readonly subgraph: number;
  readonly selection: Selection;
}
export interface Place extends Spot {
  readonly screen: Screen;
}

const longest = 100;

/** Whether two spots are one. */
export function isSameSpot(a: Spot, b: Spot): boolean {
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
  /** The screen while no model is open. */
  #screen = $state<Screen>('graph');

  get place(): Place | null {
    return this.#places[this.#at] ?? null;
  }
  get screen(): Screen {
    return this.place?.screen ?? this.#screen;
  }
  get canGoBack(): boolean {
    return this.#at > 0;
  }
  get canGoForward(): boolean {
    return this.#at < this.#places.length - 1;
  }

  /** Goes to a spot, on another screen or on the one that is shown; what lay ahead is forgotten. */
  visit({ modelId, subgraph, selection }: Spot, screen = this.screen): void {
    const place: Place = { modelId, subgraph, selection, screen };
    if (this.place && isSameSpot(this.place, place) && this.place.screen === screen) return;
    this.#screen = screen;
    this.#places = [...this.#places.slice(0, this.#at + 1), place].slice(-longest);
    this.#at = this.#places.length - 1;
  }
  /** The spot in a model where the user was last; null where they never were. */
  lastIn(modelId: string): Spot | null {
    const isIn = (place: Place) => place.modelId === modelId;
    const spot = this.#places.slice(0, this.#at + 1).findLast(isIn) ?? this.#places.find(isIn);
    return spot ? { modelId, subgraph: spot.subgraph, selection: spot.selection } : null;
  }
  /** Changes the screen and stays in the model. */
  show(screen: Screen): void {
    if (this.place) this.visit(this.place, screen);
    else this.#screen = screen;
  }
  goBack(): void {
    if (this.canGoBack) this.#at -= 1;
  }
  goForward(): void {
    if (this.canGoForward) this.#at += 1;
  }

  /**
   * Forgets every place in models that are gone. The place before stays where the shown one is among them, else the one
   * after; of equal places that come to lie side by side one is left.
   */
  prune(isOpen: (modelId: string) => boolean): void {
    this.#screen = this.screen;
    const kept: Place[] = [];
    let at = -1;
    this.#places.forEach((place, i) => {
      const last = kept.at(-1);
      const isRepeated = last && isSameSpot(last, place) && last.screen === place.screen;
      if (isOpen(place.modelId) && !isRepeated) kept.push(place);
      if (i === this.#at) at = kept.length - 1;
    });
    this.#places = kept;
    this.#at = Math.max(at, Math.min(0, kept.length - 1));
  }
}
