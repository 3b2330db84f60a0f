/** Finds operators and tensors of a subgraph by what is typed. */
import { describeTable } from '../inspect/attributes';
import { costsOf } from '../measure/cost';
import { storedBytes } from '../measure/constants';
import { operatorKind } from '../model/operators';
import { isConstant } from '../model/tensors';
import type { Model, Operator, Subgraph } from '../model/types';
import { shapeText } from './labels';
import {
  attributeKey,
  compares,
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
  /** Best first, at most as many as asked for. */
  readonly hits: readonly Hit[];
  /** How many there are in all. */
  readonly total: number;
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
  attribute(name: string, i: number): string | null;
}

/** Prepares a subgraph for searching: operators first, then all tensors. */
export function buildSearchIndex(model: Model, subgraphIndex: number): SearchIndex {
  const subgraph = model.subgraphs[subgraphIndex];
  const hits = subgraph ? hitsOf(model, subgraph) : [];
  return {
    hits,
    titles: hits.map(({ title }) => normalize(title)),
    texts: hits.map(({ title, detail, kind, index }) => normalize(`${title} ${detail} ${kind} ${index}`)),
    field: kept((field: TextField) => hits.map((hit) => normalize(fieldOf(subgraph!, hit, field)))),
    figure: kept((field: NumberField) => figuresOf(model, subgraphIndex, hits, field)),
    attribute: kept((name: string) => hits.map((hit) => attributeOf(subgraph!, hit, name))),
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
    return { name: tensor.name ?? '', detail: `${shapeText(tensor)} ${tensor.type.toLowerCase()}` };
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

function fieldOf(subgraph: Subgraph, hit: Hit, field: TextField): string {
  if (hit.kind === 'tensor') {
    const tensor = subgraph.tensors[hit.index]!;
    switch (field) {
      case 'name':
        return tensor.name ?? '';
      case 'dtype':
        return tensor.type;
      case 'shape':
        return shapeText(tensor);
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
      return of(outputs, (tensor) => shapeText(subgraph.tensors[tensor]!));
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

function attributeOf(subgraph: Subgraph, { kind, index }: Hit, name: string): string | null {
  const operator: Operator | undefined = kind === 'operator' ? subgraph.operators[index] : undefined;
  const found = [operator?.builtinOptions, operator?.builtinOptions2].flatMap((options) =>
    options ? describeTable(options.type, options.value) : [],
  );
  const attribute = found.find((one) => attributeKey(one.name) === name);
  return attribute ? normalize(attribute.value) : null;
}

function holds(index: SearchIndex, i: number, term: Term): boolean {
  switch (term.what) {
    case 'any':
      return index.texts[i]!.includes(term.text);
    case 'attribute':
      return index.attribute(term.name, i)?.includes(term.text) ?? false;
    case 'bytes':
    case 'macs':
    case 'params':
      return compares(index.figure(term.what, i), term.comparison, term.value);
    default:
      return index.field(term.what, i).includes(term.text);
  }
}

/**
 * Finds what fits a query (`parseQuery`). Words are searched in kinds, names, dtypes and shapes (`1x64x64x8`). Titles equal to
 * a word come first, then titles that begin with one, then the start of a word within, then the rest; operators before
 * tensors, then in file order. An empty query finds nothing, and neither does one that cannot be understood.
 */
export function search(index: SearchIndex, query: string, limit = 200): SearchResult {
  const { terms, problem } = parseQuery(query);
  if (terms.length === 0 || problem !== null) return { hits: [], total: 0, problem };
  // Plain words are the quickest to compare, and of them the longest rule out the most.
  const cost = (term: Term) => (term.what === 'any' ? -term.text.length : 1);
  const ordered = [...terms].sort((a, b) => cost(a) - cost(b));
  const words = terms.flatMap((term) => (term.what === 'any' && !term.isNot ? [term.text] : []));
  const byScore: number[][] = [[], [], [], []];
  for (let i = 0; i < index.texts.length; i++) {
    if (ordered.every((term) => holds(index, i, term) !== term.isNot)) {
      byScore[scoreOf(index.titles[i]!, words)]!.push(i);
    }
  }
  const found = byScore.flat();
  return { hits: found.slice(0, limit).map((i) => index.hits[i]!), total: found.length, problem };
}

/** 0 is best. */
function scoreOf(title: string, words: readonly string[]): number {
  let best = 3;
  for (const word of words) {
    if (title === word) return 0;
    const at = title.indexOf(word);
    if (at === 0) best = Math.min(best, 1);
    else if (at > 0 && /[^a-z0-9]/.test(title[at - 1]!)) best = Math.min(best, 2);
  }
  return best;
}
