import { formatBytes, formatCount, formatShape } from '../../core/format';
import { openModel } from '../../core/model/open';
import { inspectionOf } from '../../core/report/inspection';
import type { Inspection, SubgraphEntry } from '../../core/report/inspection';
import { unsupportedOperators } from '../../engines/litert/unsupported';
import type { Command } from '../command';
import { readModelFile } from '../files';
import { alignRows } from '../text';

export const inspectCommand: Command = {
  name: 'inspect',
  summary: 'Says what is in a model: operators, tensors, sizes, signatures.',
  usage: 'inspect MODEL [--json]',
  details: '',
  options: [],
  models: [1, 1],
  async run(input) {
    const { name, bytes } = await readModelFile(input.models[0]!);
    const opened = openModel(bytes);
    const inspection = inspectionOf(name, opened, bytes, unsupportedOperators(opened.model));
    return { json: inspection, text: toText(inspection) };
  },
};

function toText(inspection: Inspection): string {
  const { name, sizeBytes, gzipBytes, parameters, nonZeroParameters, macs } = inspection;
  const facts = [
    ['Model', name],
    ['Size', `${formatBytes(sizeBytes)}, ${formatBytes(gzipBytes)} as gzip`],
    ['Parameters', `${formatCount(parameters)}, ${formatCount(nonZeroParameters)} of them not zero`],
    ['MACs', formatCount(macs)],
    ...(inspection.description === null ? [] : [['Description', inspection.description]]),
    ...inspection.signatures.map(({ key }) => ['Signature', key]),
    ...inspection.metadata.map((entry) => ['Metadata', `${entry.label}: ${entry.value}`]),
    ...inspection.unsupported.map(({ kind, count, reason }) => [
      'Cannot run',
      `${kind} (${count}): ${reason}`,
    ]),
    ...inspection.findings.map(({ where, message }) => ['Warning', `${where}: ${message}`]),
  ];
  return [alignRows(facts), ...inspection.subgraphs.map(describeSubgraph)].join('\n\n');
}

function describeSubgraph(subgraph: SubgraphEntry): string {
  const tensor = (index: number) => {
    const found = subgraph.tensors[index];
    return found ? `${found.name} ${found.dtype} ${formatShape(found.shape)}` : 'left out';
  };
  const ends = [
    ...subgraph.inputs.map((index) => ['Input', tensor(index)]),
    ...subgraph.outputs.map((index) => ['Output', tensor(index)]),
  ];
  const operators = subgraph.operators.map((operator) => [
    String(operator.index),
    operator.name,
    `version ${operator.version}`,
    operator.sizeBytes > 0 ? formatBytes(operator.sizeBytes) : '',
    operator.outputs.map((index) => formatShape(subgraph.tensors[index]?.shape ?? [])).join(', '),
  ]);
  const title = `Subgraph ${subgraph.index}${subgraph.name ? ` (${subgraph.name})` : ''}`;
  return [title, alignRows(ends), alignRows(operators, new Set([0, 3]))]
    .filter((part) => part !== '')
    .join('\n');
}
