/** Axe finds nothing to say, and everything can be done from the keyboard. */
import type { Page } from '@playwright/test';
import { violations } from './axe';
import { expect, models, sampleFile, test, whenIdle } from './workbench';

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe has no objections, ${colorScheme}`, async ({ workbench: page }) => {
    await page.emulateMedia({ colorScheme });
    await expect(page.getByRole('button', { name: 'Try the digits sample' })).toBeVisible();
    expect(await violations(page)).toEqual([]);

    await page.getByRole('button', { name: 'Try the digits sample' }).click();
    await expect(page.getByRole('heading', { name: /digits\.tflite/ })).toBeVisible();
    await page.getByRole('button', { name: 'Make variant' }).click();
    await expect(page.getByRole('button', { name: 'Cancel' })).toHaveCount(0);
    await expect(page.getByRole('region', { name: 'Models' }).getByText('98.8 %')).toHaveCount(2);
    expect(await violations(page)).toEqual([]);

    await page.getByRole('tab', { name: 'Compare' }).click();
    await expect(page.getByRole('heading', { name: 'Bytes by layer' })).toBeVisible();
    expect(await violations(page)).toEqual([]);

    // Errors of an integer variant, its plan and its place in the graph; the search.
    await page.getByRole('combobox', { name: 'Preset' }).selectOption('int8');
    await page.getByRole('button', { name: 'Make variant' }).click();
    await whenIdle(page);
    await page.getByRole('tab', { name: 'Errors' }).click();
    await page.getByRole('button', { name: 'Find errors' }).click();
    await expect(page.getByRole('table', { name: 'Errors of operators' })).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'CONV_2D 1', exact: true }).click();
    await expect(page.getByRole('img', { name: /^Local SQNR/ })).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Plan', exact: true }).click();
    await expect(page.getByRole('table', { name: 'Plan' })).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('tab', { name: 'Search' }).click();
    await page.getByRole('spinbutton', { name: 'Mixed models to try' }).fill('0');
    await page.keyboard.press('Tab');
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    await expect(page.getByRole('table', { name: 'Search results' })).toBeVisible({ timeout: 90_000 });
    expect(await violations(page)).toEqual([]);

    await page.goto('/#/gallery');
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    expect(await violations(page)).toEqual([]);
  });
}

/** Presses Tab until the element with this role and name has the focus. */
async function tabTo(page: Page, role: 'button' | 'tab' | 'combobox', name: string | RegExp): Promise<void> {
  const target = page.getByRole(role, { name }).first();
  await expect(target).toBeVisible();
  for (let presses = 0; presses < 80; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never reaches the ${role} ${String(name)}`);
}

test('the loop by keyboard alone', async ({ workbench: page }) => {
  await tabTo(page, 'button', 'Open a .tflite');
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Enter')]);
  await chooser.setFiles([sampleFile('digits.tflite'), sampleFile('digits-test.npz')]);
  await expect(page.getByRole('heading', { name: /digits\.tflite/ })).toBeVisible();

  // Search for an operator and walk on from it in the graph.
  await page.keyboard.press('Control+k');
  await page.keyboard.type('softmax');
  await expect(page.getByRole('option', { name: /SOFTMAX/ }).first()).toBeVisible();
  await page.keyboard.press('Enter');
  const inspector = page.getByRole('complementary', { name: 'Inspector' });
  await expect(inspector.getByRole('heading', { name: 'SOFTMAX' })).toBeVisible();
  await page.getByRole('application').focus();
  await page.keyboard.press('ArrowUp');
  await expect(inspector.getByRole('heading', { name: 'FULLY_CONNECTED' })).toBeVisible();

  await tabTo(page, 'combobox', 'Preset');
  await page.keyboard.type('float16');
  await expect(page.getByRole('combobox', { name: 'Preset' })).toHaveValue('float16');
  await tabTo(page, 'button', 'Make variant');
  await page.keyboard.press('Enter');
  await expect(models(page).getByRole('button', { name: 'float16', exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Cancel' })).toHaveCount(0);

  await tabTo(page, 'tab', /Graph|Compare/);
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('heading', { name: /digits against float16/ })).toBeVisible();
});
