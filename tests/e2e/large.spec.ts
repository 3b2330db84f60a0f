/** Graphs of thousands of operators: drawn soon, moved smoothly, with few elements in the page. */
import { blockGraph, skipGraph } from '../bench/graph-models';
import { largeModel } from '../support/large-model';
import { expectNoLongTask, watchTasks } from './main-thread';
import { dropFiles, expect, test } from './workbench';

for (const nested of [false, true]) {
  test(`20,000 operators${nested ? ' in groups' : ''} are dropped, panned and searched without a long task`, async ({
    workbench: page,
  }) => {
    const bytes = largeModel(blockGraph(20_000), nested);
    let tasksMs: () => Promise<number[]> = () => Promise.reject(new Error('Nothing was dropped.'));
    // Sending the file into the page as text is the test's own work and not watched.
    await dropFiles(page, [{ name: 'large.tflite', bytes }], async () => {
      tasksMs = await watchTasks(page);
    });
    const graph = page.getByRole('application', { name: /large/ });
    await expect(graph).toBeVisible();
    await expect(graph).toHaveAccessibleName(/20,?000 operators/);
    // Drawn when no message about the layout is left.
    await expect(page.getByText(/Laying out/)).toHaveCount(0, { timeout: 30_000 });
    const box = (await graph.boundingBox())!;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    for (let step = 1; step <= 20; step++) await page.mouse.move(x, y - 12 * step);
    await page.mouse.up();
    for (let step = 0; step < 10; step++) await page.mouse.wheel(0, step % 2 === 0 ? 400 : -250);
    await graph.press('f');
    await graph.press('+');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('op_19999');
    await expect(page.getByRole('option', { name: /op_19999/ }).first()).toBeVisible();
    await page.keyboard.press('Enter');
    const inspector = page.getByRole('complementary', { name: 'Inspector' });
    await expect(inspector.getByText('op_19999').first()).toBeVisible();
    await expectNoLongTask(tasksMs);
    expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(2000);
  });
}

test('1,000 operators with long random skips are drawn', async ({ workbench: page }) => {
  await dropFiles(page, [{ name: 'skips.tflite', bytes: largeModel(skipGraph(1_000)) }]);
  const graph = page.getByRole('application', { name: /skips/ });
  await expect(graph).toHaveAccessibleName(/1,?000 operators/);
  await expect(page.getByText(/Laying out/)).toHaveCount(0, { timeout: 30_000 });
  await expect(page.getByRole('button', { name: 'Lay out again' })).toHaveCount(0);
  // Hundreds of outputs, of which the inspector lists those in view.
  await expect(page.getByRole('button', { name: /^output 0/ })).toBeVisible();
  expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(2000);
});
