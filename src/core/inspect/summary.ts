/** The model as a whole for the inspector, the model list and the command line. */
import { dtypeSizes, parameterCount } from '../measure/size';
import { mainMacs } from '../measure/cost';
import { checkModel } from '../model/check';
import { readMetadata, type ModelFacts, type TensorFacts } from '../model/metadata';
import { operatorKind } from '../model/operators';
import type { Model, Subgraph } from '../model/types';
import { tensorRef } from './tensors';
import type { Finding, ModelSummary } from './types';

/**
 * Sums a model up. `bytes` is its file; `findings` are those of opening it (left out: the model is checked here).
 * `unsupported` stays empty: what a runtime cannot run is the engine's to say.
 * @throws ModelError when an operator's code is out of range
 */
export function summarize(
  model: Model,
  bytes: Uint8Array,
  name: string,
  findings: readonly Finding[] = checkModel(model),
): ModelSummary {
  const dtypes = dtypeSizes(model);
  const facts = readMetadata(model);
  return {
    name,
    sizeBytes: bytes.length,
    operatorCount: model.subgraphs.reduce((sum, { operators }) => sum + operators.length, 0),
    parameters: parameterCount(model),
    macs: mainMacs(model),
    weightDtype: dtypes[0]?.dtype ?? null,
    description: model.description,
    schemaVersion: model.version,
    subgraphs: model.subgraphs.map((subgraph, index) => ({
      name: subgraph.name,
      operatorCount: subgraph.operators.length,
      tensorCount: subgraph.tensors.length,
      inputs: refs(model, index, subgraph.inputs),
      outputs: refs(model, index, subgraph.outputs),
    })),
    signatures: (model.signatureDefs ?? []).map((signature) => ({
      key: signature.signatureKey ?? '',
      subgraph: signature.subgraphIndex,
      inputs: signature.inputs.map(({ name: input, tensorIndex }) => ({
        name: input ?? '',
        tensor: tensorIndex,
      })),
      outputs: signature.outputs.map(({ name: output, tensorIndex }) => ({
        name: output ?? '',
        tensor: tensorIndex,
      })),
    })),
    operatorKinds: countKinds(model, model.subgraphs),
    dtypes,
    metadata: describeMetadata(model, facts),
    hasInputScaling: facts.inputs.some(({ normalization }) => normalization !== null),
    packedFiles: facts.packedFiles.map((file) => ({ name: file.name, sizeBytes: file.sizeBytes })),
    classNames: facts.classNames,
    findings: [...findings, ...facts.findings],
    unsupported: [],
  };
}

/** What the metadata says, in the order in which it is read; entries of other tools by name and size. */
function describeMetadata(model: Model, facts: ModelFacts): { label: string; value: string }[] {
  const entries = [
    ['name', facts.name],
    ['description', facts.description],
    ['author', facts.author],
    ['licence', facts.license],
    ['version', facts.version],
    ['oldest runtime', facts.minRuntimeVersion],
    ...facts.inputs.flatMap((input, i) => describeTensorFacts(`input ${i}`, input)),
    ...facts.outputs.flatMap((output, i) => describeTensorFacts(`output ${i}`, output)),
    ...(model.metadata ?? [])
      .filter(({ name }) => name !== 'TFLITE_METADATA' && name !== 'min_runtime_version')
      .map(({ name, buffer }) => [
        name ?? 'entry without a name',
        `${model.buffers[buffer]?.data?.length ?? 0} bytes`,
      ]),
  ] as [string, string | null][];
  return entries.flatMap(([label, value]) => (value === null ? [] : [{ label, value }]));
}

function describeTensorFacts(label: string, facts: TensorFacts): [string, string | null][] {
  const { normalization, min, max } = facts;
  return [
    [label, [facts.name, facts.content].filter((part) => part !== null).join(', ') || null],
    [`${label}, about`, facts.description],
    [
      `${label}, scaling`,
      normalization && `(x - ${normalization.mean.join(', ')}) / ${normalization.std.join(', ')}`,
    ],
    [`${label}, range`, min && max && `${min.join(', ')} to ${max.join(', ')}`],
  ];
}

function refs(model: Model, subgraph: number, tensors: Int32Array) {
  return Array.from(tensors, (index) => tensorRef(model, subgraph, index)).filter((ref) => ref !== null);
}

function countKinds(model: Model, subgraphs: readonly Subgraph[]): { kind: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const operator of subgraphs.flatMap(({ operators }) => operators)) {
    const kind = operatorKind(model, operator);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts]
    .map(([kind, count]) => ({ kind, count }))
    .sort((a, b) => b.count - a.count || a.kind.localeCompare(b.kind));
}
