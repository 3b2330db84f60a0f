/**
 * Two flows from the file to the comparison hold the page's thread for less than 50 ms at a time. Processor time
 * decides; what the browser's own observer says, which goes by the clock and so counts what other programs and the
 * test's own driver do in between, is noted in the report.
 */
import { createRequire } from 'node:module';
import { expectNoLongTask, watchLongTasks, watchTasks } from './main-thread';
import { chooseFiles, expect, models, sampleFile, test, whenIdle } from './workbench';

const require = createRequire(import.meta.url);
const files = {
  'the digits sample': [sampleFile('digits.tflite'), sampleFile('digits-test.npz')],
  'a 6 MB model': [require.resolve('@mediapipe/holistic/pose_landmark_full.tflite')],
};

for (const [what, paths] of Object.entries(files)) {
  test(`no task over 50 ms from opening to comparing ${what}`, async ({ workbench: page }) => {
    const longestTasks = await watchTasks(page);
    const observedMs = await watchLongTasks(page);
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
    test
      .info()
      .annotations.push({ type: 'long tasks by the clock, ms', description: (await observedMs()).join(' ') });
    await expectNoLongTask(longestTasks);
  });
}
