/** What finding things costs in a subgraph of 20,000 operators and 60,000 tensors. */
import { findGroups } from '../../src/core/graph/groups';
import { outlineRows } from '../../src/core/graph/outline';
import { operatorTable } from '../../src/core/graph/operator-table';
import { buildSearchIndex, search } from '../../src/core/graph/search';
import { fuzzyFilter } from '../../src/views/palette/fuzzy';
import { sketchModel } from '../unit/graph/models';
import { medianMs } from './entry';
import { blockGraph, scopedGraph } from './graph-models';

export interface FindingFigures {
  /** What was done, with the query. */
  readonly task: string;
  readonly wallMs: number;
  /** Rows or hits in all. */
  readonly found: number;
}

const OPERATORS = 20_000;
const RUNS = 9;

/** Searches, the outline, the operator table and the palette; medians of nine runs, in ms of wall time. */
export async function runFindingSuite(): Promise<FindingFigures[]> {
  const model = largeModel();
  const index = buildSearchIndex(model, 0);
  const graph = scopedGraph(blockGraph(OPERATORS));
  const groups = findGroups(graph);
  const outline = { graph, groups, subgraphs: ['0: main'], subgraph: 0, closed: new Set<string>() };
  const titles = Array.from({ length: 200 }, (_, i) => `Show the graph of block ${i} in stage ${i % 7}`);
  const queries = ['add 1x7', 'block_19', 'conv float32 stage_3', 'kind:add shape:1x7', 'bytes>=1 macs<5'];
  const tasks: readonly (readonly [string, () => number])[] = [
    ['search index', () => buildSearchIndex(model, 0).hits.length],
    ...queries.map((query) => [`search ${query}`, () => searchAnew(query)] as const),
    ['search next page', () => search(index, 'add', 200, 10_000).total],
    ['outline rows', () => outlineRows(outline).length],
    ['operator table', () => operatorTable(model, 0).length],
    ['palette of 200', () => fuzzyFilter(titles, (title) => title, 'graph block 19').length],
  ];
  /** As a key press does: nothing of the answer is kept from before. */
  function searchAnew(query: string): number {
    index.last = null;
    return search(index, query).total;
  }
  const figures: FindingFigures[] = [];
  for (const [task, run] of tasks) {
    const found = run();
    figures.push({ task, wallMs: Math.round(100 * (await medianMs(RUNS, run))) / 100, found });
  }
  return figures;
}

function largeModel() {
  const tensors = Array.from({ length: 3 * OPERATORS }, (_, i) => ({
    name: `stage_${i % 7}/block_${i}/conv`,
    shape: [1, i % 64, 8],
  }));
  const operators = Array.from({ length: OPERATORS }, (_, i) => ({
    kind: 'ADD' as const,
    inputs: [i],
    outputs: [i + 1],
  }));
  return sketchModel({ tensors, operators });
}
