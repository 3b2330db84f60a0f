/** The whole loop as a user goes through it: open, look, shrink, compare, save, open again. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';
import { dropFiles, expect, fileOf, sampleFile, test } from './workbench';
import { expectNoLongTask, watchTasks } from './main-thread';

const require = createRequire(import.meta.url);
const poseModel = require.resolve('@mediapipe/holistic/pose_landmark_full.tflite');

const models = (page: Page) => page.getByRole('region', { name: 'Models' });
const jobs = (page: Page) => page.getByRole('button', { name: 'Cancel' });

async function saveModel(page: Page, title: string): Promise<{ name: string; bytes: Buffer }> {
  await page.getByRole('button', { name: `Actions for ${title}` }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'Save as .tflite' }).click(),
  ]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

test('drop, look, shrink, compare, save, and find the saved file equal', async ({ workbench: page }) => {
  const longestTasks = await watchTasks(page);
  await dropFiles(page, [fileOf(sampleFile('digits.tflite')), fileOf(sampleFile('digits-test.npz'))]);

  // Look: the model, its operators, one operator's attributes and a tensor.
  await expect(page.getByRole('heading', { name: /digits\.tflite/ })).toBeVisible();
  await expect(models(page).getByText('106 k parameters')).toBeVisible();
  await page.getByRole('button', { name: 'Operators as a list' }).click();
  await page
    .getByRole('treeitem', { name: /CONV_2D/ })
    .first()
    .click();
  const inspector = page.getByRole('complementary', { name: 'Inspector' });
  await expect(inspector.getByRole('heading', { name: 'CONV_2D' })).toBeVisible();
  await expect(inspector.getByText('SAME')).toBeVisible();

  // Shrink.
  await page.getByRole('combobox', { name: 'Preset' }).selectOption('dynamic-range');
  await expect(page.getByText('4 of 4 weight tensors to int8.')).toBeVisible();
  await page.getByRole('button', { name: 'Make variant' }).click();
  const variant = models(page).getByRole('button', { name: 'dynamic-range', exact: true });
  await expect(variant).toBeVisible();
  await expect(jobs(page)).toHaveCount(0);
  await expect(models(page).getByText('98.8 %')).toHaveCount(2);

  // Compare.
  await page.getByRole('tab', { name: 'Compare' }).click();
  await expect(page.getByRole('heading', { name: /digits against dynamic-range/ })).toBeVisible();
  await expect(page.getByText('500 samples').first()).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Bytes by layer' })).toBeVisible();
  await expectNoLongTask(longestTasks);

  // Save, open the saved file again, and save that: the same bytes.
  const saved = await saveModel(page, 'dynamic-range');
  expect(saved.name).toBe('digits-dynamic-range.tflite');
  expect(saved.bytes.length).toBeLessThan(115_000);
  await dropFiles(page, [saved]);
  await expect(models(page).getByRole('button', { name: 'digits-dynamic-range', exact: true })).toBeVisible();
  const again = await saveModel(page, 'digits-dynamic-range');
  expect(again.bytes.equals(saved.bytes)).toBe(true);
});

test('a 6 MB model opens, is looked at and shrunk without a task over 50 ms on the page', async ({
  workbench: page,
}) => {
  let longestTasks: () => Promise<number[]> = () => Promise.reject(new Error('Nothing was dropped.'));
  // Sending the file into the page as text is the test's own work and not watched.
  await dropFiles(page, [fileOf(poseModel)], async () => {
    longestTasks = await watchTasks(page);
  });
  await expect(page.getByRole('heading', { name: /pose_landmark_full/ })).toBeVisible();
  await page.getByRole('button', { name: 'Operators as a list' }).click();
  await page
    .getByRole('treeitem', { name: /CONV_2D/ })
    .first()
    .click();
  await expect(page.getByRole('heading', { name: 'CONV_2D' })).toBeVisible();
  await page.getByRole('combobox', { name: 'Preset' }).selectOption('weight-only');
  await page.getByRole('button', { name: 'Make variant' }).click();
  await expect(models(page).getByRole('button', { name: 'weight-only', exact: true })).toBeVisible({
    timeout: 60_000,
  });
  await expectNoLongTask(longestTasks);
});

test('the recipe and the comparison are saved as JSON that reads back', async ({ workbench: page }) => {
  await page.getByRole('button', { name: 'Try the digits sample' }).click();
  await page.getByRole('combobox', { name: 'Preset' }).selectOption('prune-50');
  await page.getByRole('button', { name: 'Make variant' }).click();
  await expect(models(page).getByRole('button', { name: 'prune-50', exact: true })).toBeVisible();
  await expect(jobs(page)).toHaveCount(0);

  await page.getByRole('button', { name: 'Actions for prune-50' }).click();
  const [recipeFile] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'Save recipe as JSON' }).click(),
  ]);
  const recipe = readFileSync(await recipeFile.path());
  const { steps } = JSON.parse(recipe.toString()) as { steps: { pass: string }[] };
  expect(steps.map(({ pass }) => pass)).toEqual(['clean-up', 'prune']);
  await page.getByRole('combobox', { name: 'Preset' }).selectOption('float16');
  await dropFiles(page, [{ name: recipeFile.suggestedFilename(), bytes: recipe }]);
  await expect(page.getByRole('combobox', { name: 'Preset' })).toHaveValue('prune-50');
  await expect(page.getByRole('group', { name: 'Prune by magnitude' })).toBeVisible();

  await page.getByRole('tab', { name: 'Compare' }).click();
  const [comparisonFile] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save as JSON' }).click(),
  ]);
  const comparison = JSON.parse(readFileSync(await comparisonFile.path(), 'utf8')) as {
    models: { top1: number }[];
  };
  expect(comparison.models).toHaveLength(2);
  expect(comparison.models[0]?.top1).toBe(0.988);
});
