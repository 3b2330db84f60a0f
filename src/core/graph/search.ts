import { operatorKind } from '../model/operators';
import type { Model } from '../model/types';
import { shapeText } from './labels';

/** Something found: an operator or a tensor of the searched subgraph. */
export interface Hit {
  readonly kind: 'operator' | 'tensor';
  readonly index: number;
  /** Operator kind, or tensor name. */
  readonly title: string;
  /** Name of the operator's first output with its shape and dtype, or the tensor's shape and dtype. */
  readonly detail: string;
}

export interface SearchResult {
  /** Best first, at most as many as asked for. */
  readonly hits: readonly Hit[];
  /** How many there are in all. */
  readonly total: number;
}

/** Texts of a subgraph, prepared once so that every key press only compares. */
export interface SearchIndex {
  readonly hits: readonly Hit[];
  /** Title and the whole text of each hit, lower case, `×` as `x`. */
  readonly titles: readonly string[];
  readonly texts: readonly string[];
}

/** Prepares a subgraph for searching: operators first, then all tensors. */
export function buildSearchIndex(model: Model, subgraphIndex: number): SearchIndex {
  const subgraph = model.subgraphs[subgraphIndex];
  const hits: Hit[] = [];
  const tensorText = (t: number | undefined): { name: string; detail: string } => {
    const tensor = t === undefined ? undefined : subgraph?.tensors[t];
    if (!tensor) return { name: '', detail: '' };
    return { name: tensor.name ?? '', detail: `${shapeText(tensor)} ${tensor.type.toLowerCase()}` };
  };
  subgraph?.operators.forEach((operator, index) => {
    const hasCode = model.operatorCodes[operator.opcodeIndex] !== undefined;
    const { name, detail } = tensorText(operator.outputs[0]);
    hits.push({
      kind: 'operator',
      index,
      title: hasCode ? operatorKind(model, operator) : 'UNKNOWN',
      detail: [name, detail].filter((part) => part !== '').join(' · '),
    });
  });
  subgraph?.tensors.forEach((_, index) => {
    const { name, detail } = tensorText(index);
    hits.push({ kind: 'tensor', index, title: name === '' ? `tensor ${index}` : name, detail });
  });
  return {
    hits,
    titles: hits.map(({ title }) => normalize(title)),
    texts: hits.map(({ title, detail, kind, index }) => normalize(`${title} ${detail} ${kind} ${index}`)),
  };
}

function normalize(text: string): string {
  return text.toLowerCase().replaceAll('×', 'x');
}

/**
 * Finds what contains every word of the query (kind, names, dtype, shape as `1x64x64x8`), in any order. Titles
 * equal to a word come first, then titles that begin with one, then the start of a word within, then the rest;
 * operators before tensors, then in file order. An empty query finds nothing.
 */
export function search(index: SearchIndex, query: string, limit = 200): SearchResult {
  const terms = normalize(query)
    .split(/\s+/)
    .filter((term) => term !== '')
    // The longest word rules out the most.
    .sort((a, b) => b.length - a.length);
  if (terms.length === 0) return { hits: [], total: 0 };
  const byScore: number[][] = [[], [], [], []];
  for (let i = 0; i < index.texts.length; i++) {
    const text = index.texts[i]!;
    if (terms.every((term) => text.includes(term))) byScore[scoreOf(index.titles[i]!, terms)]!.push(i);
  }
  const found = byScore.flat();
  return { hits: found.slice(0, limit).map((i) => index.hits[i]!), total: found.length };
}

/** 0 is best. */
function scoreOf(title: string, terms: readonly string[]): number {
  let best = 3;
  for (const term of terms) {
    if (title === term) return 0;
    const at = title.indexOf(term);
    if (at === 0) best = Math.min(best, 1);
    else if (at > 0 && /[^a-z0-9]/.test(title[at - 1]!)) best = Math.min(best, 2);
  }
  return best;
}
