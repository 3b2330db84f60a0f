/** Finding one's way: search, keys, bookmarks, links, the palette, and the lists beside the picture. */
import type { Page } from '@playwright/test';
import { violations } from './axe';
import { chooseFiles, expect, sampleFile, test } from './workbench';

const graph = (page: Page) => page.getByRole('application', { name: /operators/ });
const inspector = (page: Page) => page.getByRole('complementary', { name: 'Inspector' });
const titled = (page: Page, name: string) => inspector(page).getByRole('heading', { name, level: 2 });
const palette = (page: Page) => page.getByRole('dialog', { name: 'Commands' });

async function openDigits(page: Page): Promise<void> {
  await chooseFiles(page, [sampleFile('digits.tflite')]);
  await expect(graph(page)).toBeVisible();
  await expect(page.getByRole('toolbar', { name: 'Graph tools' })).toBeVisible();
}

/** Runs a command of the palette by a few of its letters. */
async function command(page: Page, letters: string): Promise<void> {
  await page.keyboard.press('Control+Shift+P');
  await expect(palette(page).getByRole('combobox', { name: 'Command' })).toBeFocused();
  await page.keyboard.type(letters);
  await page.keyboard.press('Enter');
  await expect(palette(page)).toBeHidden();
}

test('everything in the graph is reached with keys alone', async ({ workbench: page }) => {
  // Open the sample from the palette, as there is no model yet.
  await page.keyboard.press('Control+Shift+P');
  await page.keyboard.type('sample digits');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: /digits\.tflite/ })).toBeVisible();
  await expect(graph(page)).toBeVisible();

  // Search by a query; the arrow keys walk on from what was found, and walk back the same way.
  await page.keyboard.press('Control+k');
  await page.keyboard.type('conv_2d macs>100k');
  await expect(page.getByRole('listbox', { name: 'Found' }).getByRole('option')).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(titled(page, 'CONV_2D')).toBeVisible();
  await expect(page).toHaveURL(/#\/digits\/0\/operator\/1$/);
  await expect(graph(page)).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(titled(page, 'RESHAPE')).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await expect(titled(page, 'FULLY_CONNECTED')).toBeVisible();
  await page.keyboard.press('ArrowUp');
  await expect(titled(page, 'RESHAPE')).toBeVisible();
  await page.keyboard.press('Alt+ArrowLeft');
  await expect(titled(page, 'FULLY_CONNECTED')).toBeVisible();
  await page.keyboard.press('Alt+ArrowRight');
  await expect(titled(page, 'RESHAPE')).toBeVisible();

  // A bookmark, the zoom, the direction, and into the inspector and back.
  await page.keyboard.press('b');
  await expect(page.getByText('Bookmarked RESHAPE 2.')).toBeAttached();
  await page.keyboard.press('d');
  await expect(page.getByRole('button', { name: 'To the right' })).toHaveAttribute('aria-pressed', 'true');
  await page.keyboard.press('d');
  await page.keyboard.press('1');
  await expect(page.getByTitle(/^Actual size/)).toHaveText(/100\s*%/);
  await page.keyboard.press('i');
  await expect
    .poll(() => inspector(page).evaluate((panel) => panel.contains(document.activeElement)))
    .toBe(true);
  await page.keyboard.press('Escape');
  await expect(graph(page)).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('heading', { name: /digits\.tflite/ })).toBeVisible();

  // The outline: a tree with the same selection.
  await command(page, 'outline');
  const tree = page.getByRole('tree', { name: 'Operators' });
  await expect(tree).toBeVisible();
  for (let presses = 0; presses < 60; presses++) {
    if (await tree.evaluate((element) => element === document.activeElement)) break;
    await page.keyboard.press('Tab');
  }
  await expect(tree).toBeFocused();
  await page.keyboard.press('End');
  await expect(titled(page, 'SOFTMAX')).toBeVisible();
  await expect(tree.getByRole('treeitem', { selected: true })).toContainText('SOFTMAX');
  await page.keyboard.type('re');
  await expect(titled(page, 'RESHAPE')).toBeVisible();
  await page.keyboard.press('Enter');
  await expect
    .poll(() => inspector(page).evaluate((panel) => panel.contains(document.activeElement)))
    .toBe(true);
  await page.keyboard.press('Escape');
  await expect(tree).toBeFocused();

  // The table says the same; the palette leads to the bookmark and to every screen.
  await command(page, 'operator table');
  const table = page.getByRole('table', { name: 'Operators' });
  await expect(table.getByRole('row', { name: /RESHAPE/ })).toBeVisible();
  await command(page, 'select nothing');
  await expect(page.getByRole('heading', { name: /digits\.tflite/ })).toBeVisible();
  await command(page, 'go to reshape');
  await expect(titled(page, 'RESHAPE')).toBeVisible();
  await command(page, 'compare models');
  await expect(page.getByRole('tab', { name: 'Compare', selected: true })).toBeVisible();
  await page.keyboard.press('g');
  await expect(page.getByRole('tab', { name: 'Graph', selected: true })).toBeVisible();

  // `>` in the search box is the palette too.
  await page.keyboard.press('Control+k');
  await page.keyboard.type('>dark');
  await page.keyboard.press('Enter');
  await expect(page.locator('html')).toHaveAttribute('data-theme', /dark|light/);
});

test('the selection is said once, by what has the focus', async ({ workbench: page }) => {
  await openDigits(page);
  await graph(page).focus();
  // The input, then the first operator.
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  const spoken = page.locator('[aria-live=polite]').filter({ hasText: /operator \d+/ });
  await expect(spoken).toHaveCount(1);
  await expect(spoken).toContainText('CONV_2D');
  // The list's own roles say what it selects: the picture stays quiet then.
  await page.getByRole('button', { name: 'Operators as a list' }).click();
  await page.getByRole('tree', { name: 'Operators' }).focus();
  await page.keyboard.press('ArrowDown');
  await expect(spoken).toHaveCount(0);
});

test('a link to a selection holds, waits for its model, and says when it leads to nothing', async ({
  workbench: page,
}) => {
  await openDigits(page);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('softmax');
  await page.keyboard.press('Enter');
  await expect(titled(page, 'SOFTMAX')).toBeVisible();
  await expect(page).toHaveURL(/#\/digits\/0\/operator\/5$/);

  // The workspace is restored, and the link with it.
  await page.reload();
  await expect(titled(page, 'SOFTMAX')).toBeVisible();
  await expect(page).toHaveURL(/#\/digits\/0\/operator\/5$/);

  await page.goto('/#/digits/0/operator/3');
  await expect(titled(page, 'FULLY_CONNECTED')).toBeVisible();
  await page.goto('/#/digits/0/operator/99');
  await expect(page.getByText('The link leads to nothing here.')).toBeVisible();
  await expect(page.getByText(/digits has 6 operators/)).toBeVisible();
  await page.goto('/#/elsewhere/0/operator/3');
  await expect(page.getByText('elsewhere is not open.')).toBeVisible();
  await expect(page).toHaveURL(/#\/elsewhere/);
});

test('bookmarks are kept, renamed and removed', async ({ workbench: page }) => {
  await openDigits(page);
  await graph(page).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('b');
  await expect(page.getByText('Bookmarked CONV_2D 0.')).toBeAttached();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('b');
  await expect(page.getByText('Bookmarked CONV_2D 1.')).toBeAttached();
  await page.keyboard.press('b');
  await expect(page.getByText('CONV_2D 1 is bookmarked already.')).toBeAttached();
  await page.reload();
  await expect(graph(page)).toBeVisible();
  const button = page.getByRole('button', { name: 'Bookmarks' });
  await button.click();
  await page.getByRole('button', { name: 'Rename CONV_2D 1' }).click();
  await page.getByRole('textbox', { name: 'Name of the bookmark' }).fill('The large one');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Remove CONV_2D 0' }).click();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+Shift+P');
  await page.keyboard.type('go to the large');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/#\/digits\/0\/operator\/1$/);
  await button.click();
  await expect(page.getByRole('button', { name: /^CONV_2D 0/ })).toHaveCount(0);
});

test('a search that makes no sense says so, and one without hits shows what can be asked', async ({
  workbench: page,
}) => {
  await openDigits(page);
  const field = page.getByRole('combobox', { name: 'Find operators and tensors' });
  await field.fill('bytes>lots');
  await expect(page.getByText(/bytes needs a number/)).toBeVisible();
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  await field.fill('nothing like this');
  await expect(page.getByText(/^Nothing found/)).toBeVisible();
  await field.fill('CONV_2D -relu');
  await expect(page.getByText(/^Nothing found/)).toBeVisible();
  await field.fill('FULLY_CONNECTED dtype:float32 bytes>1k');
  await expect(page.getByRole('listbox', { name: 'Found' }).getByRole('option')).toHaveCount(2);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe has no objections to the lists, the palette and the bookmarks, ${colorScheme}`, async ({
    workbench: page,
  }) => {
    await page.emulateMedia({ colorScheme });
    await openDigits(page);
    await graph(page).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('b');
    await page.getByRole('button', { name: 'Operators as a list' }).click();
    await expect(page.getByRole('tree', { name: 'Operators' })).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('tab', { name: 'Table' }).click();
    await expect(page.getByRole('table', { name: 'Operators' })).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Bookmarks' }).click();
    await expect(page.getByRole('button', { name: 'Bookmark this place' })).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('conv');
    await expect(page.getByRole('listbox', { name: 'Found' }).getByRole('option').first()).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Control+Shift+P');
    await expect(palette(page)).toBeVisible();
    expect(await violations(page)).toEqual([]);
  });
}
