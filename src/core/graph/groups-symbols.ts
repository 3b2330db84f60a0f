/** What each node of a graph does, as numbers that are equal for nodes that do the same. */
import type { Model } from '../model/types';
import { Hasher } from './groups-hash';
import type { ViewGraph } from './types';

/** By node. Sizes do not count in either: the blocks of a network that grows from layer to layer are built alike. */
export interface NodeSymbols {
  /** Kind, activation, which constants of what dtype it reads, how many results it has and their dtypes; from 1. */
  readonly kinds: Int32Array;
  /** Hashes of that and of its options: stride, padding, dilation, axes and the like. */
  readonly settings: Float64Array;
}

/** Options that say sizes, or only which thing is meant. */
const SIZES: ReadonlySet<string> = new Set([
  ...['newShape', 'newHeight', 'newWidth', 'filterWidth', 'filterHeight', 'depthMultiplier'],
  ...['numSplits', 'valuesCount', 'num', 'rank', 'numChannels', 'numColumnsPerChannel'],
  ...['embeddingDimPerChannel', 'sliceSizes', 'windowDimensions', 'startIndices', 'limitIndices'],
  ...['subgraph', 'thenSubgraphIndex', 'elseSubgraphIndex', 'condSubgraphIndex', 'bodySubgraphIndex'],
  ...['initSubgraphIndex', 'decompositionSubgraphIndex', 'comparatorSubgraphIndex'],
  ...['updateComputationSubgraphIndex', 'branchSubgraphIndices', 'calledComputations'],
  ...['compositeAttributes', 'customAttributes', 'container', 'sharedName', 'tableId'],
  ...['seed', 'seed2', 'min', 'max'],
]);
/** Constant operands whose values are options. */
const AXES: ReadonlySet<string> = new Set(['axis', 'axes', 'permutation']);

/** Options are those of the model that the graph was made of; without it they do not count. Linear. */
export function nodeSymbols(graph: ViewGraph, model: Model | null): NodeSymbols {
  const { nodes } = graph;
  const hash = new Hasher();
  const results = hashResults(graph, hash);
  const operators = model?.subgraphs[graph.subgraph]?.operators;
  const numbers = new Map<number, number>();
  const kinds = new Int32Array(nodes.length);
  const settings = new Float64Array(nodes.length);
  nodes.forEach(({ kind, index, title, activation, rows }, v) => {
    hash.restart();
    hash.addText(title);
    hash.addText(activation ?? '');
    hash.addHalves(results, v);
    for (const { label, dtype } of rows) {
      hash.addText(label);
      hash.addText(dtype);
    }
    let number = numbers.get(hash.value);
    if (number === undefined) numbers.set(hash.value, (number = numbers.size + 1));
    kinds[v] = number;
    for (const { label, text } of rows) if (AXES.has(label)) hash.addText(text);
    const operator = kind === 'operator' ? operators?.[index] : undefined;
    addOptions(hash, operator?.builtinOptions?.value);
    addOptions(hash, operator?.builtinOptions2?.value);
    settings[v] = hash.value;
  });
  return { kinds, settings };
}

function addOptions(hash: Hasher, options: object | undefined): void {
  const fields: Readonly<Record<string, unknown>> = { ...options };
  // Pooling over places side by side, or over all there are: its step is its size.
  const isTiling = fields.strideW === fields.filterWidth && fields.strideH === fields.filterHeight;
  for (const field in fields) {
    const isStep = field === 'strideW' || field === 'strideH';
    if (!SIZES.has(field) && !(isStep && isTiling)) hash.addValue(fields[field]);
  }
}

/** For each node the hash of its outputs' numbers and dtypes, in halves. */
function hashResults({ nodes, edgeFrom, edgePort, edgeLabel }: ViewGraph, hash: Hasher): Int32Array {
  const results = new Int32Array(2 * nodes.length);
  const lastPort = new Int32Array(nodes.length).fill(-1);
  const dtypes = new Map<string, string>();
  edgeFrom.forEach((v, e) => {
    if (lastPort[v] === edgePort[e]) return;
    lastPort[v] = edgePort[e]!;
    const label = edgeLabel[e]!;
    let dtype = dtypes.get(label);
    if (dtype === undefined) dtypes.set(label, (dtype = label.slice(label.lastIndexOf(' ') + 1)));
    hash.restart();
    hash.addHalves(results, v);
    hash.add(edgePort[e]!);
    hash.addText(dtype);
    hash.writeHalves(results, v);
  });
  return results;
}
