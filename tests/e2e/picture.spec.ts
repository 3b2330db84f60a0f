/** The picture of real models: folding, edges by size, export. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { chooseFiles, corpusModel, expect, hasCorpus, test } from './workbench';

test.skip(!hasCorpus, 'the corpus of models is not here');

async function openModel(page: Page, name: string) {
  await chooseFiles(page, [corpusModel(name)]);
  const graph = page.getByRole('application', { name: new RegExp(name.slice(0, 12)) });
  await expect(graph).toBeVisible();
  await expect(page.getByText(/Laying out/)).toHaveCount(0);
  return graph;
}

/** Saves the picture with what the dialog offers; gives the bytes. */
async function exportPicture(page: Page, choose: (dialog: ReturnType<Page['getByRole']>) => Promise<void>) {
  await page.getByRole('button', { name: 'Export picture' }).click();
  const dialog = page.getByRole('dialog', { name: 'Export picture' });
  await choose(dialog);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Save' }).click(),
  ]);
  await expect(dialog).toHaveCount(0);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

const titlesIn = (svg: string) =>
  [...svg.matchAll(/<text [^>]*font-weight="600"[^>]*>([^<]*)<\/text>/g)].map(([, title]) => title);

test('a quantized model is folded and unfolded by a key, and saved as SVG and PNG', async ({
  workbench: page,
}) => {
  const graph = await openModel(page, 'partly_quantized_mnist');
  const toSvg = () => exportPicture(page, async () => undefined);

  const folded = await toSvg();
  expect(folded.name).toMatch(/\.svg$/);
  const source = folded.bytes.toString();
  expect(
    await page.evaluate(
      (text) => new DOMParser().parseFromString(text, 'image/svg+xml').querySelector('parsererror') === null,
      source,
    ),
  ).toBe(true);
  const titles = titlesIn(source);
  expect(titles).toContain('CONV_2D');
  expect(titles).not.toContain('DEQUANTIZE');
  expect(source).toMatch(/>dq<\/text>/);

  await graph.focus();
  await page.keyboard.press('q');
  await expect(page.getByRole('button', { name: 'All', exact: true })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  await expect.poll(async () => titlesIn((await toSvg()).bytes.toString())).toContain('DEQUANTIZE');
  await graph.focus();
  await page.keyboard.press('q');
  await expect.poll(async () => titlesIn((await toSvg()).bytes.toString())).toEqual(titles);

  const png = await exportPicture(page, async (dialog) => {
    await dialog.getByLabel('Part').selectOption('view');
    await dialog.getByLabel('Format').selectOption('png');
    await dialog.getByLabel('Scale').selectOption('3');
  });
  const box = (await graph.boundingBox())!;
  expect(png.name).toMatch(/-view\.png$/);
  expect(png.bytes.readUInt32BE(16)).toBe(Math.floor(box.width) * 3);
  expect(png.bytes.readUInt32BE(20)).toBe(Math.floor(box.height) * 3);
});

test('edges are drawn by their bytes with a key and a button, and stay so', async ({ workbench: page }) => {
  const graph = await openModel(page, 'conv_fc_mnist');
  const widths = async () => {
    const { bytes } = await exportPicture(page, async () => undefined);
    return new Set(
      [...bytes.toString().matchAll(/fill="none"[^>]*stroke-width="([\d.]+)" stroke-linejoin="round"/g)].map(
        ([, width]) => width,
      ),
    );
  };
  const before = await widths();
  await graph.focus();
  await page.keyboard.press('t');
  const button = page.getByRole('button', { name: 'Edges by size' });
  await expect(button).toHaveAttribute('aria-pressed', 'true');
  const after = await widths();
  expect(after.size).toBeGreaterThan(before.size);
  await page.reload();
  await expect(button).toHaveAttribute('aria-pressed', 'true');
  await button.click();
  await expect(button).toHaveAttribute('aria-pressed', 'false');
});

test('a WHILE leads to the subgraphs that it calls, from the inspector and from its card', async ({
  workbench: page,
}) => {
  const graph = await openModel(page, 'multi_subgraphs_while');
  const subgraph = page.getByRole('combobox', { name: 'Subgraph' });
  await graph.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page
    .getByRole('complementary', { name: 'Inspector' })
    .getByRole('button', { name: 'subgraph 2' })
    .click();
  await expect(subgraph).toHaveValue('2');
  await subgraph.selectOption('0');
  await expect(subgraph).toHaveValue('0');
  await expect(graph).toHaveAccessibleName(/1 operator/);
  await graph.focus();
  await page.keyboard.press('f');
  // Rows of the card in the middle, one under the other: the first leads to the condition.
  const box = (await graph.boundingBox())!;
  const tip = page.getByRole('tooltip');
  await expect
    .poll(async () => {
      for (let y = box.height * 0.25; y < box.height * 0.6; y += 7) {
        await page.mouse.move(box.x + box.width / 2 + 20, box.y + y);
        await page.waitForTimeout(260);
        if (/cond: subgraph 1/.test((await tip.textContent({ timeout: 100 }).catch(() => '')) ?? ''))
          return true;
      }
      return false;
    })
    .toBe(true);
  await page.mouse.down();
  await page.mouse.up();
  await expect(subgraph).toHaveValue('1');
});
