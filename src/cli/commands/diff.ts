import { wordsOf } from '../../core/graph/change-words';
import { diffGraphs, type GraphDiff } from '../../core/graph/diff';
import { plural } from '../../core/format';
import { REPORT_VERSION } from '../../core/report/json';
import type { Command } from '../command';
import { openModelFile } from '../files';
import { alignRows } from '../text';

export const diffCommand: Command = {
  name: 'diff',
  summary: 'Says which operators are different between two models.',
  usage: 'diff BEFORE AFTER [--subgraph N] [--json]',
  details: `Operators are matched by names and structure, as the page matches models that it has not made itself.
A model that is no different gives no lines, and status 0 as well.`,
  options: [{ name: 'subgraph', value: 'N', help: 'Subgraph of both that is compared (preset 0).' }],
  models: [2, 2],
  async run(input) {
    const subgraph = input.whole('subgraph', 0, 0);
    const [before, after] = [await openModelFile(input.models[0]!), await openModelFile(input.models[1]!)];
    const diff = diffGraphs(before.model, after.model, subgraph);
    return {
      json: {
        version: REPORT_VERSION,
        before: before.name,
        after: after.name,
        subgraph,
        unchanged: diff.unchanged,
        entries: diff.entries.map((entry) => ({
          ...entry,
          before: entry.before === -1 ? null : entry.before,
          after: entry.after === -1 ? null : entry.after,
        })),
      },
      text: toText(diff),
    };
  },
};

function toText({ entries, unchanged }: GraphDiff): string {
  const rows = entries.map((entry) => [
    entry.before === -1 ? '' : String(entry.before),
    entry.after === -1 ? '' : String(entry.after),
    entry.kind,
    wordsOf(entry),
    entry.detail,
    entry.name,
  ]);
  const summary = `${plural(entries.length, 'change')}, ${unchanged} unchanged`;
  if (rows.length === 0) return summary;
  const table = alignRows([['before', 'after', 'kind', 'change', 'what', 'name'], ...rows], new Set([0, 1]));
  return `${summary}\n\n${table}`;
}
