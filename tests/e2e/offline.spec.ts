/** After the first load the page needs no network, and what was open is there again. */
import { expect, test } from './workbench';

test('reload without a network: the workspace is there and still runs', async ({
  workbench: page,
  context,
}) => {
  await page.getByRole('button', { name: 'Try the digits sample' }).click();
  await expect(page.getByRole('heading', { name: /digits\.tflite/ })).toBeVisible();
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  // The worker takes over the page once its files are stored.
  await expect
    .poll(() => page.evaluate(() => navigator.serviceWorker.controller?.state ?? null), { timeout: 60_000 })
    .toBe('activated');
  await context.setOffline(true);
  await page.reload();
  await expect(page.getByRole('heading', { name: /digits\.tflite/ })).toBeVisible();
  await page.getByRole('button', { name: 'Make variant' }).click();
  await expect(page.getByRole('button', { name: 'Cancel' })).toHaveCount(0);
  await expect(page.getByRole('region', { name: 'Models' }).getByText('98.8 %')).toHaveCount(2);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  await context.setOffline(false);
});
