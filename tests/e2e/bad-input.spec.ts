/** Files that are no model: one clear sentence each, and nothing else changes. */
import { deflateSync, zipSync } from 'fflate';
import { readFileSync } from 'node:fs';
import { dropFiles, expect, sampleFile, test } from './workbench';

const text = (content: string) => new TextEncoder().encode(content);
const sound = readFileSync(sampleFile('digits.tflite'));

const files: readonly { name: string; bytes: Uint8Array; says: RegExp }[] = [
  { name: 'empty.tflite', bytes: new Uint8Array(0), says: /empty/i },
  {
    name: 'half.tflite',
    bytes: sound.subarray(0, sound.length / 2),
    says: /half\.tflite.*(cut|truncated|incomplete|end|beyond)/i,
  },
  {
    name: 'page.tflite',
    bytes: text('<!doctype html><html><body>Not found</body></html>'),
    says: /HTML|web page/i,
  },
  { name: 'packed.tflite', bytes: zipSync({ 'config.json': text('{}') }), says: /zip/i },
  {
    name: 'pointer.tflite',
    bytes: text('version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n'),
    says: /LFS/,
  },
  {
    name: 'noise.tflite',
    bytes: deflateSync(text('some noise '.repeat(900))),
    says: /no TensorFlow Lite model/i,
  },
];

for (const { name, bytes, says } of files) {
  test(`${name} gives one sentence and leaves the workspace alone`, async ({ workbench: page }) => {
    await page.getByRole('button', { name: 'Try the digits sample' }).click();
    await expect(page.getByRole('heading', { name: /digits\.tflite/ })).toBeVisible();
    await dropFiles(page, [{ name, bytes }]);
    const alert = page.getByRole('alert').filter({ hasText: name });
    await expect(alert).toBeVisible();
    await expect(alert).toContainText(says);
    await expect(page.getByRole('heading', { name: /digits\.tflite/ })).toBeVisible();
    await expect(
      page.getByRole('region', { name: 'Models' }).getByRole('button', { name: /^Actions for/ }),
    ).toHaveCount(1);
    await alert.getByRole('button', { name: /Dismiss|Close/ }).click();
    await expect(alert).toHaveCount(0);
  });
}

test('data that does not fit the model is named with what is needed', async ({ workbench: page }) => {
  await page.getByRole('button', { name: 'Try the digits sample' }).click();
  await expect(page.getByText('digits-test').first()).toBeVisible();
  await dropFiles(page, [{ name: 'labels.npy', bytes: text('not an array') }]);
  await expect(page.getByRole('alert').filter({ hasText: 'labels.npy' })).toBeVisible();
  await expect(page.getByText('500 samples').first()).toBeVisible();
});
