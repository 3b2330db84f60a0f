/** A recipe put together on the page: layers left out, options of their own, variants of variants, the report. */
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { dropFiles, expect, models, test, whenIdle } from './workbench';

interface SavedRecipe {
  readonly name: string;
  readonly steps: readonly { readonly pass: string; readonly options?: Record<string, unknown> }[];
  readonly overrides?: readonly Record<string, unknown>[];
}

async function openDigits(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Try the digits sample' }).click();
  await expect(page.getByText('500 samples').first()).toBeVisible();
  await whenIdle(page);
}

/** Selects operators by their number in the list. */
async function selectOperator(page: Page, index: number): Promise<void> {
  const list = page.getByRole('button', { name: 'Operators as a list' });
  if ((await list.getAttribute('aria-pressed')) !== 'true') await list.click();
  await page.getByRole('treeitem').nth(index).click();
}

async function saveRecipe(page: Page, title: string): Promise<{ recipe: SavedRecipe; bytes: Buffer }> {
  await page.getByRole('button', { name: `Actions for ${title}`, exact: true }).click();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'Save recipe as JSON' }).click(),
  ]);
  const bytes = readFileSync(await file.path());
  return { recipe: JSON.parse(bytes.toString()) as SavedRecipe, bytes };
}

const steps = (page: Page, title: string) => page.getByRole('group', { name: title });

test('operators are left out one by one, by kind and by name, and taken back', async ({
  workbench: page,
}) => {
  await openDigits(page);
  await page.getByRole('combobox', { name: 'Preset' }).selectOption('dynamic-range');
  await expect(page.getByText('4 of 4 weight tensors to int8.')).toBeVisible();

  // One operator, from the inspector.
  await selectOperator(page, 0);
  await page.getByRole('button', { name: 'Leave out of the recipe' }).click();
  await expect(page.getByText('3 of 4 weight tensors to int8.')).toBeVisible();
  await expect(page.getByRole('button', { name: '1 operator left out' })).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Name of the recipe' })).toHaveValue('dynamic-range edited');

  // The step says which and why.
  await page.getByRole('button', { name: 'Left alone by Dynamic range' }).click();
  await expect(page.getByRole('region', { name: 'Reasons' })).toContainText('conv1/filter');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Take back' })).toBeVisible();

  // By name, with the number of operators meant while it is typed.
  await page.getByRole('button', { name: '1 operator left out' }).click();
  await page.getByRole('textbox', { name: 'By name' }).fill('dense');
  await expect(page.getByText('2 operators', { exact: true })).toBeVisible();
  await page.getByRole('textbox', { name: 'By name' }).fill('conv|dense');
  await expect(page.getByText('4 operators', { exact: true })).toBeVisible();
  await page.getByRole('textbox', { name: 'By name' }).fill('conv(');
  await expect(page.getByText(/no valid pattern/)).toBeVisible();
  await page.getByRole('textbox', { name: 'By name' }).fill('dense1');
  await page.getByRole('button', { name: 'Leave out', exact: true }).click();
  await expect(page.getByText('2 of 4 weight tensors to int8.')).toBeVisible();

  // By kind; it holds for the operator that was left out alone as well.
  await page.getByRole('combobox', { name: 'All of a kind' }).selectOption('CONV_2D');
  await expect(page.getByText('1 of 4 weight tensors to int8.')).toBeVisible();
  await expect(page.getByRole('button', { name: '3 operators left out' })).toBeVisible();
  const exceptions = page.getByRole('list', { name: 'Exceptions' });
  await expect(exceptions.getByRole('listitem')).toHaveCount(3);
  await exceptions.getByRole('button', { name: 'Take back' }).first().click();
  await exceptions.getByRole('button', { name: 'Take back' }).first().click();
  await expect(exceptions.getByText('All CONV_2D')).toBeVisible();
  await page.keyboard.press('Escape');

  // What is saved says so, and reads back.
  await page.getByRole('button', { name: 'Make variant' }).click();
  await whenIdle(page);
  const { recipe, bytes } = await saveRecipe(page, 'dynamic-range edited');
  expect(recipe.overrides).toEqual([{ match: { kind: 'CONV_2D' }, skip: true }]);
  await page.getByRole('combobox', { name: 'Preset' }).selectOption('float16');
  await dropFiles(page, [{ name: 'mine.json', bytes }]);
  await expect(page.getByRole('button', { name: '2 operators left out' })).toBeVisible();
  await page.getByRole('button', { name: '2 operators left out' }).click();
  await page.getByRole('button', { name: 'Take back' }).click();
  await page.keyboard.press('Escape');
  // Without the exception it is the preset again.
  await expect(page.getByRole('combobox', { name: 'Preset' })).toHaveValue('dynamic-range');
});

test('one operator gets a sparsity of its own', async ({ workbench: page }) => {
  await openDigits(page);
  await page.getByRole('combobox', { name: 'Preset' }).selectOption('prune-50');
  await selectOperator(page, 3);
  await page.getByRole('button', { name: /^Recipe for operator/ }).click();
  const share = page.getByRole('spinbutton', { name: 'Share of zeros' });
  await share.fill('0.8');
  await page.keyboard.press('Tab');
  await expect(share).toHaveValue('0.8');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: '1 own setting' })).toBeVisible();
  await page.getByRole('button', { name: 'Make variant' }).click();
  await whenIdle(page);
  const { recipe } = await saveRecipe(page, 'prune-50 edited');
  expect(recipe.overrides).toEqual([
    {
      match: { subgraph: 0, operator: 3, kind: 'FULLY_CONNECTED' },
      pass: 'prune',
      options: { sparsity: 0.8 },
    },
  ]);
  await page.getByRole('button', { name: 'What was done' }).click();
  const report = page.getByRole('dialog', { name: /What was done/ });
  await expect(report.getByRole('row', { name: /dense1\/weights/ })).toContainText('80');
});

test('a variant of a variant keeps both recipes in order; a preset is known again', async ({
  workbench: page,
}) => {
  await openDigits(page);
  await page.getByRole('combobox', { name: 'Preset' }).selectOption('prune-50');
  await page.getByRole('button', { name: 'Make variant' }).click();
  await whenIdle(page);

  // From the original unless asked otherwise, and the page says which.
  const from = page.getByRole('combobox', { name: 'from' });
  await expect(from.locator('option:checked')).toHaveText('the original, digits');
  await page.getByRole('combobox', { name: 'Preset' }).selectOption('float16');
  await from.selectOption({ label: 'this variant, prune-50' });
  await page.getByRole('button', { name: 'Make variant' }).click();
  await whenIdle(page);
  await expect(models(page).getByRole('button', { name: /^Actions for/ })).toHaveCount(3);
  const { recipe, bytes } = await saveRecipe(page, 'prune-50 + float16');
  expect(recipe.steps.map(({ pass }) => pass)).toEqual(['clean-up', 'prune', 'clean-up', 'float16']);
  await expect(from.locator('option:checked')).toHaveText('the original, digits');

  // The same recipe on the original gives the same file.
  const size = await models(page)
    .getByRole('button', { name: 'prune-50 + float16', exact: true })
    .locator('xpath=../..')
    .textContent();
  await dropFiles(page, [{ name: 'both.json', bytes }]);
  await page.getByRole('button', { name: 'Make variant' }).click();
  await whenIdle(page);
  const again = await models(page)
    .getByRole('button', { name: 'prune-50 + float16 2', exact: true })
    .locator('xpath=../..')
    .textContent();
  const sizeOf = (text: string | null) => /[\d.]+ [KM]iB/.exec(text ?? '')?.[0];
  expect(sizeOf(again)).toBe(sizeOf(size));

  const preset = { name: 'weight-only', version: 1, steps: [{ pass: 'clean-up' }, { pass: 'weight-only' }] };
  await dropFiles(page, [{ name: 'preset.json', bytes: new TextEncoder().encode(JSON.stringify(preset)) }]);
  await expect(page.getByRole('combobox', { name: 'Preset' })).toHaveValue('weight-only');
});

test('the report of a variant is copied as CSV and Markdown', async ({ workbench: page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await openDigits(page);
  await page.getByRole('combobox', { name: 'Preset' }).selectOption('dynamic-range');
  await steps(page, 'Dynamic range').waitFor();
  await page.getByRole('button', { name: 'Make variant' }).click();
  await whenIdle(page);
  await page.getByRole('button', { name: 'Actions for dynamic-range' }).click();
  await page.getByRole('menuitem', { name: /What was done/ }).click();
  const report = page.getByRole('dialog', { name: 'What was done: dynamic-range' });
  await expect(report.getByRole('row')).toHaveCount(5);
  await report.getByRole('button', { name: 'Copy as CSV' }).click();
  await expect(report.getByText('Copied as CSV')).toBeVisible();
  const csv = await page.evaluate(() => navigator.clipboard.readText());
  expect(csv.split('\n')[0]).toBe('Step,Done,Operator,Name,"How, or why not",Before,After');
  expect(csv).toContain('dense1/weights');
  await report.getByRole('button', { name: 'Copy as Markdown' }).click();
  await expect(report.getByText('Copied as Markdown')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^\| Step \| Done \|/);
  await report.getByRole('tab', { name: 'Left alone' }).click();
  await expect(report.getByText('No entries.')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(report).toHaveCount(0);
});
