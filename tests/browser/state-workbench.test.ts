import { afterEach, describe, expect, it, vi } from 'vitest';
import { interpretClient } from '../../src/rpc/interpret';
import { optimizeClient } from '../../src/rpc/optimize';
import { parseClient } from '../../src/rpc/parse';
import { importRecipe, openFiles } from '../../src/state/opening';
import { restoreWorkspace } from '../../src/state/restoring';
import { foundFiles } from '../../src/state/files';
import { Variant } from '../../src/state/models.svelte';
import { WorkspaceStorage } from '../../src/state/storage';
import { Workbench } from '../../src/state/workbench.svelte';
import { Workspace } from '../../src/state/workspace.svelte';

/** The workbench with the real workers and the browser's own database. */
function makeWorkbench() {
  const parse = parseClient();
  const optimize = optimizeClient();
  const interpret = interpretClient();
  const storage = new WorkspaceStorage();
  const workbench = new Workbench({ parse, optimize, interpret }, new Workspace(storage));
  const dispose = () => {
    for (const client of [parse, optimize, interpret]) client.dispose();
  };
  return { workbench, storage, dispose };
}

const open: (() => void)[] = [];
function start() {
  const made = makeWorkbench();
  open.push(made.dispose);
  return made;
}

afterEach(async () => {
  for (const dispose of open.splice(0)) dispose();
  await new WorkspaceStorage().clear();
  localStorage.clear();
});

async function sample(path: string): Promise<File> {
  const response = await fetch(`/samples/${path}`);
  expect(response.ok).toBe(true);
  return new File([await response.blob()], path);
}

describe('the workbench', () => {
  it('opens a model and its data, plans, and makes a variant', async () => {
    const { workbench } = start();
    workbench.settings.measureAfter(false);
    await openFiles(workbench, foundFiles([await sample('digits.tflite'), await sample('digits-test.npz')]));
    const { workspace } = workbench;
    expect(workbench.active?.name).toBe('digits.tflite');
    expect(workspace.datasets[0]?.summary).toMatchObject({ sampleCount: 500, hasLabels: true });
    expect(workspace.datasets[0]?.scaleFor(workbench.active!.summary)).toBe('x/255');
    expect(workspace.dataFor(workbench.active!)).toBe(workspace.datasets[0]);

    workbench.draft.usePreset('dynamic-range');
    await workbench.plan();
    const original = workbench.active!;
    expect(workbench.draft.planFor(original.id)).toHaveLength(workbench.draft.steps.length);

    await workbench.makeVariant();
    const variant = workbench.active;
    expect(variant).toBeInstanceOf(Variant);
    expect(variant?.summary.sizeBytes).toBeLessThan(original.summary.sizeBytes / 3);
    expect((variant as Variant).asked.name).toBe('dynamic-range');
    expect(workspace.variantsOf(original.id)).toEqual([variant]);
    expect(workbench.notices.announcement).toContain('Made dynamic-range');

    await workbench.makeVariant();
    expect(workbench.active?.name).toBe('dynamic-range 2');
  });

  it('says what is wrong with a bad file and changes nothing else', async () => {
    const { workbench } = start();
    await openFiles(workbench, foundFiles([await sample('digits.tflite')]));
    const before = workbench.active;
    await openFiles(workbench, foundFiles([new File(['<!doctype html><p>no'], 'model.tflite')]));
    expect(workbench.active).toBe(before);
    expect(workbench.workspace.models).toHaveLength(1);
    expect(workbench.notices.messages).toHaveLength(1);
    expect(workbench.notices.messages[0]).toMatchObject({
      tone: 'bad',
      title: 'model.tflite was not opened.',
    });
    expect(workbench.notices.messages[0]?.detail).toMatch(/web page/i);
  });

  it('leaves everything as it was when making is cancelled', async () => {
    const { workbench } = start();
    await openFiles(workbench, foundFiles([await sample('digits.tflite')]));
    const making = workbench.makeVariant();
    await vi.waitFor(() => expect(workbench.jobs.isBusy).toBe(true));
    workbench.jobs.cancelAll();
    await making;
    expect(workbench.jobs.isBusy).toBe(false);
    expect(workbench.workspace.models).toHaveLength(1);
    expect(workbench.notices.messages).toEqual([]);
    expect(workbench.notices.announcement).toContain('cancelled');
    await workbench.makeVariant();
    expect(workbench.workspace.models).toHaveLength(2);
  });

  it('imports a recipe, and refuses one that does not validate', async () => {
    const { workbench } = start();
    const recipe = { name: 'mine', version: 1, steps: [{ pass: 'float16' }] };
    await importRecipe(workbench, new File([JSON.stringify(recipe)], 'mine.json'));
    expect(workbench.draft.recipe).toEqual(recipe);
    await importRecipe(
      workbench,
      new File(['{"name":"x","version":1,"steps":[{"pass":"flot16"}]}'], 'bad.json'),
    );
    expect(workbench.draft.recipe).toEqual(recipe);
    expect(workbench.notices.messages[0]?.detail).toContain('float16');
  });

  it('brings back models, variants and data after a reload, and forgets them on request', async () => {
    const first = start();
    first.workbench.settings.measureAfter(false);
    await openFiles(
      first.workbench,
      foundFiles([await sample('digits.tflite'), await sample('digits-test.npz')]),
    );
    await first.workbench.makeVariant();
    // A read goes through the same queue as the writes before it.
    await vi.waitFor(async () => expect((await first.storage.read())?.models).toHaveLength(2));

    const second = start();
    await restoreWorkspace(second.workbench, second.storage);
    const { workspace } = second.workbench;
    expect(workspace.models.map((model) => model.name)).toEqual(['digits.tflite', 'dynamic-range']);
    expect(workspace.variantsOf(workspace.originals[0]!.id)).toHaveLength(1);
    expect(workspace.datasets.map((dataset) => dataset.name)).toEqual(['digits-test']);
    expect(second.workbench.active).toBe(workspace.originals[0]);
    expect(second.workbench.notices.messages[0]?.title).toContain('Restored');

    second.workbench.closeAll();
    expect(workspace.isEmpty).toBe(true);
    await vi.waitFor(async () => expect((await second.storage.read())?.models).toEqual([]));
  });

  it('closes a model together with its variants', async () => {
    const { workbench } = start();
    await openFiles(workbench, foundFiles([await sample('digits.tflite')]));
    const original = workbench.active!;
    await workbench.makeVariant();
    workbench.closeModel(original.id);
    expect(workbench.workspace.isEmpty).toBe(true);
    expect(workbench.active).toBeNull();
    expect(workbench.selection).toBeNull();
  });
});
