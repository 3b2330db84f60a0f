/** Constants and bytes in the inspector of the built page: exported, drawn, added up, and never in the way of input. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { readNpy } from '../../src/core/data/npy';
import { readNpz } from '../../src/core/data/npz';
import { constantBytes, isConstant, scaleInfo, tensorValues } from '../../src/core/model/tensors';
import { openModel } from '../../src/core/model/open';
import { writeModel } from '../../src/core/model/write';
import { packedModel } from '../support/packed-model';
import { buildModel, denseModel, fullyConnected, randomValues } from '../unit/optimize/fixtures';
import { violations } from './axe';
import { expectNoLongTask, watchTasks } from './main-thread';
import { chooseFiles, corpusModel, expect, hasCorpus, models, sampleFile, test, whenIdle } from './workbench';

const inspector = (page: Page) => page.getByRole('complementary', { name: 'Inspector' });

/** Shows the weights of an operator (`CONV_2D 0`), whose tile is chosen by keyboard. */
async function showWeights(page: Page, operator: string, role: string): Promise<void> {
  const panel = inspector(page);
  const back = panel.locator('button.up');
  if (await back.isVisible()) await back.click();
  await panel.getByRole('button', { name: 'Bytes …' }).click();
  const dialog = page.getByRole('dialog', { name: 'Bytes' });
  await dialog.getByRole('button', { name: new RegExp(`^${operator}, `) }).press('Enter');
  await panel.getByRole('button', { name: new RegExp(`^${role} `) }).click();
}

async function saved(page: Page, name: string): Promise<{ file: string; bytes: Uint8Array }> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    inspector(page).getByRole('button', { name, exact: true }).click(),
  ]);
  return { file: download.suggestedFilename(), bytes: new Uint8Array(readFileSync(await download.path())) };
}

test('all constants read back equal from the .npz', async ({ workbench: page }) => {
  const path = sampleFile('digits.tflite');
  await chooseFiles(page, [path]);
  await expect(inspector(page).getByRole('heading', { name: /digits\.tflite/ })).toBeVisible();
  const { file, bytes } = await saved(page, '.npz');
  expect(file).toBe('digits.npz');
  const { arrays } = readNpz(bytes, file, () => true);
  const { model } = openModel(new Uint8Array(readFileSync(path)));
  const expected = model.subgraphs[0]!.tensors.flatMap((tensor, index) =>
    isConstant(model, tensor) ? [tensorValues(model, 0, index)] : [],
  );
  expect(expected.length).toBeGreaterThan(4);
  // As they come: each constant of the model is one array.
  expect([...arrays.values()].map(({ values }) => values)).toEqual(expected);
});

test('a quantized tensor reads back equal from .npy, real .npy, .csv and raw bytes', async ({
  workbench: page,
}) => {
  await chooseFiles(page, [sampleFile('digits.tflite')]);
  await page.getByRole('combobox', { name: 'Preset' }).selectOption('dynamic-range');
  await page.getByRole('button', { name: 'Make variant' }).click();
  await expect(models(page).getByRole('button', { name: 'dynamic-range', exact: true })).toBeVisible();
  await whenIdle(page);
  // The saved variant is what the exports are held against.
  await page.getByRole('button', { name: 'Actions for dynamic-range' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: /^Save/ }).first().click(),
  ]);
  const { model } = openModel(new Uint8Array(readFileSync(await download.path())));
  const { tensors } = model.subgraphs[0]!;
  const index = tensors.findIndex(({ name }) => name === 'dense1/weights');
  const tensor = tensors[index]!;
  const stored = tensorValues(model, 0, index) as Int8Array;
  const { scale, axis } = scaleInfo(tensor)!;
  const inner = stored.length / tensor.shape![axis]!;
  const scales = Float32Array.from(stored, (_, i) => scale[scale.length === 1 ? 0 : Math.floor(i / inner)]!);
  const real = Float32Array.from(stored, (q, i) => q * scales[i]!);

  await page.keyboard.press('Control+k');
  await page.keyboard.type('name:dense1/weights');
  await page
    .getByRole('option', { name: /tensor/ })
    .first()
    .click();
  await expect(inspector(page).getByRole('heading', { name: 'dense1/weights' })).toBeVisible();
  const npy = await saved(page, '.npy');
  expect(readNpy(npy.bytes, npy.file)).toMatchObject({ dtype: 'INT8', shape: [...tensor.shape!] });
  expect(readNpy(npy.bytes, npy.file).values).toEqual(stored);
  const realNpy = await saved(page, 'Real .npy');
  expect(readNpy(realNpy.bytes, realNpy.file).values).toEqual(real);
  const raw = await saved(page, 'Raw');
  expect(raw.bytes).toEqual(new Uint8Array(constantBytes(model, tensor)!));
  const csv = await saved(page, '.csv');
  const [head, ...lines] = new TextDecoder().decode(csv.bytes).trimEnd().split('\n');
  const columns = head!.split(',');
  expect(lines).toHaveLength(stored.length);
  const column = (name: string) =>
    Float32Array.from(lines, (line) => Number(line.split(',')[columns.indexOf(name)]));
  expect(column('stored')).toEqual(Float32Array.from(stored));
  expect(column('real')).toEqual(real);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`constants of a model and of its int8 variant, ${colorScheme}`, async ({ workbench: page }) => {
    test.skip(!hasCorpus, 'the corpus is not here');
    await page.emulateMedia({ colorScheme });
    await chooseFiles(page, [corpusModel('mobilenet_v1_0.25_128')]);
    const panel = inspector(page);
    await expect(panel.getByRole('heading', { name: /mobilenet/ })).toBeVisible();

    await panel.getByRole('button', { name: 'Bytes …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Bytes' });
    const tile = dialog.getByRole('button', { name: /^CONV_2D 28, .*float32, 0\.98 MiB, 54\.6 %/ });
    await expect(tile).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole('tab', { name: 'Table' }).click();
    await expect(dialog.getByRole('row', { name: /CONV_2D 28 .* 54\.6 %/ })).toBeVisible();
    await dialog.getByRole('tab', { name: 'Bars' }).click();
    await expect(dialog.getByRole('img', { name: /operator kind\. CONV_2D: 1\.74 MiB/ })).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole('tab', { name: 'Treemap' }).click();
    await tile.click();
    await expect(dialog).toHaveCount(0);
    await expect(panel.getByText('Operator 28')).toBeVisible();

    await page.getByRole('combobox', { name: 'Preset' }).selectOption('dynamic-range');
    await page.getByRole('button', { name: 'Make variant' }).click();
    await expect(models(page).getByRole('button', { name: 'dynamic-range', exact: true })).toBeVisible();
    await whenIdle(page);

    await showWeights(page, 'CONV_2D 0', 'filter');
    const filters = panel.getByRole('img', { name: /^Filters 0 to 7 of 8, 3 by 3 values each/ });
    await expect(filters).toBeVisible();
    expect(await violations(page)).toEqual([]);

    await showWeights(page, 'CONV_2D 26', 'filter');
    await expect(panel.getByRole('row', { name: /SQNR 4\d\.\d dB/ })).toBeVisible();
    await expect(panel.getByRole('img', { name: /^Channels\. 256 channels/ })).toBeVisible();
    await expect(panel.getByRole('img', { name: /^Where the zeros are/ })).toBeVisible();
    await expect(panel.getByRole('table', { name: 'Scales and zero points' })).toBeVisible();
    expect(await violations(page)).toEqual([]);
  });
}

test('a tensor of 26 million values opens without holding up the page', async ({
  workbench: page,
}, testInfo) => {
  const path = testInfo.outputPath('large.tflite');
  const [channels, depth] = [2000, 13_000];
  const values = new Float32Array(channels * depth);
  const pattern = randomValues(65_521);
  for (let i = 0; i < values.length; i++) values[i] = i % 5 === 0 ? 0 : pattern[i % pattern.length]!;
  values[1234 * depth + 7] = 50;
  writeFileSync(path, writeModel(denseModel(channels, depth, values)));

  await chooseFiles(page, [path]);
  const panel = inspector(page);
  await expect(panel.getByRole('heading', { name: /large\.tflite/ })).toBeVisible();
  const advice = panel.getByRole('region', { name: 'Advice' });
  await expect(advice).not.toContainText('Looking', { timeout: 60_000 });
  const tasksMs = await watchTasks(page);
  await showWeights(page, 'FULLY_CONNECTED 0', 'weights');
  const start = Date.now();
  await expect(panel.getByRole('row', { name: /^zeros 20\.0 %/ }).first()).toBeVisible();
  testInfo.annotations.push({
    type: 'figures of 26 million values, ms',
    description: `${Date.now() - start}`,
  });
  await expect(panel.getByRole('img', { name: /2,000 channels .* 1 stands out: 1234/ })).toBeVisible();
  await expect(panel.getByRole('row', { name: /^\[1234, 7\] 50/ })).toBeVisible();
  await panel.getByRole('spinbutton', { name: /Go to element/ }).fill(String(values.length - 1));
  await page.keyboard.press('Enter');
  await expect(panel.getByRole('row', { name: /^\[1999, 12999\]/ })).toBeVisible();
  expect(await panel.locator('*').count()).toBeLessThan(1000);
  await expectNoLongTask(tasksMs);

  // The export is made in steps as well, and can be cancelled.
  await panel.getByRole('button', { name: '.csv' }).click();
  await expect(panel.getByRole('progressbar', { name: 'Writing the file' })).toBeVisible();
  await panel.getByRole('button', { name: 'Cancel' }).click();
  await expect(panel.getByRole('progressbar', { name: 'Writing the file' })).toHaveCount(0);
  const { file, bytes } = await saved(page, '.npy');
  expect(file).toBe('weights.npy');
  expect(bytes.length).toBe(128 + values.byteLength);
});

test('the bytes of 20,000 operators', async ({ workbench: page }, testInfo) => {
  const path = testInfo.outputPath('many.tflite');
  const operators = Array.from({ length: 20_000 }, (_, i) => i);
  const model = buildModel({
    tensors: {
      input: { shape: [1, 4] },
      ...Object.fromEntries(operators.map((i) => [`w${i}`, { shape: [4, 4], data: randomValues(16, i) }])),
      ...Object.fromEntries(operators.map((i) => [`out${i}`, { shape: [1, 4] }])),
    },
    operators: operators.map((i) => fullyConnected(['input', `w${i}`, '-'], `out${i}`)),
    inputs: ['input'],
    outputs: ['out0'],
  });
  writeFileSync(path, writeModel(model));
  await chooseFiles(page, [path]);
  await expect(inspector(page).getByRole('heading', { name: /many\.tflite/ })).toBeVisible();
  await expect(inspector(page).getByRole('region', { name: 'Advice' })).not.toContainText('Looking', {
    timeout: 60_000,
  });
  // The layout of the graph is not what is watched here.
  await page.waitForTimeout(3000);
  const tasksMs = await watchTasks(page);
  await inspector(page).getByRole('button', { name: 'Bytes …' }).click();
  const dialog = page.getByRole('dialog', { name: 'Bytes' });
  await expect(dialog.getByRole('group', { name: /301 tiles/ })).toBeVisible();
  expect(await dialog.locator('*').count()).toBeLessThan(2000);
  await dialog.getByRole('tab', { name: 'Table' }).click();
  await expect(dialog.getByRole('row', { name: /FULLY_CONNECTED/ }).first()).toBeVisible();
  expect(await dialog.locator('*').count()).toBeLessThan(2000);
  await expectNoLongTask(tasksMs);
});

test('int4, float16, sparse and blockwise constants read back as what was put in', async ({
  workbench: page,
}, testInfo) => {
  const { bytes, constants } = packedModel();
  const path = testInfo.outputPath('packed.tflite');
  writeFileSync(path, bytes);
  await chooseFiles(page, [path]);
  const panel = inspector(page);
  await expect(panel.getByRole('heading', { name: /packed\.tflite/ })).toBeVisible();
  for (const { name, dtype, shape, stored, real } of constants) {
    const field = page.getByRole('combobox', { name: 'Find operators and tensors' });
    await field.fill(`name:${name}`);
    await page
      .getByRole('option', { name: /tensor/ })
      .first()
      .click();
    await expect(panel.getByRole('heading', { name })).toBeVisible();
    const npy = await saved(page, '.npy');
    expect(npy.file).toBe(`${name}.npy`);
    expect(readNpy(npy.bytes, npy.file), name).toEqual({ dtype, shape: [...shape], values: stored });
    const realButton = panel.getByRole('button', { name: 'Real .npy' });
    if (real === null) {
      await expect(realButton).toHaveCount(0);
      continue;
    }
    const realNpy = await saved(page, 'Real .npy');
    expect(readNpy(realNpy.bytes, realNpy.file), name).toEqual({
      ...{ dtype: 'FLOAT32', shape: [...shape], values: real },
    });
  }
  // All of them at once: real values of what is stored in blocks, the rest as stored.
  await panel.locator('button.up').click();
  const archive = await saved(page, '.npz');
  const { arrays } = readNpz(archive.bytes, archive.file, () => true);
  for (const { name, stored, real } of constants) {
    expect(arrays.get(name)?.values, name).toEqual(name === 'block_weights' ? real : stored);
  }
});
