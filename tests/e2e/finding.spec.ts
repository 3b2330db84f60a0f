/** Finding things: search, outline, table, palette, bookmarks and links, all of it without a mouse. */
import type { Locator, Page } from '@playwright/test';
import { violations } from './axe';
import { expect, test, whenIdle } from './workbench';

const inspector = (page: Page) => page.getByRole('complementary', { name: 'Inspector' });
const picture = (page: Page) => page.getByRole('application');
const tree = (page: Page) => page.getByRole('tree', { name: 'Operators' });
const heading = (page: Page, name: string) => inspector(page).getByRole('heading', { name });

/** Opens a sample by the palette. */
async function openSample(page: Page, title: string): Promise<void> {
  await expect(page.getByRole('button', { name: 'Try the digits sample' })).toBeVisible();
  await command(page, `open sample ${title}`);
  await expect(picture(page)).toBeVisible();
  await expect(inspector(page)).toBeVisible();
}

/** Gives the first command that the palette finds. */
async function command(page: Page, words: string): Promise<void> {
  await page.keyboard.press('Control+Shift+P');
  const field = page.getByRole('combobox', { name: 'Command' });
  await expect(field).toBeFocused();
  await page.keyboard.type(words);
  await page.keyboard.press('Enter');
  await expect(field).toBeHidden();
}

async function searchFor(page: Page, query: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.keyboard.type(query);
  await page.keyboard.press('Enter');
  await expect(picture(page)).toBeFocused();
}

/** Presses Tab until an element has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error('Tab never gets there.');
}

test('a tour by keyboard alone', async ({ workbench: page }) => {
  await openSample(page, 'digits');

  await searchFor(page, 'kind:conv macs>100k');
  await expect(heading(page, 'CONV_2D')).toBeVisible();
  await expect(page).toHaveURL(/#\/digits\/0\/operator\/1$/);
  await page.keyboard.press('ArrowDown');
  await expect(heading(page, 'RESHAPE')).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await expect(heading(page, 'FULLY_CONNECTED')).toBeVisible();

  await page.keyboard.press('b');
  await expect(page.getByText('Bookmarked FULLY_CONNECTED 3.')).toBeAttached();

  await page.keyboard.press('Alt+ArrowLeft');
  await expect(heading(page, 'RESHAPE')).toBeVisible();
  await page.keyboard.press('Alt+ArrowRight');
  await expect(heading(page, 'FULLY_CONNECTED')).toBeVisible();

  await page.keyboard.press('i');
  await expect(inspector(page).locator(':focus')).toHaveCount(1);
  await page.keyboard.press('Escape');
  await expect(picture(page)).toBeFocused();

  await command(page, 'show outline');
  await tabTo(page, tree(page));
  await page.keyboard.press('Home');
  await expect(page).toHaveURL(/operator\/0$/);
  await page.keyboard.press('ArrowDown');
  await expect(page).toHaveURL(/operator\/1$/);
  await page.keyboard.type('soft');
  await expect(heading(page, 'SOFTMAX')).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(inspector(page).locator(':focus')).toHaveCount(1);
  await page.keyboard.press('Escape');
  await expect(tree(page)).toBeFocused();

  await command(page, 'operator table');
  const table = page.getByRole('table', { name: 'Operators' });
  await tabTo(page, table.getByRole('button', { name: '5', exact: true }));
  await page.keyboard.press('ArrowUp');
  await expect(page).toHaveURL(/operator\/4$/);
  await expect(table.locator('[aria-current=true]')).toContainText('FULLY_CONNECTED');
  await page.keyboard.press('Home');
  await expect(page).toHaveURL(/operator\/0$/);

  // From the search box to the palette, and by it back to the bookmark.
  await page.keyboard.press('Control+k');
  await page.keyboard.type('>');
  await page.keyboard.type('go fully');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/operator\/3$/);

  // The search box has the focus again, and gives it back to where it came from.
  await page.keyboard.press('Escape');
  await expect(table.getByRole('button', { name: '0', exact: true })).toBeFocused();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard' }).getByText('Actual size')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeHidden();
});

test('groups close and open by the brackets', async ({ workbench: page }) => {
  await openSample(page, 'selfie');
  await command(page, 'show outline');
  await expect(page.getByRole('treeitem', { expanded: true }).first()).toBeVisible();
  await searchFor(page, 'kind:conv');
  await expect(heading(page, 'CONV_2D')).toBeVisible();
  const before = page.url();
  await page.keyboard.press('[');
  await page.keyboard.press(']');
  await page.keyboard.press('Shift+C');
  await page.keyboard.press('Shift+E');
  // The keys are those of the picture, not of the page: no other screen is shown.
  await expect(picture(page)).toBeFocused();
  expect(page.url()).toBe(before);
});

test('a link and bookmarks outlive a reload; a link into a model that is not open says so', async ({
  workbench: page,
}) => {
  await openSample(page, 'digits');
  await searchFor(page, 'softmax');
  await expect(page).toHaveURL(/#\/digits\/0\/operator\/5$/);
  await page.keyboard.press('b');
  await expect(page.getByText('Bookmarked SOFTMAX 5.')).toBeAttached();

  await page.reload();
  await expect(heading(page, 'SOFTMAX')).toBeVisible();
  await expect(page).toHaveURL(/#\/digits\/0\/operator\/5$/);
  await page.getByRole('button', { name: 'Bookmarks' }).click();
  await expect(page.getByRole('button', { name: /^SOFTMAX 5/ })).toBeVisible();
  await page.getByRole('button', { name: 'Rename SOFTMAX 5' }).click();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('answers');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: /^answers/ })).toBeFocused();
  await page.getByRole('button', { name: 'Rename answers' }).click();
  await page.keyboard.type('not this');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: /^answers/ })).toBeVisible();
  await page.getByRole('button', { name: 'Remove answers' }).click();
  await expect(page.getByRole('button', { name: 'Bookmark this place' })).toBeFocused();
  await page.keyboard.press('Escape');

  await page.evaluate(() => (location.hash = '#/unknown/0/operator/2'));
  await expect(page.getByText('unknown is not open.')).toBeVisible();
  await expect(heading(page, 'SOFTMAX')).toBeVisible();
  await page.evaluate(() => (location.hash = '#/digits/0/operator/900'));
  await expect(page.getByText('The link leads to nothing here.')).toBeVisible();
});

test('what is selected is said once', async ({ workbench: page }) => {
  await openSample(page, 'digits');
  await searchFor(page, 'softmax');
  await expect(heading(page, 'SOFTMAX')).toBeVisible();
  // What the recipe would do is worked out after opening, and said too.
  await expect(page.getByText('The variant would take about')).toBeVisible();
  /** Texts that live regions take on within a second of a key press. */
  const saidAfter = async (key: string): Promise<string[]> => {
    await page.evaluate(() => {
      const said: string[] = [];
      const regions = '[aria-live=polite], [aria-live=assertive], [role=status], [role=alert]';
      const observer = new MutationObserver((changes) => {
        for (const { target } of changes) {
          const region = (target instanceof Element ? target : target.parentElement)?.closest(regions);
          if (!region || region.getAttribute('aria-live') === 'off') continue;
          const text = region.textContent.trim();
          if (text !== '' && said.at(-1) !== text) said.push(text);
        }
      });
      observer.observe(document.body, { subtree: true, childList: true, characterData: true });
      Object.assign(window, { said });
    });
    await page.keyboard.press(key);
    await page.waitForTimeout(1000);
    return page.evaluate(() => (window as unknown as { said: string[] }).said);
  };
  const said = await saidAfter('ArrowUp');
  expect(said).toHaveLength(1);
  expect(said[0]).toContain('FULLY_CONNECTED');

  // The outline tells of its rows itself.
  await command(page, 'show outline');
  await tabTo(page, tree(page));
  expect(await saidAfter('ArrowUp')).toEqual([]);
  await expect(page.getByRole('treeitem', { selected: true })).toHaveCount(1);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe has no objections to outline, table, palette, bookmarks and search, ${colorScheme}`, async ({
    workbench: page,
  }) => {
    await page.emulateMedia({ colorScheme });
    await openSample(page, 'selfie');
    await searchFor(page, 'kind:conv');
    await page.keyboard.press('b');
    await command(page, 'show outline');
    await expect(page.getByRole('treeitem', { selected: true })).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await command(page, 'operator table');
    await expect(page.getByRole('table', { name: 'Operators' })).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Control+Shift+P');
    await page.keyboard.type('graph');
    await expect(page.getByRole('dialog', { name: 'Commands' }).getByRole('option').first()).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Bookmarks' }).click();
    await expect(page.getByRole('button', { name: /^Rename/ })).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    for (const query of ['conv', 'bytes>x', 'zzzz']) {
      await page.keyboard.press('Control+k');
      await page.keyboard.press('Control+a');
      await page.keyboard.type(query);
      await expect(page.getByRole('status').filter({ hasText: /found|needs a number/ })).toBeVisible();
      expect(await violations(page)).toEqual([]);
    }
    // The bar has room for everything.
    await page.setViewportSize({ width: 1024, height: 700 });
    const boxes = await page.evaluate(() =>
      Array.from(
        document.querySelectorAll('header.top .crumb, header.top button, header.top input'),
        (element) => {
          const { left, right, top, bottom } = element.getBoundingClientRect();
          return {
            name: element.textContent.trim() || element.getAttribute('aria-label'),
            left,
            right,
            top,
            bottom,
          };
        },
      ),
    );
    const overlaps = boxes.flatMap((a, i) =>
      boxes
        .slice(i + 1)
        .filter((b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom && b.top < a.bottom)
        .map((b) => `${a.name} and ${b.name}`),
    );
    expect(overlaps).toEqual([]);
    expect(boxes.every(({ left, right }) => left >= 0 && right <= 1024)).toBe(true);
  });
}

test('the focus follows what is shown and never falls to the page', async ({ workbench: page }) => {
  await openSample(page, 'digits');
  const screen = (name: string) => page.getByRole('main', { name });
  const focusedPicture = page.locator('canvas[role=application]:focus');
  await expect(picture(page)).toBeFocused();
  await page.keyboard.press('ArrowDown');
  for (const [key, name] of [
    ['e', 'Errors'],
    ['c', 'Comparison'],
    ['s', 'Search'],
  ] as const) {
    await page.keyboard.press(key);
    await expect(screen(name)).toBeFocused();
    await page.keyboard.press('g');
    await expect(focusedPicture).toHaveCount(1);
  }
  await command(page, 'show errors');
  await expect(screen('Errors')).toBeFocused();
  await command(page, 'show the graph');
  await expect(focusedPicture).toHaveCount(1);

  // What is selected is selected in the variant too, and in the original when it is shown again.
  await searchFor(page, 'kind:fully');
  await expect(page).toHaveURL(/#\/digits\/0\/operator\/3$/);
  await page.keyboard.press('Control+Enter');
  await expect(page).toHaveURL(/#\/(?!digits)[^/]+\/0\/operator\/\d+$/);
  await expect(heading(page, 'FULLY_CONNECTED')).toBeVisible();
  await whenIdle(page);
  await page.getByRole('button', { name: 'digits', exact: true }).click();
  await expect(page).toHaveURL(/#\/digits\/0\/operator\/3$/);

  await page.getByRole('button', { name: 'Compare graphs' }).click();
  await expect(page.getByRole('application')).toHaveCount(2);
  await expect(focusedPicture).toHaveCount(1);
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await expect(page.getByRole('application')).toHaveCount(1);
  await expect(focusedPicture).toHaveCount(1);

  await page.getByRole('button', { name: 'Actions for digits' }).click();
  await page.getByRole('menuitem', { name: /^Close model/ }).click();
  // The data are still open, and so is the page.
  await expect(screen('Graph')).toBeFocused();
  await page.getByRole('button', { name: 'Workspace' }).click();
  await page.getByRole('menuitem', { name: /^Close all/ }).click();
  await expect(page.getByRole('button', { name: 'Open a .tflite' })).toBeFocused();
});

test('what colours the graph is kept over a reload', async ({ workbench: page }) => {
  await openSample(page, 'digits');
  await command(page, 'colour by macs');
  const choice = page.getByRole('combobox', { name: 'Colour' });
  const chosen = await choice.inputValue();
  expect(chosen).not.toBe('none');
  await page.reload();
  await expect(picture(page)).toBeVisible();
  await expect(choice).toHaveValue(chosen);
});
