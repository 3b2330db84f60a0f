/**
 * What graphs look like: thirteen real models, as they open, unfolded, and whole, light and dark, against pictures in `screenshots/`.
 * Pixels depend on the browser and its fonts; `screenshots/rendering.json` says with which ones the pictures were made.
 * Elsewhere the same tests run without comparing pixels and say so: what is drawn must then still be there, and differ
 * where it has to. New pictures: `npx playwright test screenshots --update-snapshots`.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { chooseFiles, corpusModel, expect, hasCorpus, test } from './workbench';

const folder = join(import.meta.dirname, 'screenshots');
const renderingFile = join(folder, 'rendering.json');

/** Model, and whether folding hides any of its operators. */
const pictured = [
  ['conv_fc_mnist', false],
  ['mobilenet_v1_0.25_128', false],
  ['vww_96_int8', false],
  ['model_ToyCar_quant_fullint', true],
  ['deeplabv3', false],
  ['pose_landmark_lite', true],
  ['selfie_segmentation', true],
  ['coco_ssd_mobilenet_v1_1.0_quant_2018_06_29', false],
  ['face_landmark_with_attention', true],
  ['torchaudio_conformer', false],
  ['multi_subgraphs_while', false],
  ['sdpa_composite', false],
  ['trained_lstm_int8', false],
] as const;

test.use({ viewport: { width: 900, height: 600 }, contextOptions: { reducedMotion: 'reduce' } });

interface Rendering {
  /** Major version of Chromium. */
  readonly chromium: string;
  /** SHA-256 of a few words as this browser paints them. */
  readonly words: string;
}

async function renderingOf(page: Page): Promise<Rendering> {
  const pixels = await page.evaluate(() => {
    const canvas = document.createElement('canvas');
    const context = canvas.getContext('2d')!;
    const { fontFamily } = getComputedStyle(document.body);
    context.font = `600 12px ${fontFamily}`;
    context.fillText('DEPTHWISE_CONV_2D 1×64×64×8', 4, 20);
    context.font = '400 11px ui-monospace, monospace';
    context.fillText('DEPTHWISE_CONV_2D 1×64×64×8', 4, 40);
    return canvas.toDataURL();
  });
  return {
    chromium: page.context().browser()!.version().split('.', 1)[0]!,
    words: createHash('sha256').update(pixels).digest('hex').slice(0, 16),
  };
}

/** Whether the pictures were made with this browser and its fonts; when they are being made anew, they are from now on. */
async function isPinned(page: Page): Promise<boolean> {
  const rendering = await renderingOf(page);
  if (['all', 'changed'].includes(test.info().config.updateSnapshots)) {
    writeFileSync(renderingFile, `${JSON.stringify(rendering, null, 2)}\n`);
    return true;
  }
  const pinned = existsSync(renderingFile)
    ? (JSON.parse(readFileSync(renderingFile, 'utf8')) as Rendering)
    : null;
  if (JSON.stringify(pinned) === JSON.stringify(rendering)) return true;
  const words = `Chromium ${rendering.chromium} with these fonts paints other pixels than the pictures were made with.`;
  test.info().annotations.push({ type: 'pixels not compared', description: words });
  process.stdout.write(`${test.info().title}: pixels not compared. ${words}\n`);
  return false;
}

/** The picture as it stands, once nothing moves in it any more, and the same without the tools above it. */
async function settled(graph: Locator): Promise<{ readonly picture: Buffer; readonly bare: Buffer }> {
  let before = await graph.screenshot();
  await expect
    .poll(async () => {
      const now = await graph.screenshot();
      const isSame = now.equals(before);
      before = now;
      return isSame;
    })
    .toBe(true);
  const tools = graph.getByRole('toolbar', { name: 'Graph tools' });
  return { picture: before, bare: await graph.screenshot({ mask: [tools] }) };
}

test.describe('graphs of real models', () => {
  test.skip(!hasCorpus, 'The corpus is not there; set WHITTLE_CORPUS.');
  for (const [id, hasFolded] of pictured) {
    for (const colorScheme of ['light', 'dark'] as const) {
      test(`${id}, ${colorScheme}`, async ({ workbench: page }) => {
        await page.emulateMedia({ colorScheme });
        const compares = await isPinned(page);
        await chooseFiles(page, [corpusModel(id)]);
        const graph = page.getByRole('region', { name: 'Graph', exact: true });
        await expect(page.getByRole('button', { name: 'Export picture' })).toBeVisible();
        await expect(page.getByText(/Laying out/)).toHaveCount(0);
        const pictureOf = async (what: string) => {
          await page.mouse.move(0, 0);
          const { picture, bare } = await settled(graph);
          if (compares) expect(picture).toMatchSnapshot(`${id}-${what}-${colorScheme}.png`, tolerance);
          expect(picture.length).toBeGreaterThan(4000);
          return bare;
        };
        const show = async (name: 'Folded' | 'All') => {
          const button = page.getByRole('button', { name, exact: true });
          await button.click();
          await expect(button).toHaveAttribute('aria-pressed', 'true');
        };
        const folded = await pictureOf('folded');
        await show('All');
        const unfolded = await pictureOf('unfolded');
        expect(unfolded.equals(folded)).toBe(!hasFolded);
        await show('Folded');
        await page.getByRole('button', { name: 'Fit', exact: true }).click();
        await pictureOf('whole');
      });
    }
  }
});

const tolerance = { maxDiffPixelRatio: 0.005 };
