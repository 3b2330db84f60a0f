/** What is open, and what is kept of it in the browser: models with their variants, data, comparisons. */
import type { Comparison } from '../core/measure/types';
import { type Bookmark, Bookmarks } from './bookmarks.svelte';
import { fitsModel, type OpenDataset } from './datasets.svelte';
import { Variant, type OpenModel } from './models.svelte';
import type { WorkspaceStorage } from './storage';

export class Workspace {
  readonly bookmarks: Bookmarks;
  #storage: WorkspaceStorage;
  #models = $state.raw<readonly OpenModel[]>([]);
  #datasets = $state.raw<readonly OpenDataset[]>([]);
  /** Names of what is still being brought back from the last visit; null while that is being looked up. */
  #restoring = $state.raw<readonly string[] | null>([]);
  #activeId = $state<string | null>(null);
  #dataId = $state<string | null>(null);

  constructor(storage: WorkspaceStorage) {
    this.#storage = storage;
    this.bookmarks = new Bookmarks(storage);
  }

  get models(): readonly OpenModel[] {
    return this.#models;
  }
  get datasets(): readonly OpenDataset[] {
    return this.#datasets;
  }
  /** Nothing is open, and nothing is on its way. */
  get isEmpty(): boolean {
    const isRestoring = this.#restoring !== null && this.#restoring.length > 0;
    return this.#models.length === 0 && this.#datasets.length === 0 && !isRestoring;
  }
  /** Names of what is still being brought back from the last visit; null while that is being looked up. */
  get restoring(): readonly string[] | null {
    return this.#restoring;
  }
  /** Models that were opened, not made here. */
  get originals(): readonly OpenModel[] {
    return this.#models.filter((model) => !(model instanceof Variant));
  }
  get active(): OpenModel | null {
    return this.find(this.#activeId) ?? null;
  }
  /** The dataset that the user chose, or null for whatever fits. */
  get chosenData(): OpenDataset | null {
    return this.#datasets.find((dataset) => dataset.id === this.#dataId) ?? null;
  }

  find(id: string | null): OpenModel | undefined {
    return this.#models.find((model) => model.id === id);
  }
  variantsOf(id: string): readonly Variant[] {
    return this.#models.filter(
      (model): model is Variant => model instanceof Variant && model.originalId === id,
    );
  }
  /** The model that this one was made from, or itself. */
  originalOf(model: OpenModel): OpenModel {
    return model instanceof Variant ? (this.find(model.originalId) ?? model) : model;
  }
  /** The dataset to measure a model on: the chosen one if it fits, else the first that does. */
  dataFor(model: OpenModel): OpenDataset | null {
    const candidates = this.chosenData ? [this.chosenData, ...this.#datasets] : this.#datasets;
    return candidates.find((dataset) => fitsModel(dataset.summary, model.summary)) ?? null;
  }

  /** Says what is still to be brought back, see `restoring`. */
  expect(names: readonly string[] | null): void {
    this.#restoring = names;
  }
  activate(id: string): void {
    if (this.find(id)) this.#activeId = id;
  }
  chooseData(id: string): void {
    this.#dataId = id;
  }

  /** Adds a model and keeps it for the next visit (not when it comes from there). */
  addModel(model: OpenModel, isRestored = false): void {
    this.#models = [...this.#models, model];
    this.#activeId ??= model.id;
    if (isRestored) return;
    const made =
      model instanceof Variant
        ? {
            originalId: model.originalId,
            asked: model.asked,
            reports: model.reports,
            mapping: model.mapping,
          }
        : null;
    const { id, name, file } = model;
    void this.#storage.keepModel({ id, order: Date.now(), name, file, made });
  }

  /** The bookmarks that would go with a model and the variants made from it. */
  bookmarksIn(id: string): readonly Bookmark[] {
    const going = [id, ...this.variantsOf(id).map((variant) => variant.id)];
    return this.bookmarks.list.filter(({ modelId }) => going.includes(modelId));
  }
  /** Closes a model and the variants made from it; returns the ids of all that went. */
  removeModel(id: string): readonly string[] {
    const gone = [id, ...this.variantsOf(id).map((variant) => variant.id)];
    const place = this.#models.findIndex((model) => model.id === id);
    this.#models = this.#models.filter((model) => !gone.includes(model.id));
    if (this.#activeId !== null && gone.includes(this.#activeId))
      this.#activeId = this.#models[Math.max(0, place - 1)]?.id ?? null;
    for (const goneId of gone) {
      void this.#storage.forget('models', goneId);
      void this.#storage.forget('comparisons', goneId);
    }
    this.bookmarks.prune((modelId) => !gone.includes(modelId));
    return gone;
  }

  addData(dataset: OpenDataset, isRestored = false): void {
    this.#datasets = [...this.#datasets, dataset];
    if (!isRestored) this.#keepData(dataset);
  }
  rescaleData(id: string, rule: string): void {
    const dataset = this.#datasets.find((candidate) => candidate.id === id);
    dataset?.rescale(rule);
    if (dataset) this.#keepData(dataset);
  }
  removeData(id: string): void {
    this.#datasets = this.#datasets.filter((dataset) => dataset.id !== id);
    if (this.#dataId === id) this.#dataId = null;
    void this.#storage.forget('datasets', id);
  }

  /** Gives every model of a comparison its figures; `modelIds` are in the comparison's order. */
  keepComparison(modelIds: readonly string[], comparison: Comparison, isRestored = false): void {
    modelIds.forEach((id, index) => this.find(id)?.keepMeasured({ comparison, index }));
    const subjectId = modelIds.at(-1);
    if (!isRestored && subjectId !== undefined)
      void this.#storage.keepComparison({ subjectId, order: Date.now(), modelIds, comparison });
  }

  /** Closes everything and forgets it. */
  clear(): void {
    this.#models = [];
    this.#datasets = [];
    this.#restoring = [];
    this.#activeId = null;
    this.#dataId = null;
    this.bookmarks.clear();
    void this.#storage.clear();
  }

  #keepData({ id, name, files, chosenScale }: OpenDataset): void {
    void this.#storage.keepDataset({ id, order: Date.now(), name, files, scale: chosenScale });
  }
}
