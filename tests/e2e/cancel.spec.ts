/** Long work can be cancelled in the middle, and leaves things as they were. */
import { createRequire } from 'node:module';
import { dropFiles, expect, fileOf, test } from './workbench';

const require = createRequire(import.meta.url);
const poseModel = require.resolve('@mediapipe/holistic/pose_landmark_heavy.tflite');

test('cancel while a variant is made, then while it is measured', async ({ workbench: page }) => {
  await dropFiles(page, [fileOf(poseModel)]);
  await expect(page.getByRole('heading', { name: /pose_landmark_heavy/ })).toBeVisible();
  const models = page.getByRole('region', { name: 'Models' });

  await page.getByRole('combobox', { name: 'Preset' }).selectOption('prune-50');
  await page.getByRole('button', { name: 'Make variant' }).click();
  await page.getByRole('button', { name: 'Cancel' }).first().click();
  await expect(page.getByRole('button', { name: 'Cancel' })).toHaveCount(0);
  await expect(models.getByRole('button', { name: /^Actions for/ })).toHaveCount(1);

  // The page is ready for the next job at once.
  await models.getByRole('button', { name: 'Measure', exact: true }).click();
  const cancel = page.getByRole('button', { name: 'Cancel' });
  await expect(cancel.first()).toBeVisible();
  await cancel.first().click();
  await expect(cancel).toHaveCount(0);
  await expect(models.getByRole('button', { name: 'Measure', exact: true })).toBeEnabled();
  await expect(page.getByRole('alert')).toHaveCount(0);
});
