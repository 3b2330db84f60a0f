/** The models that are being looked at, by id. */
import { ModelError } from '../errors';
import { buildSearchIndex, type SearchIndex } from '../graph/search';
import { openToLook } from '../model/open';
import type { Model } from '../model/types';
import type { Finding } from './types';

export interface OpenedFile {
  readonly model: Model;
  readonly bytes: Uint8Array;
  readonly findings: readonly Finding[];
  /** Search index of a subgraph, made at the first call. */
  searchIndex(subgraph: number): SearchIndex;
}

export interface OpenedModels {
  /** Reads and checks a file and keeps it under `id`. Throws the `ModelError` of `openToLook`. */
  open(id: string, bytes: Uint8Array): OpenedFile;
  /** Throws `ModelError` when nothing is open under `id`. */
  get(id: string): OpenedFile;
  close(id: string): void;
}

/** Starts with no model open. */
export function openedModels(): OpenedModels {
  const files = new Map<string, OpenedFile>();
  return {
    open(id, bytes) {
      const { model, findings } = openToLook(bytes);
      const indexes = new Map<number, SearchIndex>();
      const file: OpenedFile = {
        model,
        bytes,
        findings,
        searchIndex(subgraph) {
          const index = indexes.get(subgraph) ?? buildSearchIndex(model, subgraph);
          indexes.set(subgraph, index);
          return index;
        },
      };
      files.set(id, file);
      return file;
    },
    get(id) {
      const file = files.get(id);
      if (!file) throw new ModelError('not-a-model', 'This model is not open any more. Open its file again.');
      return file;
    },
    close: (id) => void files.delete(id),
  };
}
