/** Finds operators and tensors of a subgraph by what is typed. */
import { describeTable, describeValue } from '../inspect/attributes';
import { costsOf } from '../measure/cost';
import { storedBytes } from '../measure/constants';
import { customOptionsOf } from '../model/flexbuffers';
import { operatorKind } from '../model/operators';
import { isConstant } from '../model/tensors';
import type { Model, Operator, Subgraph } from '../model/types';
import { shapeText } from './labels';
import {
  attributeKey,
  compares,
  containsWhole,
  type NumberField,
  normalize,
  parseQuery,
  type Term,
  type TextField,
} from './query';

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
  /** Hits from `offset` on, group by group, in each the best first; at most as many as asked for. */
  readonly hits: readonly Hit[];
  /** Place of the first of them among all. */
  readonly offset: number;
  /** How many there are in all. */
  readonly total: number;
  /** How many operators and tensors, in the order in which they are listed; kinds without any are left out. */
  readonly groups: readonly { readonly kind: Hit['kind']; readonly count: number }[];
  /** What in the query cannot be understood, or null. */
  readonly problem: string | null;
}

/** Texts of a subgraph, prepared once so that every key press only compares. */
export interface SearchIndex {
  readonly hits: readonly Hit[];
  /** Title and the whole text of each hit, lower case, `×` as `x`. */
  readonly titles: readonly string[];
  readonly texts: readonly string[];
  /** Text of a field of hit i, normalized; lists are parted by line ends. */
  field(field: TextField, i: number): string;
  /** Figure of hit i; NaN where it has none. */
  figure(field: NumberField, i: number): number;
  /** Value of an attribute of hit i by its `attributeKey`, normalized; null where it has no such. */
  attribute(key: string, i: number): string | null;
  /** What was found last, for the next page of it. */
  last: { readonly query: string; readonly found: Found } | null;
}

/** Hits by their places in the index. */
interface Found {
  readonly order: Int32Array;
  readonly groups: SearchResult['groups'];
}

/** Prepares a subgraph for searching: operators first, then all tensors. */
export function buildSearchIndex(model: Model, subgraphIndex: number): SearchIndex {
  const subgraph = model.subgraphs[subgraphIndex];
  const hits = subgraph ? hitsOf(model, subgraph) : [];
  return {
    hits,
    titles: hits.map(({ title }) => normalize(title)),
    texts: hits.map(({ title, detail, kind, index }) => normalize(`${title} ${detail} ${kind} ${index}`)),
    field: kept((field: TextField) => hits.map((hit) => normalize(fieldOf(model, subgraph!, hit, field)))),
    figure: kept((field: NumberField) => figuresOf(model, subgraphIndex, hits, field)),
    attribute: kept((key: string) => hits.map((hit) => attributeOf(subgraph!, hit, key))),
    last: null,
  };
}

/** Values of all hits at once, made when they are first asked for. */
function kept<Key, Value>(make: (key: Key) => ArrayLike<Value>): (key: Key, i: number) => Value {
  const made = new Map<Key, ArrayLike<Value>>();
  return (key, i) => {
    let values = made.get(key);
    if (values === undefined) made.set(key, (values = make(key)));
    return values[i]!;
  };
}

function hitsOf(model: Model, subgraph: Subgraph): Hit[] {
  const tensorText = (t: number | undefined): { name: string; detail: string } => {
    const tensor = t === undefined ? undefined : subgraph.tensors[t];
    if (!tensor) return { name: '', detail: '' };
    return { name: tensor.name ?? '', detail: `${shapeText(model, tensor)} ${tensor.type.toLowerCase()}` };
  };
  const operators = subgraph.operators.map((operator, index): Hit => {
    const hasCode = model.operatorCodes[operator.opcodeIndex] !== undefined;
    const { name, detail } = tensorText(operator.outputs[0]);
    return {
      kind: 'operator',
      index,
      title: hasCode ? operatorKind(model, operator) : 'UNKNOWN',
      detail: [name, detail].filter((part) => part !== '').join(' · '),
    };
  });
  const tensors = subgraph.tensors.map((_, index): Hit => {
    const { name, detail } = tensorText(index);
    return { kind: 'tensor', index, title: name === '' ? `tensor ${index}` : name, detail };
  });
  return [...operators, ...tensors];
}

function fieldOf(model: Model, subgraph: Subgraph, hit: Hit, field: TextField): string {
  if (hit.kind === 'tensor') {
    const tensor = subgraph.tensors[hit.index]!;
    switch (field) {
      case 'name':
        return tensor.name ?? '';
      case 'dtype':
        return tensor.type;
      case 'shape':
        return shapeText(model, tensor);
      default:
        return '';
    }
  }
  const { inputs, outputs } = subgraph.operators[hit.index]!;
  const of = (tensors: ArrayLike<number>, text: (tensor: number) => string) =>
    Array.from(tensors, (tensor) => (subgraph.tensors[tensor] ? text(tensor) : '')).join('\n');
  const name = (tensor: number) => subgraph.tensors[tensor]!.name ?? '';
  switch (field) {
    case 'kind':
      return hit.title;
    case 'name':
    case 'out':
      return of(outputs, name);
    case 'in':
      return of(inputs, name);
    case 'dtype':
      return of([...inputs, ...outputs], (tensor) => subgraph.tensors[tensor]!.type);
    case 'shape':
      return of(outputs, (tensor) => shapeText(model, subgraph.tensors[tensor]!));
  }
}

/** Operators: bytes of the constants that they read; tensors: bytes of a constant. */
function figuresOf(
  model: Model,
  subgraphIndex: number,
  hits: readonly Hit[],
  field: NumberField,
): Float64Array {
  const costs = costsOf(model, subgraphIndex);
  const { tensors } = model.subgraphs[subgraphIndex]!;
  return Float64Array.from(hits, ({ kind, index }) => {
    if (kind === 'operator') {
      const { macs, parameters, weightBytes } = costs[index]!;
      return field === 'macs' ? macs : field === 'params' ? parameters : weightBytes;
    }
    const tensor = tensors[index]!;
    return field === 'bytes' && isConstant(model, tensor) ? storedBytes(model, tensor) : NaN;
  });
}

/**
 * An attribute as the inspector spells it (`stride`: `2 × 2`), a field of the schema by its own name (`stride_h`), or an
 * option of a custom operator.
 */
function attributeOf(subgraph: Subgraph, { kind, index }: Hit, key: string): string | null {
  const operator: Operator | undefined = kind === 'operator' ? subgraph.operators[index] : undefined;
  if (!operator) return null;
  const tables = [operator.builtinOptions, operator.builtinOptions2].filter((options) => options !== null);
  const shown = tables.flatMap(({ type, value }) => describeTable(type, value));
  const attribute = shown.find(({ name }) => attributeKey(name) === key);
  if (attribute) return normalize(attribute.value).replaceAll(/(\d) x (?=\d)/g, '$1x');
  for (const options of [...tables.map(({ value }) => value), customOptionsOf(operator)]) {
    if (options === null || typeof options !== 'object') continue;
    const field = Object.entries(options).find(([name]) => attributeKey(name) === key);
    if (field) return normalize(describeValue(field[1]));
  }
  return null;
}

function holds(index: SearchIndex, i: number, term: Term): boolean {
  switch (term.what) {
    case 'any':
      return index.texts[i]!.includes(term.text);
    case 'attribute': {
      const value = index.attribute(attributeKey(term.name), i);
      // What looks like an attribute may be a part of a name: `serving_default_x:0`.
      return value === null
        ? index.texts[i]!.includes(`${term.name}:${term.text}`)
        : containsWhole(value, term.text);
    }
    case 'bytes':
    case 'macs':
    case 'params':
      return compares(index.figure(term.what, i), term.comparison, term.value);
    case 'shape':
      return containsWhole(index.field('shape', i), term.text);
    case 'dtype':
      // `int8` is not to find `uint8`.
      return `\n${index.field('dtype', i)}`.includes(`\n${term.text}`);
    default:
      return index.field(term.what, i).includes(term.text);
  }
}

/**
 * Finds what fits a query (`parseQuery`). Words are searched in kinds, names, dtypes and shapes (`1x64x64x8`). Operators and
 * tensors are two groups: the one with the best hit comes first, and on a tie the operators. In a group, titles equal to
 * a word come first, then titles that begin with one, then the start of a word within, then the rest, each in file order.
 * An empty query finds nothing, and neither does one that cannot be understood.
 */
export function search(index: SearchIndex, query: string, limit = 200, offset = 0): SearchResult {
  const { terms, problem } = parseQuery(query);
  if (terms.length === 0 || problem !== null) return { hits: [], offset: 0, total: 0, groups: [], problem };
  if (index.last?.query !== query) index.last = { query, found: findAll(index, terms) };
  const { order, groups } = index.last.found;
  const hits = Array.from(order.subarray(offset, offset + limit), (i) => index.hits[i]!);
  return { hits, offset, total: order.length, groups, problem };
}

const SCORES = 4;

function findAll(index: SearchIndex, terms: readonly Term[]): Found {
  // Plain words are the quickest to compare, and of them the longest rule out the most.
  const cost = (term: Term) => (term.what === 'any' ? -term.text.length : 1);
  const ordered = [...terms].sort((a, b) => cost(a) - cost(b));
  const words = terms.flatMap((term) => (term.what === 'any' && !term.isNot ? [term.text] : []));
  const operators: number[][] = Array.from({ length: SCORES }, () => []);
  const tensors: number[][] = Array.from({ length: SCORES }, () => []);
  for (let i = 0; i < index.texts.length; i++) {
    if (ordered.every((term) => holds(index, i, term) !== term.isNot)) {
      const scores = index.hits[i]!.kind === 'operator' ? operators : tensors;
      scores[scoreOf(index.titles[i]!, words)]!.push(i);
    }
  }
  const best = (scores: readonly number[][]) => scores.findIndex((some) => some.length > 0);
  const isTensorFirst = best(operators) === -1 || (best(tensors) !== -1 && best(tensors) < best(operators));
  const kinds = [
    { kind: 'operator' as const, found: operators.flat() },
    { kind: 'tensor' as const, found: tensors.flat() },
  ];
  const listed = (isTensorFirst ? kinds.reverse() : kinds).filter(({ found }) => found.length > 0);
  return {
    order: Int32Array.from(listed.flatMap(({ found }) => found)),
    groups: listed.map(({ kind, found }) => ({ kind, count: found.length })),
  };
}

/** 0 is best; see `SCORES`. */
function scoreOf(title: string, words: readonly string[]): number {
  let best = SCORES - 1;
  for (const word of words) {
    if (title === word) return 0;
    const at = title.indexOf(word);
    if (at === 0) best = Math.min(best, 1);
    else if (at > 0 && /[^a-z0-9]/.test(title[at - 1]!)) best = Math.min(best, 2);
  }
  return best;
}
