/** The runtime in the built page, under its Content-Security-Policy: reference figures, threads, WebGPU. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { chromiumFlags, findBrowser } from '../../scripts/setup.mjs';
import { chooseFiles, corpus, corpusModel, expect, hasCorpus, models, test, whenIdle } from './workbench';

const executablePath = findBrowser();
/** WebGPU without a graphics card: Chromium's own software adapter. */
test.use({
  launchOptions: {
    ...(executablePath === null ? {} : { executablePath }),
    args: [
      ...chromiumFlags,
      '--enable-unsafe-webgpu',
      '--use-webgpu-adapter=swiftshader',
      '--enable-features=Vulkan',
      '--use-vulkan=swiftshader',
    ],
  },
});

interface SavedModel {
  readonly correct: number;
  readonly top1: number;
  readonly backend: string;
  readonly latencyMs: { readonly median: number };
}

/** Measures the only model and reads the comparison that the page saves. */
async function measure(page: Page): Promise<{ samples: number; model: SavedModel }> {
  await page.getByRole('button', { name: /^Actions for/ }).click();
  await page.getByRole('menuitem', { name: /^Measure/ }).click();
  await expect(page.getByRole('button', { name: 'Cancel' }).first()).toBeVisible();
  await whenIdle(page);
  await page.getByRole('tab', { name: 'Compare' }).click();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save as JSON' }).click(),
  ]);
  const saved = JSON.parse(readFileSync(await file.path(), 'utf8')) as {
    samples: number;
    models: SavedModel[];
  };
  return { samples: saved.samples, model: saved.models[0]! };
}

async function openDigits(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Try the digits sample' }).click();
  await expect(page.getByText('500 samples').first()).toBeVisible();
  await whenIdle(page);
}

test('two threads give the same answers, and are named', async ({ workbench: page }) => {
  await openDigits(page);
  await page.getByRole('button', { name: 'How to measure' }).click();
  await page.getByRole('spinbutton', { name: 'Threads' }).fill('2');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Escape');
  const { model, samples } = await measure(page);
  expect({ samples, correct: model.correct }).toEqual({ samples: 500, correct: 494 });
  expect(model.backend).toBe('wasm, 2 threads');
  await expect(page.getByText(/2 threads/).first()).toBeVisible();
});

test('WebGPU gives the same answers, and is named', async ({ workbench: page }) => {
  await openDigits(page);
  await page.getByRole('button', { name: 'How to measure' }).click();
  await page.getByRole('combobox', { name: 'Run on' }).selectOption('webgpu');
  await page.keyboard.press('Escape');
  const { model, samples } = await measure(page);
  expect({ samples, correct: model.correct }).toEqual({ samples: 500, correct: 494 });
  expect(model.backend).toMatch(/^webgpu/);
  await expect(page.getByText(/webgpu/).first()).toBeVisible();
});

const figures = [
  ['kws_ref_model', 'kws_mfcc', 'none', 902, 1000],
  ['conv_fc_mnist', 'mnist_test_a', 'x/255', 488, 500],
  ['conv_fc_mnist_srq_a8w8', 'mnist_test_a', 'x/255', 484, 500],
  ['mobilenet_v1_0.25_128', 'imagenet_a_128', 'x/127.5-1', 174, 334],
  ['keypoint_classifier', 'gesture_keypoint', 'none', 869, 900],
] as const;

for (const [name, data, rule, correct, samples] of figures) {
  test(`${name} gets ${correct} of ${samples} right`, async ({ workbench: page }) => {
    test.skip(!hasCorpus, `no corpus at ${corpus}; set WHITTLE_CORPUS`);
    const folder = join(corpus, 'data', data);
    await chooseFiles(page, [
      corpusModel(name),
      ...['inputs.npy', 'labels.npy', 'labels.txt'].map((file) => join(folder, file)),
    ]);
    await expect(page.getByText(`${samples.toLocaleString('en')} samples`).first()).toBeVisible();
    await whenIdle(page);
    await page.getByRole('combobox', { name: 'Scale' }).selectOption(rule);
    const measured = await measure(page);
    expect({ correct: measured.model.correct, samples: measured.samples }).toEqual({ correct, samples });
    await page.getByRole('tab', { name: 'Graph' }).click();
    await expect(models(page).getByText(`${((100 * correct) / samples).toFixed(1)} %`)).toBeVisible();
  });
}
