/**
 * The workspace in the browser's database, so that a reload keeps it: files as blobs, recipes, names, figures. Every
 * function resolves whatever happens; a database that is full, blocked or from a newer version only means that
 * nothing is remembered.
 */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { countAccuracy } from '../core/measure/accuracy';
import type { Comparison, ModelMeasurement } from '../core/measure/types';
import type { OperatorMapping, PassReport, Recipe } from '../core/optimize/types';
import type { DataFile } from '../../workers/protocol';
import type { Bookmark } from './bookmarks.svelte';

export interface StoredModel {
  readonly id: string;
  readonly order: number;
  readonly name: string;
  readonly file: Blob;
  readonly made: {
    readonly originalId: string;
    readonly asked: Recipe;
    readonly reports: readonly PassReport[];
    readonly mapping: OperatorMapping;
  } | null;
}

export interface StoredDataset {
  readonly id: string;
  readonly order: number;
  readonly name: string;
  readonly files: readonly DataFile[];
  /** The rule that the user chose, or null. */
  readonly scale: string | null;
}

/** The last comparison that was made for a model: the original comes first in `modelIds`. */
export interface StoredComparison {
  readonly subjectId: string;
  readonly order: number;
  readonly modelIds: readonly string[];
  readonly comparison: Comparison;
}

export interface StoredWorkspace {
  readonly models: readonly StoredModel[];
  readonly datasets: readonly StoredDataset[];
  readonly comparisons: readonly StoredComparison[];
  readonly bookmarks: readonly Bookmark[];
}

interface Schema extends DBSchema {
  models: { key: string; value: StoredModel };
  datasets: { key: string; value: StoredDataset };
  comparisons: { key: string; value: StoredComparison };
  bookmarks: { key: string; value: Bookmark };
}
const storeNames = ['models', 'datasets', 'comparisons', 'bookmarks'] as const;
type StoreName = (typeof storeNames)[number];

const databaseName = 'whittle';
/** 2 added the bookmarks. */
const version = 2;

export class WorkspaceStorage {
  #database: Promise<IDBPDatabase<Schema> | null> | null = null;
  /** Writes are made one after the other, so that a late write cannot undo a later one. */
  #last: Promise<void> = Promise.resolve();

  async read(): Promise<StoredWorkspace | null> {
    try {
      const database = await this.#open();
      if (!database) return null;
      const [models, datasets, comparisons, bookmarks] = await Promise.all([
        database.getAll('models'),
        database.getAll('datasets'),
        database.getAll('comparisons'),
        database.getAll('bookmarks'),
      ]);
      const byOrder = (a: { order: number }, b: { order: number }) => a.order - b.order;
      return {
        models: models.toSorted(byOrder),
        datasets: datasets.toSorted(byOrder),
        comparisons: comparisons.toSorted(byOrder).map((stored) => ({
          ...stored,
          comparison: withConfusion(stored.comparison),
        })),
        bookmarks: bookmarks.toSorted(byOrder),
      };
    } catch {
      return null;
    }
  }

  keepModel(model: StoredModel): Promise<void> {
    return this.#write((database) => database.put('models', model));
  }
  keepDataset(dataset: StoredDataset): Promise<void> {
    return this.#write((database) => database.put('datasets', dataset));
  }
  keepComparison(comparison: StoredComparison): Promise<void> {
    const stored = { ...comparison, comparison: withoutConfusion(comparison.comparison) };
    return this.#write((database) => database.put('comparisons', stored));
  }
  keepBookmark(bookmark: Bookmark): Promise<void> {
    return this.#write((database) => database.put('bookmarks', bookmark));
  }
  forget(store: StoreName, id: string): Promise<void> {
    return this.#write((database) => database.delete(store, id));
  }
  clear(): Promise<void> {
    return this.#write(async (database) => {
      for (const store of storeNames) await database.clear(store);
    });
  }

  #open(): Promise<IDBPDatabase<Schema> | null> {
    this.#database ??= openDB<Schema>(databaseName, version, {
      upgrade(database, oldVersion) {
        if (oldVersion < 1) {
          database.createObjectStore('models', { keyPath: 'id' });
          database.createObjectStore('datasets', { keyPath: 'id' });
          database.createObjectStore('comparisons', { keyPath: 'subjectId' });
        }
        if (oldVersion < 2) database.createObjectStore('bookmarks', { keyPath: 'id' });
      },
      // Another tab wants a newer version: let it, and remember nothing from here on.
      blocking: (_current, _blocked, event) => {
        (event.target as IDBDatabase).close();
        this.#database = Promise.resolve(null);
      },
    }).catch(() => null);
    return this.#database;
  }

  #write(action: (database: IDBPDatabase<Schema>) => Promise<unknown>): Promise<void> {
    this.#last = this.#last.then(async () => {
      try {
        const database = await this.#open();
        if (database) await action(database);
      } catch {
        // See above: the page goes on without remembering.
      }
    });
    return this.#last;
  }
}

const noCounts = new Uint32Array(0);

/** Leaves out confusion counts that follow from labels and predictions: copying megabytes would hold up the page. */
function withoutConfusion(comparison: Comparison): Comparison {
  const lighten = (model: ModelMeasurement): ModelMeasurement =>
    comparison.labels && model.predictions && model.confusion
      ? { ...model, confusion: { ...model.confusion, counts: noCounts } }
      : model;
  return { ...comparison, models: comparison.models.map(lighten) };
}

function withConfusion(comparison: Comparison): Comparison {
  const { labels } = comparison;
  const fill = (model: ModelMeasurement): ModelMeasurement => {
    const { confusion, predictions } = model;
    if (!labels || !predictions || !confusion || confusion.counts.length > 0) return model;
    const count = countAccuracy(confusion.classes);
    labels.forEach((label, i) => count.add(label, predictions[i]!, false));
    return { ...model, confusion: count.confusion };
  };
  return { ...comparison, models: comparison.models.map(fill) };
}
