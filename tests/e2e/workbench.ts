/** The page under test, with the promises that hold everywhere watched: no foreign request, no console error. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test as base, expect, type Page } from '@playwright/test';

const projectRoot = join(import.meta.dirname, '..', '..');
export const corpus = process.env.WHITTLE_CORPUS ?? join(projectRoot, '..', 'shared', 'corpus');
export const hasCorpus = existsSync(join(corpus, 'index.tsv'));
export const sampleFile = (name: string) => join(projectRoot, 'public', 'samples', name);
export const corpusModel = (name: string) => join(corpus, 'models', `${name}.tflite`);

export interface DroppedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export function fileOf(path: string): DroppedFile {
  return { name: basename(path), bytes: readFileSync(path) };
}

/** Drops files on the window as a user does. */
export async function dropFiles(
  page: Page,
  files: readonly DroppedFile[],
  /** Called when the files are in the browser, before they are dropped. */
  onready: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const sent = files.map(({ name, bytes }) => ({ name, base64: Buffer.from(bytes).toString('base64') }));
  const transfer = await page.evaluateHandle(async (list) => {
    const data = new DataTransfer();
    for (const { name, base64 } of list) {
      const bytes = await (await fetch(`data:application/octet-stream;base64,${base64}`)).blob();
      data.items.add(new File([bytes], name));
    }
    return data;
  }, sent);
  await onready();
  for (const type of ['dragenter', 'dragover', 'drop']) {
    await page.dispatchEvent('body', type, { dataTransfer: transfer });
  }
}

/** Opens files from the disk through a file picker of the page. */
export async function chooseFiles(page: Page, paths: readonly string[]): Promise<void> {
  await page
    .getByLabel(/^Model files/)
    .first()
    .setInputFiles([...paths]);
}

/** The list of models and variants. */
export const models = (page: Page) => page.getByRole('region', { name: 'Models' });

/** Waits until no job waits or runs. */
export async function whenIdle(page: Page): Promise<void> {
  await expect(page.getByRole('button', { name: 'Cancel' })).toHaveCount(0, { timeout: 90_000 });
}

/** `test` whose page fails it on any request outside the origin, console error or uncaught error. */
export const test = base.extend<{ workbench: Page }>({
  workbench: async ({ page, baseURL }, use) => {
    const faults: string[] = [];
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(baseURL!) && !/^(blob|data):/.test(url)) faults.push(`request to ${url}`);
    });
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning')
        faults.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => faults.push(`uncaught: ${error.message}`));
    await page.goto('/');
    // The page listens once it is drawn; no user is faster.
    await expect(page.getByRole('banner')).toBeVisible();
    await use(page);
    expect(faults).toEqual([]);
  },
});
export { expect };
