/** Files into the workbench: models, data and recipes. */
import { plural } from '../core/format';
import type { NodeDataSet } from '../core/graph/node-data';
import { readRecipeText } from '../core/optimize/recipe-text';
import { isAbort } from '../rpc/errors';
import { fitsModel, OpenDataset, whyUnfit } from './datasets.svelte';
import { sortFiles, type DataGroup, type FoundFile } from './files';
import { freeName, OpenModel } from './models.svelte';
import { nodeDataOf } from './overlays.svelte';
import type { Workbench } from './workbench.svelte';

/** No recipe that people write comes near. */
const largestRecipeBytes = 1024 ** 2;

/** Opens whatever was given. One bad file leaves the others and the workspace as they are. */
export async function openFiles(workbench: Workbench, found: readonly FoundFile[]): Promise<void> {
  const { models, data, recipes } = sortFiles(found);
  // One after the other: files that came together stand together, in their order.
  for (const item of models) await openModel(workbench, item.file);
  for (const group of data) await openData(workbench, group);
  for (const item of recipes) await importJson(workbench, item.file);
}

/** Opens one model and shows it; returns it, or null after telling why not. */
export async function openModel(workbench: Workbench, file: File): Promise<OpenModel | null> {
  const { workspace, services, notices, jobs } = workbench;
  const taken = workspace.models.map((model) => model.name);
  const name = freeName(file.name, taken);
  const id = crypto.randomUUID();
  try {
    const model = await jobs.add(
      { title: `Open ${file.name}`, modelId: null, isUrgent: true },
      async (signal) => {
        const summary = await services.parse.open(id, name, file, signal);
        return new OpenModel(id, name, file, summary);
      },
    );
    // Asked for before the page makes room for it; what fails is told where it is shown.
    workbench.loadGraph(id, 0).catch(() => undefined);
    workspace.addModel(model);
    workbench.activate(id);
    notices.announce(`Opened ${name}.`);
    tellOfDamage(workbench, model);
    return model;
  } catch (error) {
    services.parse.close(id).catch(() => undefined);
    if (!isAbort(error)) notices.fail(`${file.name} was not opened.`, error);
    return null;
  }
}

/** A damaged model is shown as well as it can be; it is told at once that nothing more can be done with it. */
function tellOfDamage({ notices }: Workbench, { name, summary }: OpenModel): void {
  const [first, ...others] = summary.findings.filter(({ severity }) => severity === 'error');
  if (!first) return;
  const more =
    others.length > 0
      ? ` ${plural(others.length, 'more fault is', 'more faults are')} listed beside the graph.`
      : '';
  notices.add(
    'warn',
    `${name} is damaged: it can be looked at, but neither run nor made smaller.`,
    `${first.where}: ${first.message}${more}`,
    // Its faults stay listed in the inspector, and beside the graph what they mean for the picture.
    true,
  );
}

/** Reads a dataset and adds it. `scale` null: a likely rule for the model that it is used for. */
export async function openData(
  workbench: Workbench,
  group: DataGroup,
  scale: string | null = null,
): Promise<void> {
  const { workspace, services, notices, jobs } = workbench;
  const name = freeName(
    group.name,
    workspace.datasets.map((dataset) => dataset.name),
  );
  try {
    const summary = await jobs.add({ title: `Read ${name}`, modelId: null, isUrgent: true }, (signal) =>
      services.parse.describeData(name, group.files, signal),
    );
    const id = crypto.randomUUID();
    const dataset = new OpenDataset(id, name, group.files, summary, scale);
    workspace.addData(dataset);
    workspace.chooseData(id);
    notices.announce(`Read ${name}, ${plural(summary.sampleCount, 'sample')}.`);
    tellWhereUnfit(workbench, dataset);
  } catch (error) {
    if (!isAbort(error)) notices.fail(`The data ${name} was not read.`, error);
  }
}

/** Data that fit no open model are kept for one that comes later, but why they do not fit is told now. */
function tellWhereUnfit({ active, workspace, notices }: Workbench, { name, summary }: OpenDataset): void {
  if (!active || workspace.models.some((model) => fitsModel(summary, model.summary))) return;
  notices.add(
    'warn',
    `${name} fits no open model.`,
    `${whyUnfit(summary, active.summary) ?? ''} Open the model that it belongs to, or other data.`,
  );
}

/** Takes what is in a JSON file: figures for the graph (node data), or else a recipe. */
async function importJson(workbench: Workbench, file: File): Promise<void> {
  try {
    const sets = await nodeDataOf(file);
    if (sets) addNodeData(workbench, sets);
    else await importRecipe(workbench, file);
  } catch (error) {
    workbench.notices.fail(`${file.name} was not imported.`, error);
  }
}

function addNodeData({ overlays, notices }: Workbench, sets: readonly NodeDataSet[]): void {
  overlays.add(sets);
  notices.announce(`Imported ${sets.map(({ name }) => name).join(', ')} for the graph.`);
}

/** Takes figures for the graph from a JSON file and shows them. */
export async function importNodeData(workbench: Workbench, file: File): Promise<void> {
  const { notices } = workbench;
  try {
    const sets = await nodeDataOf(file);
    if (sets) addNodeData(workbench, sets);
    else {
      notices.add(
        'warn',
        `${file.name} was not imported.`,
        'It is no node data: JSON with "results", a figure for each operator by the name of its output or by its index.',
      );
    }
  } catch (error) {
    notices.fail(`${file.name} was not imported.`, error);
  }
}

/** Takes a recipe from a JSON file, Whittle's own or ai-edge-quantizer's. */
export async function importRecipe(workbench: Workbench, file: File): Promise<void> {
  try {
    const text = file.size > largestRecipeBytes ? '' : await file.text();
    const { recipe, notes } = readRecipeText(text, file.name.replace(/\.json$/i, ''));
    workbench.draft.useRecipe(recipe);
    workbench.settings.fold('dock', false);
    if (notes.length > 0)
      workbench.notices.add(
        'info',
        `${file.name} was read from ai-edge-quantizer's format.`,
        notes.join(' '),
      );
    workbench.notices.announce(`Imported the recipe ${recipe.name}.`);
  } catch (error) {
    workbench.notices.fail(`${file.name} was not imported.`, error);
  }
}

/** Loads a file that comes with the page. */
async function fetchSample(path: string): Promise<File> {
  const response = await fetch(new URL(`samples/${path}`, document.baseURI));
  // A server that answers everything with its start page would hand us HTML.
  if (!response.ok || response.headers.get('content-type')?.startsWith('text/html'))
    throw new Error('The sample is not on this server. Open a .tflite file of your own.');
  return new File([await response.blob()], path.slice(path.lastIndexOf('/') + 1));
}

export interface Sample {
  readonly model: string;
  /** Test data that come with it, and how they are scaled. */
  readonly data: { readonly path: string; readonly name: string; readonly scale: string | null } | null;
}

/** Opens a sample and its data. */
export async function openSample(workbench: Workbench, sample: Sample): Promise<void> {
  try {
    const model = await fetchSample(sample.model);
    const data = sample.data && { ...sample.data, file: await fetchSample(sample.data.path) };
    await openModel(workbench, model);
    if (!data) return;
    const files = [{ name: data.file.name, file: data.file }];
    await openData(workbench, { name: data.name, files }, data.scale);
  } catch (error) {
    workbench.notices.fail('The sample was not opened.', error);
  }
}
