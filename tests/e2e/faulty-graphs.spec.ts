/** Models that something is wrong with are drawn as well as possible, with a word about it. */
import { writeModel } from '../../src/core/model/write';
import { chainGraph } from '../bench/graph-models';
import { largeModel } from '../support/large-model';
import { sketchModel } from '../unit/graph/models';
import { dropFiles, expect, models, test } from './workbench';

const long = 'n'.repeat(10_000);

const faulty: readonly {
  readonly what: string;
  readonly sketch: Parameters<typeof sketchModel>[0];
  readonly operators: number;
  /** What stands on the picture; null where nothing has to. */
  readonly notice: RegExp | null;
  /** Whether the model can be looked at only. */
  readonly isDamaged: boolean;
}[] = [
  {
    what: 'a cycle',
    sketch: {
      tensors: [{}, {}, {}],
      operators: [
        { kind: 'ADD', inputs: [0, 2], outputs: [1] },
        { kind: 'RELU', inputs: [1], outputs: [2] },
      ],
      inputs: [0],
      outputs: [2],
    },
    operators: 2,
    notice: /The graph has cycles: 1 edge runs upwards/,
    isDamaged: true,
  },
  {
    what: 'a tensor that is read before it is written',
    sketch: {
      tensors: [{}, {}, {}],
      operators: [
        { kind: 'RELU', inputs: [1], outputs: [2] },
        { kind: 'ABS', inputs: [0], outputs: [1] },
      ],
      inputs: [0],
      outputs: [2],
    },
    operators: 2,
    notice: /1 operand is read before it is written/,
    isDamaged: true,
  },
  {
    what: 'operands outside the list of tensors, and one that nothing writes',
    sketch: {
      tensors: [{}, {}, {}],
      operators: [
        { kind: 'ADD', inputs: [0, 77], outputs: [1] },
        { kind: 'ADD', inputs: [1, 2], outputs: [-5] },
      ],
      inputs: [0],
      outputs: [1],
    },
    operators: 2,
    notice: /point outside the list of tensors/,
    isDamaged: true,
  },
  {
    what: 'an operator without outputs',
    sketch: {
      tensors: [{}, {}],
      operators: [
        { kind: 'RELU', inputs: [0], outputs: [1] },
        { kind: 'RELU', inputs: [0], outputs: [] },
      ],
      inputs: [0],
      outputs: [1],
    },
    operators: 2,
    notice: /1 operator has no outputs/,
    isDamaged: false,
  },
  {
    what: 'names of 10,000 characters',
    sketch: {
      tensors: [{ name: long }, { name: `${long}/out` }],
      operators: [{ kind: 'CUSTOM', custom: long, inputs: [0], outputs: [1] }],
      inputs: [0],
      outputs: [1],
    },
    operators: 1,
    notice: null,
    isDamaged: false,
  },
  {
    what: 'sizes of zero',
    sketch: {
      tensors: [{ shape: [0, 4] }, { shape: [0, 4] }],
      operators: [{ kind: 'RELU', inputs: [0], outputs: [1] }],
      inputs: [0],
      outputs: [1],
    },
    operators: 1,
    notice: /2 tensors have a size of zero/,
    isDamaged: false,
  },
];

for (const { what, sketch, operators, notice, isDamaged } of faulty) {
  test(`${what}: drawn, with a word about it`, async ({ workbench: page }) => {
    await dropFiles(page, [{ name: 'faulty.tflite', bytes: writeModel(sketchModel(sketch)) }]);
    const graph = page.getByRole('application', { name: /faulty/ });
    await expect(graph).toHaveAccessibleName(new RegExp(`: ${operators} operators?$`));
    await expect(page.getByRole('button', { name: 'Export picture' })).toBeVisible();
    if (notice) await expect(page.getByRole('status').filter({ hasText: notice })).toBeVisible();
    const told = page.getByText(
      /^faulty(\.tflite)? is damaged: it can be looked at, but neither run nor made smaller\.$/,
    );
    await expect(told).toHaveCount(isDamaged ? 1 : 0);
    // It can be walked, and the inspector opens on what is selected.
    await graph.press('ArrowDown');
    await graph.press('ArrowDown');
    const inspector = page.getByRole('complementary', { name: 'Inspector' });
    await expect(inspector.getByText(/^(Operator|Tensor) \d+$/)).toBeVisible();
    if (!isDamaged) return;
    // What cannot be done with it says why, and nothing else happens.
    await page.getByRole('button', { name: 'Make variant' }).click();
    await expect(page.getByRole('alert').filter({ hasText: /damaged at subgraphs\[0\]/ })).toBeVisible();
    await expect(models(page).getByRole('button', { name: /^Actions for/ })).toHaveCount(1);
  });
}

test('100,000 operators are drawn and searched', async ({ workbench: page }) => {
  const bytes = largeModel(chainGraph(100_000));
  await dropFiles(page, [{ name: 'endless.tflite', bytes }]);
  const graph = page.getByRole('application', { name: /endless/ });
  await expect(graph).toHaveAccessibleName(/100,?000 operators/, { timeout: 60_000 });
  await expect(page.getByText(/Laying out/)).toHaveCount(0, { timeout: 60_000 });
  await expect(page.getByRole('button', { name: 'Lay out again' })).toHaveCount(0);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('op_99999');
  await expect(page.getByRole('option', { name: /op_99999/ }).first()).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(
    page.getByRole('complementary', { name: 'Inspector' }).getByText('op_99999').first(),
  ).toBeVisible();
  expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(2000);
});
