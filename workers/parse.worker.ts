/** Reads models and datasets and answers questions about them. */
import { expose, transfer } from 'comlink';
import { readDataset } from '../src/core/data/dataset';
import { samplePicture } from '../src/core/data/picture';
import type { Dataset } from '../src/core/data/types';
import { buildViewGraph } from '../src/core/graph/build';
import { search } from '../src/core/graph/search';
import * as inspect from '../src/core/inspect';
import { lintModel } from '../src/core/lint/lint';
import { staticFigures } from '../src/core/measure/size';
import { unsupportedOperators } from '../src/engines/litert/unsupported';
import { recipeToAeq } from '../src/core/optimize/aeq/to-aeq';
import { matchRecipe } from '../src/core/optimize/matched-operators';
import { registerErrors } from '../src/rpc/errors';
import type { DataFile, DataSummary, ParseApi } from './protocol';

const models = inspect.openedModels();
const modelOf = (id: string) => models.get(id).model;

/** Pixels a side of a sample's picture at most. */
const largestPicture = 96;
let pictured: { readonly dataId: string; readonly dataset: Promise<Dataset> } | null = null;

const api: ParseApi = {
  async open(id, name, file) {
    const { model, bytes, findings } = models.open(id, await bytesOf(file));
    return { ...inspect.summarize(model, bytes, name, findings), unsupported: unsupportedOperators(model) };
  },
  close: async (id) => models.close(id),
  figures: async (id) => staticFigures(modelOf(id), models.get(id).bytes),
  lint: async (id) => lintModel(modelOf(id), null),
  viewGraph: async (id, subgraph, folded = true) => buildViewGraph(modelOf(id), subgraph, { folded }),
  search: async (id, subgraph, query) => search(models.get(id).searchIndex(subgraph), query),
  operator: async (id, subgraph, operator) => inspect.describeOperator(modelOf(id), subgraph, operator),
  tensor: async (id, subgraph, tensor) => inspect.describeTensor(modelOf(id), subgraph, tensor),
  statistics: async (id, subgraph, tensor) => inspect.tensorStatistics(modelOf(id), subgraph, tensor),
  values: async (id, ...page) => inspect.tensorValuesPage(modelOf(id), ...page),
  async exportTensor(id, ...what) {
    const file = inspect.exportTensor(modelOf(id), ...what);
    return transfer(file, [file.bytes.buffer as ArrayBuffer]);
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
