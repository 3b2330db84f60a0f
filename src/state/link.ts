/** Links to a place in a model: `#/digits/0/operator/3`. */
import type { Selection } from './history.svelte';

/** A place by the title of its model, so that it holds on another computer too. */
export interface Link {
  readonly model: string;
  readonly subgraph: number;
  readonly selection: Selection;
}

/** The hash of a link, with `#`. Never throws: a half of a character in the title becomes `\ufffd`. */
export function formatLink({ model, subgraph, selection }: Link): string {
  const place = selection ? `/${selection.kind}/${selection.index}` : '';
  return `#/${encodeURIComponent(model.toWellFormed())}/${subgraph}${place}`;
}

/** Whether a hash is meant to be a link to a place in a model, be it readable or not. `#/gallery` is not, nor an anchor. */
export function isLinkLike(hash: string): boolean {
  return /^#\/./.test(hash) && hash !== '#/gallery';
}

/** Reads the hash of an address; null where it is no link to a model (`#/gallery`). Never throws. */
export function parseLink(hash: string): Link | null {
  const found = /^#\/([^/]*)\/(\d{1,9})(?:\/(operator|tensor)\/(\d{1,9}))?\/?$/.exec(hash);
  if (!found) return null;
  const [, encoded = '', subgraph, kind, index] = found;
  let model: string;
  try {
    model = decodeURIComponent(encoded);
  } catch {
    return null;
  }
  const selection: Selection =
    kind === 'operator' || kind === 'tensor' ? { kind, index: Number(index) } : null;
  return { model, subgraph: Number(subgraph), selection };
}
