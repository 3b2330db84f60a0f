/** Looks for faults in a model that was read: everything that would mislead or crash whoever works with it. */
import type { Finding } from '../inspect/types';
import { Findings } from './check/findings';
import { checkCalls, checkGraph } from './check/graph';
import { checkTensor } from './check/tensors';
import { builtinOperatorOf } from './operators';
import type { Model } from './types';

export { calledSubgraphs } from './check/graph';

const FORMAT_VERSION = 3;

/**
 * Every fault of the model with its place, errors first (at most 200 findings are listed). An error makes the model
 * unfit for use: an index out of range, a cycle, bytes that do not fit their shape. Takes time linear in the model.
 */
export function checkModel(model: Model): Finding[] {
  const findings = new Findings();
  if (model.version !== FORMAT_VERSION) {
    findings.error(
      'version',
      `The format version is ${model.version}; only version ${FORMAT_VERSION} is in use.`,
    );
  }
  if (model.subgraphs.length === 0) findings.error('subgraphs', 'The model has no subgraph.');
  checkTables(model, findings);
  model.subgraphs.forEach((subgraph, i) => {
    const where = `subgraphs[${i}]`;
    subgraph.tensors.forEach((tensor, j) => {
      checkTensor(model, subgraph, tensor, `${where}.tensors[${j}]`, findings);
    });
    checkGraph(model, subgraph, where, findings);
  });
  checkCalls(model, findings);
  checkSignatures(model, findings);
  return findings.list();
}

function checkTables(model: Model, findings: Findings): void {
  const { buffers, operatorCodes, metadata, metadataBuffer, externalBuffers, externalBufferGroups } = model;
  operatorCodes.forEach((code, i) => {
    if (builtinOperatorOf(code) === 'CUSTOM' && !code.customCode) {
      findings.warn(`operatorCodes[${i}].customCode`, 'A custom operator has no name.');
    }
  });
  if (buffers[0]?.data?.length) {
    findings.warn(
      'buffers[0]',
      'The first buffer holds data; by convention it is empty and stands for "no data".',
    );
  }
  metadata?.forEach((entry, i) =>
    findings.index(entry.buffer, buffers.length, `metadata[${i}].buffer`, 'buffer'),
  );
  metadataBuffer?.forEach((index, i) =>
    findings.index(index, buffers.length, `metadataBuffer[${i}]`, 'buffer'),
  );
  externalBuffers?.forEach((buffer, i) =>
    findings.index(
      buffer.group,
      externalBufferGroups?.length ?? 0,
      `externalBuffers[${i}].group`,
      'external buffer group',
    ),
  );
}

function checkSignatures(model: Model, findings: Findings): void {
  const keys = new Set<string | null>();
  model.signatureDefs?.forEach((signature, i) => {
    const where = `signatureDefs[${i}]`;
    if (keys.has(signature.signatureKey)) {
      findings.warn(`${where}.signatureKey`, `The key "${signature.signatureKey ?? ''}" is used twice.`);
    }
    keys.add(signature.signatureKey);
    const subgraph = signature.subgraphIndex;
    if (!findings.index(subgraph, model.subgraphs.length, `${where}.subgraphIndex`, 'subgraph')) return;
    const count = model.subgraphs[subgraph]!.tensors.length;
    for (const side of ['inputs', 'outputs'] as const) {
      signature[side].forEach((map, j) =>
        findings.index(map.tensorIndex, count, `${where}.${side}[${j}].tensorIndex`, 'tensor'),
      );
    }
  });
}
