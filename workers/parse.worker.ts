/** Reads models and datasets and answers questions about them. */
import { expose, transfer } from 'comlink';
import { readDataset } from '../src/core/data/dataset';
import { samplePicture } from '../src/core/data/picture';
import type { Dataset } from '../src/core/data/types';
import { buildViewGraph } from '../src/core/graph/build';
import { findGroups } from '../src/core/graph/groups';
import { diffGraphs } from '../src/core/graph/diff';
import { subgraphMetrics } from '../src/core/graph/metrics';
import { operatorTable } from '../src/core/graph/operator-table';
import { search } from '../src/core/graph/search';
import type { ViewGraph } from '../src/core/graph/types';
import * as inspect from '../src/core/inspect';
import { lintModel } from '../src/core/lint/lint';
import { staticFigures } from '../src/core/measure/size';
import { unsupportedOperators } from '../src/engines/litert/unsupported';
import { damageOf } from '../src/core/model/open';
import { recipeToAeq } from '../src/core/optimize/aeq/to-aeq';
import { matchRecipe } from '../src/core/optimize/matched-operators';
import { registerErrors } from '../src/rpc/errors';
import { fileParts } from './file-parts';
import type { DataFile, DataSummary, ParseApi } from './protocol';

const models = inspect.openedModels();
const modelOf = (id: string) => models.get(id).model;
/** Slices are short, so that other questions are answered in between. */
const steps = inspect.stepRunner(25, () => performance.now());

const byteItems = (id: string) => inspect.byteItems(modelOf(id), models.get(id).bytes.length);

/** Hits that are sent at once. */
const pageOfHits = 200;
/** Nodes and edge labels that are sent at once. */
const pageOfNodes = 1500;
/** The graph that is being sent. */
let sent: { readonly key: string; readonly graph: ViewGraph } | null = null;
/** Pixels a side of a sample's picture at most. */
const largestPicture = 96;
let pictured: { readonly dataId: string; readonly dataset: Promise<Dataset> } | null = null;

const api: ParseApi = {
  async open(id, name, file) {
    const { model, bytes, findings } = models.open(id, await bytesOf(file));
    try {
      return { ...inspect.summarize(model, bytes, name, findings), unsupported: unsupportedOperators(model) };
    } catch (error) {
      // Too damaged even to be looked at: what is wrong says more than where it was noticed.
      models.close(id);
      throw damageOf(findings) ?? error;
    }
  },
  async close(id) {
    steps.drop(`${id}/`);
    if (sent?.key.startsWith(`${id}/`)) sent = null;
    models.close(id);
  },
  figures: async (id) => staticFigures(modelOf(id), models.get(id).bytes),
  // Advice on what a damaged model could become would be about something else.
  lint: async (id) => (damageOf(models.get(id).findings) ? [] : lintModel(modelOf(id), null)),
  async viewGraph(id, subgraph, folded, from) {
    const key = `${id}/${subgraph}/${folded}`;
    if (sent?.key !== key) {
      const model = modelOf(id);
      const graph = buildViewGraph(model, subgraph, { folded });
      sent = { key, graph: { ...graph, groups: findGroups(graph, model) } };
    }
    const { nodes, edgeLabel, ...rest } = sent.graph;
    const to = from + pageOfNodes;
    const isLast = to >= nodes.length && to >= edgeLabel.length;
    if (isLast) sent = null;
    return {
      rest: from === 0 ? rest : null,
      nodes: nodes.slice(from, to),
      edgeLabel: edgeLabel.slice(from, to),
      next: isLast ? null : to,
    };
  },
  metrics: async (id, subgraph) => subgraphMetrics(modelOf(id), subgraph),
  diff: async (beforeId, afterId, subgraph, mapping) =>
    diffGraphs(modelOf(beforeId), modelOf(afterId), subgraph, mapping),
  search: async (id, subgraph, query, offset = 0) =>
    search(models.get(id).searchIndex(subgraph), query, pageOfHits, offset),
  operatorTable: async (id, subgraph) => operatorTable(modelOf(id), subgraph),
  operator: async (id, subgraph, operator) => inspect.describeOperator(modelOf(id), subgraph, operator),
  tensor: async (id, subgraph, tensor) => inspect.describeTensor(modelOf(id), subgraph, tensor),
  async survey(id, subgraph, tensor) {
    const key = `${id}/survey/${subgraph}/${tensor}`;
    return steps.advance(key, () => inspect.surveyTensor(modelOf(id), subgraph, tensor));
  },
  async difference(id, subgraph, tensor, originalId, originalTensor) {
    const key = `${id}/difference/${subgraph}/${tensor}/${originalId}/${originalTensor}`;
    return steps.advance(key, () =>
      inspect.compareTensors(
        { model: modelOf(originalId), subgraph, index: originalTensor },
        { model: modelOf(id), subgraph, index: tensor },
      ),
    );
  },
  channel: async (id, ...which) => inspect.channelStatistics(modelOf(id), ...which),
  async filters(id, ...which) {
    const pictures = inspect.filterPictures(modelOf(id), ...which);
    return transfer(pictures, [pictures.values.buffer as ArrayBuffer]);
  },
  scales: async (id, ...which) => inspect.scaleTable(modelOf(id), ...which),
  bytes: async (id) => byteItems(id),
  byteGroups: async (id, view, most) => inspect.groupBytes(byteItems(id), view, most),
  values: async (id, ...page) => inspect.tensorValuesPage(modelOf(id), ...page),
  async exportTensor(id, subgraph, tensor, format) {
    return steps.advance(`${id}/export/${subgraph}/${tensor}/${format}`, function* () {
      const parts = fileParts();
      const fileName = yield* inspect.exportSteps(modelOf(id), subgraph, tensor, format, parts.write);
      return { fileName, file: parts.file() };
    });
  },
  async archive(id, values) {
    return steps.advance(`${id}/archive/${values}`, function* () {
      const parts = fileParts();
      const report = yield* inspect.archiveConstants(modelOf(id), values, parts.write);
      return { ...report, file: parts.file() };
    });
  },
  matchRecipe: async (id, recipe) => matchRecipe(modelOf(id), recipe),
  recipeToAeq: async (id, recipe) => recipeToAeq(recipe, modelOf(id)),
  async describeData(name, files) {
    return summarizeData(await readFiles(name, files));
  },
  async samplePicture(dataId, files, sample) {
    if (pictured?.dataId !== dataId) pictured = { dataId, dataset: readFiles(dataId, files) };
    const picture = samplePicture(await pictured.dataset, sample, largestPicture);
    return picture && transfer(picture, [picture.rgba.buffer]);
  },
  async findTensor(id, subgraph, name) {
    const index = modelOf(id).subgraphs[subgraph]?.tensors.findIndex((tensor) => tensor.name === name) ?? -1;
    return index === -1 ? null : index;
  },
};

function summarizeData({ name, sampleCount, inputs, inputNames, labels, classNames }: Dataset): DataSummary {
  return {
    name,
    sampleCount,
    inputs: inputs.map(({ dtype, shape }, i) => ({ name: inputNames[i] ?? null, dtype, shape })),
    classCount:
      classNames?.length ?? (labels ? labels.reduce((top, label) => Math.max(top, label), 0) + 1 : null),
    hasLabels: labels !== null,
  };
}

async function readFiles(name: string, files: readonly DataFile[]): Promise<Dataset> {
  const read = files.map(async (one) => ({ name: one.name, bytes: await bytesOf(one.file) }));
  return readDataset(name, await Promise.all(read));
}

async function bytesOf(file: Blob): Promise<Uint8Array> {
  return new Uint8Array(await file.arrayBuffer());
}

registerErrors();
expose(api);
