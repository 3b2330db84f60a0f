/** What was open at the last visit. */
import { OpenDataset } from './datasets.svelte';
import { OpenModel, Variant } from './models.svelte';
import { describeError } from './notices.svelte';
import type { StoredDataset, StoredModel, WorkspaceStorage } from './storage';
import type { Workbench } from './workbench.svelte';

/** A database that does not answer (another tab holds it) must not keep the page from being used. */
const patienceMs = 3000;

/**
 * Brings back what was open at the last visit, one after the other, while the page can already be used. What cannot
 * be read any more is left out and named; what was closed meanwhile stays closed.
 */
export async function restoreWorkspace(workbench: Workbench, storage: WorkspaceStorage): Promise<void> {
  const { workspace, notices } = workbench;
  workspace.expect(null);
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), patienceMs));
  const stored = await Promise.race([storage.read(), late]);
  let left = stored ? [...stored.models, ...stored.datasets].map(({ name }) => name) : [];
  workspace.expect(left);
  if (!stored) return;

  const lost: string[] = [];
  /** Opens one; false once everything was closed. */
  async function bring<T extends StoredModel | StoredDataset>(
    store: 'models' | 'datasets',
    item: T,
    open: (item: T) => Promise<() => void>,
  ): Promise<boolean> {
    try {
      const add = await open(item);
      if (workspace.restoring !== left) return false;
      add();
    } catch (error) {
      if (workspace.restoring !== left) return false;
      lost.push(`${item.name}: ${describeError(error)}`);
      void storage.forget(store, item.id);
    }
    left = left.slice(1);
    workspace.expect(left);
    return true;
  }

  for (const item of stored.models) {
    if (!(await bring('models', item, (model) => openStored(workbench, model)))) return;
  }
  workspace.bookmarks.restore(stored.bookmarks, (id) => workspace.find(id) !== undefined);
  for (const item of stored.datasets) {
    if (!(await bring('datasets', item, (data) => readStored(workbench, data)))) return;
  }
  for (const { modelIds, comparison, subjectId } of stored.comparisons) {
    if (modelIds.every((id) => workspace.find(id))) workspace.keepComparison(modelIds, comparison, true);
    else void storage.forget('comparisons', subjectId);
  }
  if (!workspace.isEmpty)
    notices.add(
      'info',
      'Restored from your last visit.',
      'It is kept in this browser. "Close all" clears it.',
    );
  if (lost.length > 0) notices.add('warn', 'Some files could not be restored.', lost.join(' '));
}

async function openStored(workbench: Workbench, { id, name, file, made }: StoredModel): Promise<() => void> {
  const { workspace, services } = workbench;
  if (made && !workspace.find(made.originalId)) throw new Error('Its original is gone.');
  const summary = await services.parse.open(id, name, file);
  return () => {
    workspace.addModel(
      made ? new Variant(id, name, file, summary, made) : new OpenModel(id, name, file, summary),
      true,
    );
    if (!workbench.history.place) workbench.activate(id);
  };
}

async function readStored(
  { workspace, services }: Workbench,
  { id, name, files, scale }: StoredDataset,
): Promise<() => void> {
  const summary = await services.parse.describeData(name, files);
  return () => workspace.addData(new OpenDataset(id, name, files, summary, scale), true);
}
