/**
 * What the browser's own long-task observer says of the flow. It goes by the clock, so a machine that gives the
 * processor to somebody else in between can add to a task; what the page itself does too long shows on every try.
 * `loop.spec.ts` holds the same flow to processor time, without another try.
 */
import { createRequire } from 'node:module';
import { watchLongTasks } from './main-thread';
import { chooseFiles, expect, models, sampleFile, test, whenIdle } from './workbench';

test.describe.configure({ retries: 2 });

const require = createRequire(import.meta.url);
const files = {
  'the digits sample': [sampleFile('digits.tflite'), sampleFile('digits-test.npz')],
  'a 6 MB model': [require.resolve('@mediapipe/holistic/pose_landmark_full.tflite')],
};

for (const [what, paths] of Object.entries(files)) {
  test(`no task over 50 ms from opening to comparing ${what}`, async ({ workbench: page }) => {
    const longTasksMs = await watchLongTasks(page);
    await chooseFiles(page, paths);
    await expect(page.getByText(/weight tensors to int8/)).toBeVisible();
    await page.getByRole('application').click();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.getByRole('button', { name: 'Make variant' }).click();
    await expect(models(page).getByRole('button', { name: 'dynamic-range', exact: true })).toBeVisible({
      timeout: 60_000,
    });
    await whenIdle(page);
    await page.getByRole('tab', { name: 'Compare' }).click();
    await expect(page.getByRole('heading', { level: 2 }).first()).toBeVisible();
    expect(await longTasksMs()).toEqual([]);
  });
}
