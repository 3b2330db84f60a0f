import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import '../../src/app.css';
import { ModelError } from '../../src/core/errors';
import type { ModelSummary } from '../../src/core/inspect/types';
import type { Advice } from '../../src/core/lint/types';
import { writeModel } from '../../src/core/model/write';
import { parseClient, type ParseClient } from '../../src/rpc/parse';
import AdviceList from '../../src/views/inspector/AdviceList.svelte';
import Inspector from '../../src/views/inspector/Inspector.svelte';
import type { Selection } from '../../src/views/inspector/selection';
import { at, sampleModel } from '../unit/inspect/sample';
import { denseModel, randomValues } from '../unit/optimize/fixtures';

let client: ParseClient;
let summary: ModelSummary;
const file = new Blob([writeModel(sampleModel())]);

beforeAll(async () => {
  client = parseClient();
  summary = await client.open('sample', 'sample.tflite', file);
});
afterAll(() => client.dispose());

async function show(
  selection: Selection,
  over: { summary?: ModelSummary | null; modelId?: string; originalId?: string } = {},
) {
  const onselect = vi.fn<(selection: Selection) => void>();
  const host = document.createElement('div');
  host.style.width = '316px';
  document.body.append(host);
  await render(
    Inspector,
    { client, modelId: 'sample', summary, subgraph: 0, selection, onselect, ...over },
    { baseElement: host },
  );
  return onselect;
}

describe('the parse client', () => {
  it('names what LiteRT cannot run', () => {
    expect(summary.unsupported.map(({ kind }) => kind)).toEqual(['MyOp']);
  });

  it('carries a ModelError whole', async () => {
    const broken = client.open('x', 'x.tflite', new Blob(['<html></html>']));
    await expect(broken).rejects.toMatchObject({ name: 'ModelError', code: 'not-a-model' });
    await expect(client.operator('sample', 0, 99)).rejects.toBeInstanceOf(ModelError);
  });

  it('answers about several models and forgets closed ones', async () => {
    await client.open('other', 'other.tflite', file);
    await expect(client.figures('other')).resolves.toMatchObject({ parameters: summary.parameters });
    await expect(client.search('other', 0, 'conv')).resolves.toMatchObject({ total: 2 });
    await client.close('other');
    await expect(client.tensor('other', 0, 0)).rejects.toThrow(/not open any more/);
  });

  it('opens a model again after its worker has stopped', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const stop = vi.spyOn(Worker.prototype, 'terminate');
    const second = parseClient();
    await second.open('again', 'again.tflite', file);
    // Long enough without a question: the worker is stopped and its memory freed.
    await vi.advanceTimersByTimeAsync(120_000);
    vi.useRealTimers();
    expect(stop).toHaveBeenCalledOnce();
    stop.mockRestore();
    await expect(second.operator('again', 0, 0)).resolves.toMatchObject({ kind: 'CONV_2D' });
    second.dispose();
  });

  it('drops an answer that is no longer wanted', async () => {
    const abort = new AbortController();
    const question = client.tensor('sample', 0, 0, abort.signal);
    abort.abort();
    await expect(question).rejects.toMatchObject({ name: 'AbortError' });
    await expect(client.tensor('sample', 0, 0)).resolves.toMatchObject({ name: 'image' });
  });
});

describe('Inspector', () => {
  it('teaches the next step when nothing is open', async () => {
    await show(null, { summary: null });
    await expect.element(page.getByText('Nothing to inspect')).toBeVisible();
  });

  it('shows the model where nothing is selected', async () => {
    const onselect = await show(null);
    await expect.element(page.getByRole('heading', { name: /sample\.tflite/ })).toBeVisible();
    await expect.element(page.getByText('LiteRT cannot run this model here')).toBeVisible();
    await expect
      .element(page.getByRole('region', { name: 'Operators by kind' }))
      .toHaveTextContent('CONV_2D');
    await page.getByRole('button', { name: /input 0/ }).click();
    expect(onselect).toHaveBeenCalledWith({ kind: 'tensor', index: at.input });
  });

  it('shows every attribute of an operator and links to its tensors', async () => {
    const onselect = await show({ kind: 'operator', index: 0 });
    await expect.element(page.getByRole('row', { name: 'stride 1 × 2' })).toBeVisible();
    await expect.element(page.getByRole('row', { name: 'padding VALID' })).toBeVisible();
    await expect.element(page.getByRole('row', { name: 'activation RELU6' })).toBeVisible();
    // No type of biases is given: the schema's default says nothing.
    await expect.element(page.getByRole('row', { name: /quantized bias/ })).not.toBeInTheDocument();
    await expect.element(page.getByRole('img', { name: /Values of filter/ })).toBeVisible();
    await page.getByRole('button', { name: /filter 2.1.1.2 int8/ }).click();
    expect(onselect).toHaveBeenLastCalledWith({ kind: 'tensor', index: at.filter });
    await page.getByRole('button', { name: 'sample.tflite' }).click();
    expect(onselect).toHaveBeenLastCalledWith(null);
  });

  it('says that there is nothing to remark', async () => {
    await show(null);
    const advice = page.getByRole('region', { name: 'Advice' });
    await expect.element(advice.getByText('Nothing to remark.')).toBeVisible();
  });

  it('gives advice about the model, with a link to its place', async () => {
    const weights = randomValues(8 * 64);
    weights.fill(0, 0, 2 * 64);
    const dense = new Blob([writeModel(denseModel(8, 64, weights))]);
    const summaryOfDense = await client.open('dense', 'dense.tflite', dense);
    const onselect = await show(null, { modelId: 'dense', summary: summaryOfDense });
    const advice = page.getByRole('region', { name: 'Advice' });
    await expect.element(advice.getByText(/2 of 8 output channels of operator 0/)).toBeVisible();
    await expect.element(advice.getByText('warning')).toBeVisible();
    await expect.element(advice.getByText(/Take such channels out/)).toBeVisible();
    await advice.getByRole('button', { name: 'subgraphs[0].operators[0]' }).first().click();
    expect(onselect).toHaveBeenCalledWith({ kind: 'operator', index: 0 });
  });

  it('opens the other places of a remark, and all remarks', async () => {
    const onselect = vi.fn<(selection: Selection) => void>();
    const one = (index: number): Advice => ({
      rule: 'dead-channels',
      severity: 'hint',
      subgraph: 0,
      operator: index,
      tensor: null,
      where: `subgraphs[0].operators[${index}]`,
      message: `Message ${index}.`,
      advice: 'Do this.',
      count: 3,
      places: [index, 40, 41],
    });
    const advice = Array.from({ length: 9 }, (_, i) => one(i));
    await render(AdviceList, { advice, subgraph: 0, onselect });
    await expect.element(page.getByText('Message 5.')).toBeVisible();
    await expect.element(page.getByText('Message 6.')).not.toBeInTheDocument();
    await page.getByRole('button', { name: 'Show all 9' }).click();
    await expect.element(page.getByText('Message 8.')).toBeVisible();
    await page.getByRole('button', { name: '2 more' }).first().click();
    await page.getByRole('button', { name: 'operator 41' }).click();
    expect(onselect).toHaveBeenCalledWith({ kind: 'operator', index: 41 });
    await page.getByRole('button', { name: 'fewer places' }).click();
    await expect.element(page.getByRole('button', { name: 'operator 41' })).not.toBeInTheDocument();
  });

  it('copies the attributes as CSV', async () => {
    const write = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
    await show({ kind: 'operator', index: 0 });
    await page.getByRole('button', { name: 'Copy Attributes as CSV' }).click();
    expect(write.mock.calls[0]![0]).toContain('\npadding,VALID\n');
    write.mockRestore();
  });

  it('shows stored and real values of a tensor, its formula and who uses it', async () => {
    const onselect = await show({ kind: 'tensor', index: at.filter });
    await expect.element(page.getByRole('row', { name: 'value scale[c] * q' })).toBeVisible();
    await expect.element(page.getByRole('row', { name: 'scale 0.25 … 0.5' })).toBeVisible();
    await expect.element(page.getByRole('row', { name: '[1, 0, 0, 1] 5 1.25' })).toBeVisible();
    await page.getByRole('button', { name: 'operator 0' }).click();
    expect(onselect).toHaveBeenCalledWith({ kind: 'operator', index: 0 });
  });

  it('scrolls through more values than an element can be tall', async () => {
    const [graph] = sampleModel().subgraphs;
    const elements = 1_000_000;
    const tensors = graph!.tensors.map((tensor, i) =>
      i === at.bias ? { ...tensor, shape: Int32Array.of(elements) } : tensor,
    );
    const values = Int32Array.from({ length: elements }, (_, i) => i + 100_000);
    const model = sampleModel();
    const buffers = model.buffers.map((buffer, i) =>
      i === graph!.tensors[at.bias]!.buffer ? { ...buffer, data: new Uint8Array(values.buffer) } : buffer,
    );
    const bytes = writeModel({ ...model, buffers, subgraphs: [{ ...graph!, tensors }] });
    await client.open('large', 'large.tflite', new Blob([bytes]));
    await show({ kind: 'tensor', index: at.bias }, { modelId: 'large' });
    await expect.element(page.getByRole('row', { name: '[0] 100000', exact: true })).toBeVisible();
    const scroller = page.getByRole('region', { name: 'Values of net/bias' });
    scroller.element().scrollTop = Number.MAX_SAFE_INTEGER;
    await expect.element(page.getByRole('row', { name: '[999999] 1099999', exact: true })).toBeVisible();
    expect(scroller.element().querySelectorAll('tr').length).toBeLessThan(40);
    await page.getByRole('spinbutton', { name: /Go to element/ }).fill('123456');
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByRole('row', { name: '[123456] 223456' })).toBeVisible();
  });

  it('draws the values of a variant over those of its original, found by name', async () => {
    await client.open('original', 'original.tflite', file);
    await show({ kind: 'tensor', index: at.filter }, { originalId: 'original' });
    const picture = page.getByRole('img', { name: /original: .*this variant: / });
    await expect.element(picture).toBeVisible();
    expect(picture.element().querySelectorAll('path')).toHaveLength(1);
    await expect.element(page.getByText('grey in the original')).toBeVisible();
    await expect(client.findTensor('original', 0, 'no such tensor')).resolves.toBeNull();
  });

  it('exports a tensor as a file', async () => {
    await show({ kind: 'tensor', index: at.filter });
    const saved: string[] = [];
    const click = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
      this: HTMLAnchorElement,
    ) {
      saved.push(this.download);
    });
    for (const name of ['.npy', '.csv', 'Raw']) await page.getByRole('button', { name, exact: true }).click();
    await vi.waitFor(() => expect(saved).toEqual(['net_filter.npy', 'net_filter.csv', 'net_filter.bin']));
    click.mockRestore();
  });

  it('shows texts of a string constant instead of a histogram', async () => {
    await show({ kind: 'tensor', index: at.text });
    await expect.element(page.getByRole('row', { name: '1 two "quoted"' })).toBeVisible();
    await expect.element(page.getByRole('img')).not.toBeInTheDocument();
  });

  it('says what is wrong when there is no such operator', async () => {
    await show({ kind: 'operator', index: 99 });
    await expect.element(page.getByRole('alert')).toHaveTextContent(/Operator 99 does not exist/);
  });

  it('is usable by keyboard', async () => {
    const onselect = await show({ kind: 'tensor', index: at.convolved });
    await expect.element(page.getByRole('button', { name: 'operator 3' })).toBeVisible();
    (page.getByRole('button', { name: 'operator 3' }).element() as HTMLElement).focus();
    await userEvent.keyboard('{Enter}');
    expect(onselect).toHaveBeenCalledWith({ kind: 'operator', index: 3 });
  });
});
