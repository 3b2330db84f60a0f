/** Figures as colours of the graph, node data in and out, and two models side by side. */
import { readFileSync } from 'node:fs';
import type { Locator, Page } from '@playwright/test';
import { dropFiles, expect, models, test, whenIdle } from './workbench';

async function openDigits(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Try the digits sample' }).click();
  await expect(page.getByText('500 samples').first()).toBeVisible();
  await whenIdle(page);
}

const colour = (page: Page) => page.getByRole('combobox', { name: 'Colour' });
const json = (name: string, value: unknown) => ({ name, bytes: Buffer.from(JSON.stringify(value)) });

async function exportFigures(
  page: Page,
): Promise<{ name: string; results: Record<string, { value: number }> }> {
  await page.getByRole('button', { name: 'Figures', exact: true }).click();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: /^Export as node data/ }).click(),
  ]);
  return JSON.parse(readFileSync(await file.path(), 'utf8')) as {
    name: string;
    results: Record<string, { value: number }>;
  };
}

test('the graph is coloured by bytes, and the operators are listed with their share', async ({
  workbench: page,
}) => {
  await openDigits(page);
  await page.locator('canvas[role=application]').focus();
  await page.keyboard.press('o');
  await expect(colour(page)).toHaveValue('bytes');
  await expect(page.getByRole('img', { name: /^Bytes of constants: / })).toBeVisible();
  await page.getByRole('button', { name: 'Operators by this figure' }).click();
  const table = page.getByRole('table', { name: 'Operators by Bytes of constants' });
  const shares = await table.locator('tbody tr td:nth-child(3)').allTextContents();
  const total = shares.reduce((sum, text) => sum + Number(text.replace(/[^\d.]/g, '')), 0);
  expect(shares).toHaveLength(5);
  expect(total).toBeCloseTo(100, 0);

  // The largest first; a click selects it.
  const first = table.locator('tbody tr').first().getByRole('button');
  const words = await first.textContent();
  expect(words).toMatch(/^FULLY_CONNECTED \d+$/);
  await first.click();
  await expect(page.getByRole('heading', { name: 'FULLY_CONNECTED' })).toBeVisible();
  await expect(table.locator('tr.selected')).toContainText(words!);

  await colour(page).selectOption('dtype');
  await expect(page.getByRole('list', { name: 'Type of weights' })).toContainText('float32');
});

test('node data are dropped, shown, exported and read again; bad ones change nothing', async ({
  workbench: page,
}) => {
  await openDigits(page);
  await colour(page).selectOption('macs');
  const macs = await exportFigures(page);
  expect(Object.values(macs.results).every(({ value }) => value > 0)).toBe(true);
  const names = Object.keys(macs.results);
  expect(names.length).toBeGreaterThan(3);

  const results = Object.fromEntries(names.map((name, i) => [name, { value: i * 1.5 }]));
  const gradient = [
    { stop: 0, bgColor: '#ffffff' },
    { stop: 1, bgColor: '#00aa00' },
  ];
  await dropFiles(page, [json('latency.json', { main: { name: 'Latency', results, gradient } })]);
  await expect(colour(page).locator('option:checked')).toHaveText('Latency');
  await expect(page.getByRole('img', { name: /^Latency: from 0 to/ })).toBeVisible();
  const again = await exportFigures(page);
  expect(again.results).toEqual(results);
  expect(again).toMatchObject({ gradient });

  await dropFiles(page, [json('bad.json', { results: { a: { value: 'none' } } })]);
  await expect(page.getByText('bad.json was not imported.')).toBeVisible();
  await expect(page.getByText(/none of its values is a number/)).toBeVisible();
  await expect(colour(page).locator('option:checked')).toHaveText('Latency');

  // A recipe is still a recipe.
  const recipe = { name: 'mine', version: 1, steps: [{ pass: 'dynamic-range' }] };
  await dropFiles(page, [json('mine.json', recipe)]);
  await expect(page.getByRole('textbox', { name: 'Name of the recipe' })).toHaveValue('mine');

  await dropFiles(page, [json('other.json', { results: { nowhere: 3 } })]);
  await expect(page.getByText(/None of its names or indexes is an operator of this graph/)).toBeVisible();
});

/** Where the camera of a pane stands, from its ground. */
async function cameraOf(pane: Locator): Promise<{ x: number; y: number; zoom: string }> {
  const position = await pane
    .getByLabel('Graph', { exact: true })
    .evaluate((element) => (element as HTMLElement).style.backgroundPosition);
  const [x, y] = position.split(' ').map(parseFloat);
  const zoom = (await pane.getByTitle('Actual size').textContent())!.trim();
  return { x: x!, y: y!, zoom };
}

test('original and variant stand side by side, from change to change, with cameras together', async ({
  workbench: page,
}) => {
  await openDigits(page);
  await page.getByRole('combobox', { name: 'Preset' }).selectOption('int8');
  await page.getByRole('button', { name: 'Make variant' }).click();
  await whenIdle(page);
  await expect(models(page).getByRole('button', { name: 'int8', exact: true })).toBeVisible();
  await page.getByRole('tab', { name: 'Graph' }).click();
  await page.getByRole('button', { name: 'Compare graphs' }).click();
  const left = page.getByRole('group', { name: 'Left graph: digits' });
  const right = page.getByRole('group', { name: 'Right graph: int8' });
  await expect(left.locator('canvas[role=application]')).toBeVisible();
  await expect(right.locator('canvas[role=application]')).toBeVisible();
  const bar = page.getByRole('toolbar', { name: 'Changes' });
  await expect(bar.getByRole('status')).toHaveText(/^\d+ changes on \d+ cards, \d+ unchanged$/);
  await expect(colour(page)).toHaveValue('change');
  await expect(page.getByRole('list', { name: 'Change' })).toContainText('T other type');

  // From change to change; the list follows, and the counterpart is selected.
  await bar.getByRole('combobox', { name: 'Changes shown' }).selectOption('retyped');
  await bar.getByRole('button', { name: 'List of changes' }).click();
  const list = page.getByRole('table', { name: 'Changes' });
  await expect(list.locator('tbody tr').first()).toContainText('float32 → int8');
  await right.locator('canvas[role=application]').focus();
  await page.keyboard.press('n');
  await page.keyboard.press('n');
  await expect(list.locator('tr.selected')).toHaveAttribute('aria-rowindex', '3');
  const described = async (pane: Locator) =>
    (await pane.locator('p[aria-live]').textContent())!.split(',')[0];
  await expect.poll(() => described(left)).toBe(await described(right));
  await page.keyboard.press('p');
  await expect(list.locator('tr.selected')).toHaveAttribute('aria-rowindex', '2');
  // What has changed is said in place of the selection, and that once.
  const spoken = page.getByRole('group', { name: 'Two graphs' }).locator('[aria-live=polite]');
  const first = await list.locator('tr.selected td').first().textContent();
  await expect
    .poll(() => spoken.allTextContents())
    .toEqual([expect.stringContaining(`${first}: other type`)]);
  await page.keyboard.press('ArrowDown');
  await expect
    .poll(async () => (await spoken.allTextContents()).filter((text) => text !== ''))
    .toEqual([expect.stringMatching(/, operator \d+, /)]);

  // One camera moves the other, until that is switched off.
  await right.locator('canvas[role=application]').focus();
  await page.keyboard.press('+');
  await expect.poll(async () => (await cameraOf(left)).zoom === (await cameraOf(right)).zoom).toBe(true);
  const before = { left: await cameraOf(left), right: await cameraOf(right) };
  const box = (await right.locator('canvas[role=application]').boundingBox())!;
  const [x, y] = [box.x + box.width - 60, box.y + box.height / 2];
  const drag = async () => {
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x, y - 90, { steps: 6 });
    await page.mouse.up();
  };
  await drag();
  await expect.poll(async () => (await cameraOf(right)).y).toBeCloseTo(before.right.y - 90, 0);
  const after = await cameraOf(left);
  expect(after.y).toBeLessThan(before.left.y - 20);
  await page.getByRole('switch', { name: 'Move together' }).setChecked(false, { force: true });
  await drag();
  await expect.poll(async () => (await cameraOf(right)).y).toBeCloseTo(before.right.y - 180, 0);
  expect((await cameraOf(left)).y).toBe(after.y);

  await bar.getByRole('button', { name: 'Close' }).click();
  await expect(page.locator('canvas[role=application]')).toHaveCount(1);
});
