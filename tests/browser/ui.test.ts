import { describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { createRawSnippet } from 'svelte';
import '../../src/app.css';
import DataTable from '../../src/ui/DataTable.svelte';
import Dialog from '../../src/ui/Dialog.svelte';
import { inPieces, inTurn } from '../../src/ui/in-turn';
import Menu from '../../src/ui/Menu.svelte';
import NumberField from '../../src/ui/NumberField.svelte';
import ProgressBar from '../../src/ui/ProgressBar.svelte';
import Split from '../../src/ui/Split.svelte';
import { toCsv, toMarkdown } from '../../src/ui/table-text';
import Tabs from '../../src/ui/Tabs.svelte';

describe('Split', () => {
  const props = async (more: object = {}) => {
    const onresize = vi.fn<(size: number) => void>();
    const onfold = vi.fn<(folded: boolean) => void>();
    const shown = { label: 'Width', orientation: 'vertical' as const, size: 200, min: 100, max: 300 };
    await render(Split, { ...shown, onresize, onfold, ...more });
    (page.getByRole('separator').element() as HTMLElement).focus();
    return { onresize, onfold };
  };

  it('resizes by arrow keys, in larger steps with Shift, within its limits', async () => {
    const { onresize } = await props();
    await userEvent.keyboard('{ArrowRight}{ArrowLeft}{Shift>}{ArrowRight}{/Shift}{Home}{End}');
    expect(onresize.mock.calls.map(([size]) => size)).toEqual([216, 184, 264, 100, 300]);
  });

  it('goes the other way for a panel that lies after it', async () => {
    const { onresize } = await props({ reverse: true });
    await userEvent.keyboard('{ArrowRight}');
    expect(onresize).toHaveBeenCalledWith(184);
  });

  it('folds by Enter and says its value', async () => {
    const { onfold } = await props();
    const grip = page.getByRole('separator', { name: 'Width' });
    await expect.element(grip).toHaveAttribute('aria-valuenow', '200');
    await expect.element(grip).toHaveAttribute('aria-valuemax', '300');
    await userEvent.keyboard('{Enter}');
    expect(onfold).toHaveBeenCalledWith(true);
  });
});

describe('Tabs', () => {
  it('moves along with the arrow keys, skips what is disabled and keeps one tab stop', async () => {
    const onchange = vi.fn<(value: string) => void>();
    const tabs = [
      { value: 'a', label: 'A' },
      { value: 'b', label: 'B', disabled: true },
      { value: 'c', label: 'C' },
    ];
    await render(Tabs, { label: 'Screens', value: 'a', tabs, onchange });
    await page.getByRole('tab', { name: 'A' }).click();
    await userEvent.keyboard('{ArrowRight}');
    expect(onchange).toHaveBeenLastCalledWith('c');
    await expect.element(page.getByRole('tab', { name: 'A' })).toHaveAttribute('tabindex', '0');
    await expect.element(page.getByRole('tab', { name: 'C' })).toHaveAttribute('tabindex', '-1');
    await expect.element(page.getByRole('tab', { name: 'A' })).toHaveAttribute('aria-selected', 'true');
  });
});

describe('Menu', () => {
  it('opens, walks by arrow keys, chooses, and gives the focus back', async () => {
    const save = vi.fn();
    const close = vi.fn();
    await render(Menu, {
      label: 'Actions',
      items: [
        { label: 'Save', onselect: save },
        { label: 'Never', disabled: true, onselect: vi.fn() },
        { label: 'Close', onselect: close },
      ],
    });
    const trigger = page.getByRole('button', { name: 'Actions' });
    await trigger.click();
    await expect.element(page.getByRole('menuitem', { name: 'Save' })).toHaveFocus();
    await userEvent.keyboard('{ArrowDown}');
    await expect.element(page.getByRole('menuitem', { name: 'Close' })).toHaveFocus();
    await userEvent.keyboard('{Enter}');
    expect(close).toHaveBeenCalledOnce();
    expect(save).not.toHaveBeenCalled();
    await expect.element(trigger).toHaveFocus();
    await trigger.click();
    await userEvent.keyboard('{Escape}');
    await expect.element(trigger).toHaveAttribute('aria-expanded', 'false');
  });
});

describe('Dialog', () => {
  it('is modal, named by its title, and closes by Escape', async () => {
    const onclose = vi.fn();
    const children = createRawSnippet(() => ({ render: () => '<p>Inside</p>' }));
    await render(Dialog, { open: true, title: 'Keyboard', onclose, children });
    await expect.element(page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible();
    await userEvent.keyboard('{Escape}');
    expect(onclose).toHaveBeenCalled();
  });
});

describe('NumberField', () => {
  it('hands on numbers within the limits and shows the accepted one for anything else', async () => {
    const onchange = vi.fn<(value: number) => void>();
    await render(NumberField, { label: 'Sparsity', value: 0.5, min: 0, max: 0.9, step: 0.05, onchange });
    const field = page.getByRole('spinbutton', { name: 'Sparsity' });
    await field.fill('7');
    await userEvent.tab();
    expect(onchange).toHaveBeenLastCalledWith(0.9);
    await field.fill('');
    await userEvent.tab();
    expect(onchange).toHaveBeenCalledTimes(1);
    await expect.element(field).toHaveValue(0.5);
  });
});

describe('ProgressBar', () => {
  it('has a value only when the amount is known', async () => {
    const { rerender } = await render(ProgressBar, { value: 0.256, label: 'Reading' });
    const bar = page.getByRole('progressbar', { name: 'Reading' });
    await expect.element(bar).toHaveAttribute('aria-valuenow', '26');
    await rerender({ value: null, label: 'Reading' });
    await expect.element(bar).not.toHaveAttribute('aria-valuenow');
  });
});

describe('DataTable', () => {
  const rows = Array.from({ length: 5000 }, (_, i) => ({ name: `row ${i}`, bytes: (i * 7919) % 5003 }));
  const columns = [
    { key: 'name', label: 'Name', value: (row: (typeof rows)[number]) => row.name },
    {
      key: 'bytes',
      label: 'Bytes',
      align: 'right' as const,
      value: (row: (typeof rows)[number]) => row.bytes,
    },
  ];

  it('keeps few rows in the document, says how many there are, and sorts', async () => {
    const { container } = await render(DataTable<(typeof rows)[number]>, { label: 'Rows', rows, columns });
    expect(container.querySelectorAll('tbody tr').length).toBeLessThan(60);
    await expect.element(page.getByRole('table')).toHaveAttribute('aria-rowcount', '5001');
    await page.getByRole('button', { name: 'Bytes' }).click();
    await page.getByRole('button', { name: 'Bytes' }).click();
    await expect
      .element(page.getByRole('columnheader', { name: 'Bytes' }))
      .toHaveAttribute('aria-sort', 'descending');
    const largest = Math.max(...rows.map((row) => row.bytes));
    expect(container.querySelector('tbody td:nth-child(2)')?.textContent.trim()).toBe(String(largest));
  });

  it('shows the rows around the place scrolled to', async () => {
    const { container } = await render(DataTable<(typeof rows)[number]>, { label: 'Rows', rows, columns });
    container.querySelector('[role=region]')!.scrollTop = 27 * 3000;
    await expect.element(page.getByText('row 3000', { exact: true })).toBeInTheDocument();
  });
});

describe('a table as text', () => {
  const table = {
    header: ['name', 'a "b"'],
    rows: [
      ['x,y', '1'],
      ['p|q', '2\n3'],
    ],
  };
  it('is CSV with quotes where they are needed', () => {
    expect(toCsv(table)).toBe('name,"a ""b"""\n"x,y",1\np|q,"2\n3"\n');
  });
  it('is Markdown with bars and line ends escaped', () => {
    expect(toMarkdown(table, [false, true])).toBe(
      '| name | a "b" |\n| --- | ---: |\n| x,y | 1 |\n| p\\|q | 2 3 |\n',
    );
  });
});

describe('inTurn', () => {
  it('runs each piece in a task of its own, in order, unless it is called off', async () => {
    const order: string[] = [];
    inTurn(() => order.push('a'));
    const cancel = inTurn(() => order.push('b'));
    inTurn(() => order.push('c'));
    cancel();
    expect(order).toEqual([]);
    await vi.waitFor(() => expect(order).toEqual(['a', 'c']));
  });
});

describe('inTurn, urgently', () => {
  it('runs before what is not urgent', async () => {
    const order: string[] = [];
    inTurn(() => order.push('a'));
    inTurn(() => order.push('urgent'), true);
    await vi.waitFor(() => expect(order).toEqual(['urgent', 'a']));
  });
});

describe('inPieces', () => {
  function* count(): Generator<void, string> {
    for (let i = 0; i < 3; i++) {
      const end = performance.now() + 15;
      while (performance.now() < end);
      yield;
    }
    return 'done';
  }

  it('lets other tasks run in between and gives the result', async () => {
    let others = 0;
    const timer = setInterval(() => others++);
    const result = await inPieces(count(), new AbortController().signal);
    clearInterval(timer);
    expect(result).toBe('done');
    expect(others).toBeGreaterThan(1);
  });
  it('stops in between, with the reason', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('enough')));
    await expect(inPieces(count(), stop.signal)).rejects.toThrow('enough');
  });
  it('throws what the work throws', async () => {
    // eslint-disable-next-line require-yield
    const work = (function* (): Generator<void, never> {
      throw new Error('broken');
    })();
    await expect(inPieces(work, new AbortController().signal)).rejects.toThrow('broken');
  });
});
