/** Files come in by paste and in folders, to the model that they fit; what is wrong with a file is told at once. */
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { makeModel, makeOperator, makeSubgraph, makeTensor } from '../../src/core/model/edit';
import { makeTable } from '../../src/core/model/schema/tflite';
import { writeModel } from '../../src/core/model/write';
import {
  chooseFiles,
  corpus,
  corpusModel,
  dropFiles,
  expect,
  fileOf,
  hasCorpus,
  models,
  sampleFile,
  test,
  whenIdle,
  type DroppedFile,
} from './workbench';

const data = (page: Page) => page.getByRole('region', { name: 'Data' });

/** A .npy file of version 1.0. */
function npy(descr: string, shape: readonly number[], values: Uint8Array): Uint8Array {
  const head = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  const padded = head.padEnd(Math.ceil((head.length + 11) / 64) * 64 - 11, ' ') + '\n';
  const bytes = new Uint8Array(10 + padded.length + values.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, padded.length & 255, padded.length >> 8]);
  bytes.set(new TextEncoder().encode(padded), 10);
  bytes.set(values, 10 + padded.length);
  return bytes;
}
const floats = (values: readonly number[]) => new Uint8Array(Float32Array.from(values).buffer);
const longs = (values: readonly number[]) => new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer);

/** A model of ADD operators whose tensors are wired as given: [inputs, output] for each. */
function wired(wires: readonly (readonly [readonly number[], number])[], shape = [1, 4]): Uint8Array {
  return writeModel(
    makeModel({
      operatorCodes: [
        makeTable('OperatorCode', { builtinCode: 'ADD', deprecatedBuiltinCode: 0, version: 1 }),
      ],
      subgraphs: [
        makeSubgraph({
          tensors: [0, 1, 2].map((i) =>
            makeTensor({ name: `t${i}`, type: 'FLOAT32', shape: Int32Array.from(shape), buffer: 0 }),
          ),
          inputs: Int32Array.of(0),
          outputs: Int32Array.of(2),
          operators: wires.map(([inputs, output]) =>
            makeOperator({
              opcodeIndex: 0,
              inputs: Int32Array.from(inputs),
              outputs: Int32Array.of(output),
            }),
          ),
        }),
      ],
    }),
  );
}

/** Random, but the same in every run. */
function noise(length: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length }, () => (state = (state * 48271) % 2147483647) & 255);
}

/** A flatbuffer with a vtable and one field, and another identifier than TensorFlow Lite's. */
const otherSchema = Uint8Array.from([
  ...[24, 0, 0, 0, 0x41, 0x52, 0x52, 0x57, 0, 0, 0, 0, 6, 0, 8, 0, 4, 0, 0, 0, 0, 0, 0, 0],
  ...[12, 0, 0, 0, 7, 0, 0, 0],
]);
/** ir_version 8, producer "pytorch", a graph and the operator set, as ONNX's protobuf has them. */
const onnx = Uint8Array.from([
  ...[0x08, 0x08, 0x12, 0x07, ...Buffer.from('pytorch')],
  ...[0x3a, 0x05, ...Buffer.from('graph'), 0x42, 0x03, ...Buffer.from('ops')],
]);

const broken: readonly (DroppedFile & { says: RegExp })[] = [
  { name: 'net.onnx', bytes: onnx, says: /ONNX/ },
  { name: 'noise.tflite', bytes: noise(4096), says: /no TensorFlow Lite model/i },
  { name: 'arrow.tflite', bytes: otherSchema, says: /TensorFlow Lite|identifier|another/i },
  {
    name: 'absurd.tflite',
    bytes: wired([[[0, 1], 2]], [2147483647, 2147483647, 2147483647]),
    says: /large|size|elements|shape/i,
  },
];

/** Counted in the page: from the drop to the words. */
const patienceMs = 1000;

test('files that are no sound model: one sentence each, in under a second', async ({ workbench: page }) => {
  await page.getByRole('button', { name: 'Try the digits sample' }).click();
  await expect(page.getByText('500 samples').first()).toBeVisible();
  for (const file of broken) {
    const before = await models(page).innerText();
    await dropFiles(page, [file]);
    const droppedAt = Date.now();
    const alert = page.getByRole('alert').filter({ hasText: file.name });
    await expect(alert, file.name).toBeVisible({ timeout: patienceMs });
    expect(Date.now() - droppedAt, file.name).toBeLessThan(patienceMs);
    await expect(alert).toContainText(file.says);
    expect(await models(page).innerText()).toBe(before);
    await alert.getByRole('button', { name: 'Dismiss' }).click();
  }
});

test('an operand outside the list of tensors is told, and the rest is drawn', async ({ workbench: page }) => {
  await dropFiles(page, [{ name: 'outside.tflite', bytes: wired([[[0, 999], 2]]) }]);
  await expect(page.getByText(/outside(\.tflite)? is damaged/)).toBeVisible();
  await expect(page.getByText(/inputs\[1\].*999/).first()).toBeVisible();
  await expect(page.getByRole('application', { name: /: 1 operator$/ })).toBeVisible();
});

test('a graph with a cycle is opened or refused in under a second, never hangs', async ({
  workbench: page,
}) => {
  await dropFiles(page, [
    {
      name: 'cycle.tflite',
      bytes: wired([
        [[0, 2], 1],
        [[1, 1], 2],
      ]),
    },
  ]);
  await expect(page.getByText(/cycle|before it is|circle|order/i).first()).toBeVisible({
    timeout: patienceMs,
  });
});

const shape = [4, 28, 28, 1];
const pixels = new Uint8Array(4 * 28 * 28);
const wrong: readonly { what: string; files: readonly DroppedFile[]; says: RegExp }[] = [
  {
    what: 'another shape',
    files: [{ name: 'inputs.npy', bytes: npy('|u1', [4, 20, 20, 1], new Uint8Array(1600)) }],
    says: /samples are 20×20×1, but digits\.tflite takes 28×28×1/,
  },
  {
    what: 'a dtype that is no number',
    files: [{ name: 'inputs.npy', bytes: npy('<c8', [2, 2], new Uint8Array(32)) }],
    says: /c8|complex/,
  },
  {
    what: 'NaN',
    files: [
      {
        name: 'inputs.npy',
        bytes: npy(
          '<f4',
          [2, 28, 28, 1],
          floats(Array.from({ length: 1568 }, (_, i) => (i === 800 ? NaN : 0))),
        ),
      },
    ],
    says: /NaN or infinity, first in sample 1/,
  },
  {
    what: 'too few labels',
    files: [
      { name: 'inputs.npy', bytes: npy('|u1', shape, pixels) },
      { name: 'labels.npy', bytes: npy('<i8', [3], longs([0, 1, 2])) },
    ],
    says: /3.*4|4.*3/,
  },
];

for (const { what, files, says } of wrong) {
  test(`data with ${what} are named for what they are`, async ({ workbench: page }) => {
    await dropFiles(page, [fileOf(sampleFile('digits.tflite'))]);
    await expect(page.getByRole('heading', { name: /digits\.tflite/ })).toBeVisible();
    await dropFiles(page, files);
    await expect(page.locator('.notice').filter({ hasText: says })).toBeVisible({ timeout: patienceMs });
    await expect(models(page).getByRole('button', { name: /^Actions for/ })).toHaveCount(1);
  });
}

test('labels for another model are told when measuring', async ({ workbench: page }) => {
  await dropFiles(page, [fileOf(sampleFile('digits.tflite'))]);
  await dropFiles(page, [
    { name: 'inputs.npy', bytes: npy('|u1', shape, pixels) },
    { name: 'labels.npy', bytes: npy('<i8', [4], longs([0, 1, 2, 57])) },
  ]);
  await expect(data(page).getByText('4 samples')).toBeVisible();
  await models(page).getByRole('button', { name: 'Measure', exact: true }).click();
  await expect(page.getByText(/labels go up to 57/).first()).toBeVisible();
});

test('a pasted file is opened', async ({ workbench: page }) => {
  const base64 = Buffer.from(fileOf(sampleFile('digits.tflite')).bytes).toString('base64');
  await page.evaluate((text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([bytes], 'copied.tflite'));
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
  }, base64);
  await expect(page.getByRole('heading', { name: /copied\.tflite/ })).toBeVisible();
});

test('a dropped folder of data is one dataset with its name', async ({ workbench: page }, info) => {
  const folder = info.outputPath('holiday-digits');
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/inputs.npy`, npy('|u1', shape, pixels));
  writeFileSync(`${folder}/labels.npy`, npy('<i8', [4], longs([0, 1, 2, 3])));
  const devtools = await page.context().newCDPSession(page);
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await devtools.send('Input.dispatchDragEvent', {
      type,
      x: 400,
      y: 400,
      data: { items: [], files: [folder], dragOperationsMask: 1 },
    });
  await expect(data(page).getByRole('button', { name: 'holiday-digits', exact: true })).toBeVisible();
  await expect(data(page).getByText('4 samples · 4 classes · 28×28×1 uint8 · labels')).toBeVisible();
});

test('loose arrays are named after the inputs, and a wrong scale rule is asked about', async ({
  workbench: page,
}) => {
  test.skip(!hasCorpus, `no corpus at ${corpus}; set WHITTLE_CORPUS`);
  await chooseFiles(page, [
    corpusModel('mobilenet_v1_0.25_128'),
    `${corpus}/data/imagenet_a_128/labels.npy`,
    `${corpus}/data/imagenet_a_128/inputs.npy`,
  ]);
  await expect(data(page).getByRole('button', { name: 'inputs', exact: true })).toBeVisible();
  await page.getByRole('combobox', { name: 'Scale' }).selectOption('none');
  await models(page).getByRole('button', { name: 'Measure', exact: true }).click();
  await whenIdle(page);
  await expect(data(page).getByText(/near chance/)).toBeVisible();
  await data(page).getByRole('button', { name: 'Try x / 127.5 − 1' }).click();
  await whenIdle(page);
  await expect(models(page).getByText('52.1 %')).toBeVisible();
  await expect(data(page).getByText(/near chance/)).toHaveCount(0);
});

test('data are used for the open model that they fit', async ({ workbench: page }) => {
  await page.getByRole('button', { name: 'Selfie segmentation' }).click();
  await expect(page.getByRole('heading', { name: /selfie/ })).toBeVisible();
  await dropFiles(page, [fileOf(sampleFile('digits.tflite')), fileOf(sampleFile('digits-test.npz'))]);
  await models(page).getByRole('button', { name: 'selfie_segmentation', exact: true }).click();
  await expect(data(page).getByText('Used for digits')).toBeVisible();
  await models(page).getByRole('button', { name: 'digits', exact: true }).click();
  await expect(data(page).getByText('Used for measuring')).toBeVisible();
});

test('what was open comes back after a reload, while the page is there at once', async ({
  workbench: page,
}) => {
  await page.getByRole('button', { name: 'Try the digits sample' }).click();
  await expect(page.getByText('500 samples').first()).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Whittle', level: 1 })).toBeVisible();
  await expect(page.getByRole('heading', { name: /digits\.tflite/ })).toBeVisible();
  await expect(page.getByText('500 samples').first()).toBeVisible();
});

test('without storage everything works but is not remembered', async ({ page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(window, 'indexedDB', {
      get: () => {
        throw new DOMException('blocked', 'SecurityError');
      },
    });
    Object.defineProperty(window, 'localStorage', {
      get: () => {
        throw new DOMException('blocked', 'SecurityError');
      },
    });
  });
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  await page.goto('/');
  await page.getByRole('button', { name: 'Try the digits sample' }).click();
  await expect(page.getByText('500 samples').first()).toBeVisible();
  await page.getByRole('button', { name: 'Make variant' }).click();
  await whenIdle(page);
  await expect(models(page).getByText('98.8 %')).toHaveCount(2);
  expect(faults).toEqual([]);
});
