/** Quantizing with samples on the page: plan, calibration, errors of operators, search for mixed precision. */
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { openModel } from '../../src/core/model/open';
import { operatorKind } from '../../src/core/model/operators';
import { dropFiles, expect, fileOf, models, sampleFile, test, whenIdle } from './workbench';

async function openDigits(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Try the digits sample' }).click();
  await expect(page.getByText('500 samples').first()).toBeVisible();
  await whenIdle(page);
}

async function makeBy(page: Page, preset: string): Promise<void> {
  await page.getByRole('combobox', { name: 'Preset' }).selectOption(preset);
  await page.getByRole('button', { name: 'Make variant' }).click();
  await whenIdle(page);
  await expect(models(page).getByRole('button', { name: preset, exact: true })).toBeVisible();
}

async function saved(page: Page, title: string) {
  await page.getByRole('button', { name: `Actions for ${title}`, exact: true }).click();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'Save as .tflite' }).click(),
  ]);
  return openModel(new Uint8Array(readFileSync(await file.path()))).model;
}

test('int8 is fitted to samples, measured, and says which samples it had seen', async ({
  workbench: page,
}) => {
  await openDigits(page);
  await page.getByRole('combobox', { name: 'Preset' }).selectOption('int8');
  await expect(page.getByText('6 of 6 operators with float values to integers')).toBeVisible();

  // How many samples it learns from.
  await page.getByRole('button', { name: '64 samples' }).click();
  await page.getByRole('spinbutton', { name: 'Samples to draw' }).fill('48');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: '48 samples' })).toBeVisible();

  await makeBy(page, 'int8');
  await page.getByRole('tab', { name: 'Compare' }).click();
  await expect(
    page.getByText(/48 of these 500 samples also calibrated int8; on the other 452/),
  ).toBeVisible();

  // What was kept and what was not, in sentences.
  await page.getByRole('button', { name: 'Actions for int8', exact: true }).click();
  await page.getByRole('menuitem', { name: 'What was done' }).click();
  const report = page.getByRole('dialog', { name: /What was done/ });
  await expect(report).toContainText(/ranges? still grew by over 5 %/);
  await expect(report).toContainText(/held-out/);
  await page.keyboard.press('Escape');

  const model = await saved(page, 'int8');
  const { tensors, operators } = model.subgraphs[0]!;
  const kinds = operators.map((operator) => operatorKind(model, operator));
  expect(kinds).toEqual([
    'QUANTIZE',
    'CONV_2D',
    'CONV_2D',
    'RESHAPE',
    'FULLY_CONNECTED',
    'FULLY_CONNECTED',
    'SOFTMAX',
    'DEQUANTIZE',
  ]);
  expect(tensors[operators[1]!.outputs[0]!]!.type).toBe('INT8');
});

test('more samples are suggested and taken with one click', async ({ workbench: page }) => {
  await openDigits(page);
  await page.getByRole('combobox', { name: 'Preset' }).selectOption('int8');
  await page.getByRole('button', { name: '64 samples' }).click();
  await page.getByRole('spinbutton', { name: 'Samples to draw' }).fill('4');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await makeBy(page, 'int8');
  await page.getByRole('button', { name: 'Actions for int8', exact: true }).click();
  await page.getByRole('menuitem', { name: 'What was done' }).click();
  await page.getByRole('button', { name: /^Make again with (8|16) samples$/ }).click();
  await whenIdle(page);
  await expect(models(page).getByRole('button', { name: 'int8 2', exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: /^(8|16) samples$/ })).toBeVisible();
});

test('a recipe that learns asks for samples, and takes those that are added', async ({ workbench: page }) => {
  await dropFiles(page, [fileOf(sampleFile('digits.tflite'))]);
  await expect(page.getByRole('heading', { name: /digits\.tflite/ })).toBeVisible();
  await page.getByRole('combobox', { name: 'Preset' }).selectOption('int8');
  await expect(page.getByText('This recipe learns from samples: add data that fit digits.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Make variant' })).toBeDisabled();

  // Errors and search say the same and offer nothing that would fail.
  await page.getByRole('tab', { name: 'Search' }).click();
  await expect(page.getByText(/add data that fit digits/).first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Search', exact: true })).toBeDisabled();

  await page.getByLabel('Calibration data').setInputFiles(sampleFile('digits-test.npz'));
  await expect(page.getByRole('button', { name: 'Make variant' })).toBeEnabled();
  await expect(page.getByRole('button', { name: 'Search', exact: true })).toBeEnabled();
});

test('the plan shows every operator and leaves one float on request', async ({ workbench: page }) => {
  await openDigits(page);
  await page.getByRole('combobox', { name: 'Preset' }).selectOption('int8');
  await page.getByRole('button', { name: 'Plan', exact: true }).click();
  const plan = page.getByRole('dialog', { name: /^Plan/ });
  const table = plan.getByRole('table', { name: 'Plan' });
  await expect(table.getByRole('row')).toHaveCount(7);
  await expect(table).toContainText('int8; int8 weights, one scale per channel');

  await plan.getByRole('button', { name: 'Leave FULLY_CONNECTED 4 float' }).click();
  await expect(table.getByRole('row', { name: /FULLY_CONNECTED 4/ })).toContainText('left alone');
  await expect(plan.getByRole('button', { name: 'Take back FULLY_CONNECTED 4' })).toBeVisible();

  await plan.getByRole('checkbox', { name: 'Choose CONV_2D 0' }).check();
  await plan.getByRole('button', { name: 'Give int16' }).click();
  await expect(table.getByRole('row', { name: /CONV_2D 0/ })).toContainText('int16');
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Make variant' }).click();
  await whenIdle(page);
  const model = await saved(page, 'int8 edited');
  const types = model.subgraphs[0]!.operators.map((operator) => {
    const type = model.subgraphs[0]!.tensors[operator.outputs[0]!]!.type;
    return `${operatorKind(model, operator)} ${type}`;
  });
  expect(types).toContain('CONV_2D INT16');
  expect(types).toContain('CONV_2D INT8');
  expect(types.filter((type) => type.startsWith('FULLY_CONNECTED')).sort()).toEqual([
    'FULLY_CONNECTED FLOAT32',
    'FULLY_CONNECTED INT8',
  ]);
});

test('errors of operators are found, shown in the graph, and mended by leaving operators float', async ({
  workbench: page,
}) => {
  await openDigits(page);
  await makeBy(page, 'int8');
  await page.getByRole('tab', { name: 'Errors' }).click();
  await page.getByRole('button', { name: 'Find errors' }).click();
  const table = page.getByRole('table', { name: 'Errors of operators' });
  await expect(table.getByRole('row')).toHaveCount(7);
  await expect(page.getByRole('img', { name: /^Error along the depth/ })).toBeVisible();
  const outputs = page.getByText(/outputs \d/);
  const decibels = async () => Number(/outputs (-?\d+\.\d)/.exec((await outputs.textContent()) ?? '')?.[1]);
  const int8Db = await decibels();
  expect(int8Db).toBeGreaterThan(20);

  // Sorted by a column; the lowest local SQNR first.
  await table.getByRole('button', { name: /Local SQNR/ }).click();
  const cells = table.locator('tbody tr td:nth-child(5)');
  const values = (await cells.allTextContents()).map((text) => Number.parseFloat(text));
  expect(values).toEqual(values.toSorted((a, b) => a - b));

  await table.getByRole('button', { name: 'CONV_2D 1' }).click();
  await expect(page.getByRole('tab', { name: 'Graph', selected: true })).toBeVisible();
  await expect(page.getByRole('img', { name: /^Local SQNR: red is .+ dB, green /i })).toBeVisible();
  await page.getByRole('combobox', { name: 'Colour' }).selectOption('accumulated');
  await expect(page.getByRole('img', { name: /^Accumulated SQNR/ })).toBeVisible();

  await page.getByRole('tab', { name: 'Errors' }).click();
  await page.getByRole('button', { name: 'Choose the 3 worst' }).click();
  const chosen = await table
    .getByRole('row')
    .filter({ has: page.locator(':checked') })
    .getByRole('button')
    .allTextContents();
  expect(chosen).toHaveLength(3);
  await page.getByRole('button', { name: 'Leave these float' }).click();
  await expect(models(page).getByRole('button', { name: 'int8 3 float', exact: true })).toBeVisible({
    timeout: 60_000,
  });
  await expect(page.getByRole('heading', { name: /int8 3 float against digits/ })).toBeVisible({
    timeout: 60_000,
  });
  await whenIdle(page);
  expect(await decibels()).toBeGreaterThan(int8Db);
  for (const name of chosen) {
    await expect(table.getByRole('row', { name: new RegExp(name) })).toContainText('float32');
  }
});

test('a search draws the front and keeps a model with one click', async ({ workbench: page }) => {
  await openDigits(page);
  await page.getByRole('tab', { name: 'Search' }).click();
  await page.getByRole('spinbutton', { name: 'Mixed models to try' }).fill('2');
  await page.keyboard.press('Tab');
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await whenIdle(page);
  const table = page.getByRole('table', { name: 'Search results' });
  // A heading, one model for each of five formats, and up to two mixed ones (equal ones are shown once).
  await expect(table).toBeVisible();
  const count = await table.getByRole('row').count();
  expect(count).toBeGreaterThanOrEqual(7);
  expect(count).toBeLessThanOrEqual(8);
  const sensitivities = page.getByRole('table', { name: 'Sensitivity of layers' });
  await expect(sensitivities.getByRole('row')).toHaveCount(5);

  const size = await table.getByRole('row', { name: /^int8/ }).locator('td').nth(1).textContent();
  await page
    .getByRole('group', { name: 'Size against accuracy' })
    .getByRole('button', { name: /^Keep int8:/ })
    .press('Enter');
  await whenIdle(page);
  const card = models(page).getByRole('button', { name: 'mixed int8', exact: true });
  await expect(card).toBeVisible();
  await expect(models(page).getByText(size!.trim())).toBeVisible();
  await expect(table.getByRole('button', { name: 'Keep int8' })).toHaveCount(0);
});

test('a search is cancelled and leaves everything as it was', async ({ workbench: page }) => {
  await openDigits(page);
  await page.getByRole('tab', { name: 'Search' }).click();
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await page.getByRole('button', { name: 'Cancel' }).first().click();
  await expect(page.getByRole('button', { name: 'Cancel' })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Search', exact: true })).toBeEnabled();
  await expect(page.getByRole('table', { name: 'Search results' })).toHaveCount(0);
  await makeBy(page, 'dynamic-range');
});

test('recipes of ai-edge-quantizer are read and written', async ({ workbench: page }) => {
  await openDigits(page);
  const weights = { num_bits: 8, symmetric: true, granularity: 'CHANNELWISE', dtype: 'INT' };
  const activations = { num_bits: 8, symmetric: false, granularity: 'TENSORWISE', dtype: 'INT' };
  const config = {
    activation_tensor_config: activations,
    weight_tensor_config: weights,
    compute_precision: 'INTEGER',
    explicit_dequantize: false,
  };
  const entry = { operation: '*', algorithm_key: 'min_max_uniform_quantize', op_config: config };
  const entries = [
    { regex: '.*', ...entry },
    { regex: 'dense2', operation: 'FULLY_CONNECTED', algorithm_key: 'no_quantize', op_config: config },
  ];
  const text = JSON.stringify(entries);
  await page.getByLabel('Recipe file').setInputFiles({
    name: 'theirs.json',
    mimeType: 'application/json',
    buffer: Buffer.from(text),
  });
  await expect(page.getByRole('textbox', { name: 'Name of the recipe' })).toHaveValue('theirs');
  await expect(page.getByText('5 of 6 operators with float values to integers')).toBeVisible();

  await page.getByRole('button', { name: 'More ways to save the recipe' }).click();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'Save for ai-edge-quantizer' }).click(),
  ]);
  expect(file.suggestedFilename()).toBe('theirs-aeq.json');
  const written = JSON.parse(readFileSync(await file.path(), 'utf8')) as typeof entries;
  expect(written[0]).toMatchObject({
    regex: '.*',
    operation: '*',
    op_config: { compute_precision: 'INTEGER' },
  });
  expect(written.some(({ algorithm_key: key }) => key === 'no_quantize')).toBe(true);
});
