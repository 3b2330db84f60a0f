import '../../src/app.css';
import { page, userEvent } from 'vitest/browser';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import type { OperatorRow } from '../../src/core/graph/operator-table';
import OperatorTable from '../../src/views/table/OperatorTable.svelte';

const COUNT = 20_000;
const rows = Array.from({ length: COUNT }, (_, index): OperatorRow => ({
  ...{ index, kind: index % 2 === 0 ? 'CONV_2D' : 'ADD', name: `block_${index}/out` },
  ...{ inputs: '1×8×8×4', outputs: '1×8×8×4', dtype: 'int8' },
  ...{ bytes: (index * 7919) % 100_003, macs: index % 2 === 0 ? index : 0 },
}));
const table = page.getByRole('table', { name: 'Operators' });
const shown = () =>
  Array.from(table.element().querySelectorAll<HTMLElement>('tbody tr')).filter(({ textContent }) =>
    textContent.includes('block_'),
  );

beforeEach(() => page.viewport(900, 700));

async function show() {
  const onselect = vi.fn<(operator: number) => void>();
  const oninspect = vi.fn();
  const base = { rows, oninspect };
  const { rerender } = await render(OperatorTable, { ...base, selected: -1, onselect: choose });
  function choose(operator: number) {
    onselect(operator);
    void rerender({ ...base, selected: operator, onselect: choose });
  }
  return { onselect, oninspect };
}

describe('OperatorTable of 20,000 operators', () => {
  it('has a screenful of rows in the document', async () => {
    await show();
    await expect.poll(() => shown().length).toBeGreaterThan(5);
    expect(shown().length).toBeLessThanOrEqual(60);
  });
  it('sorts by a figure', async () => {
    await show();
    const heading = page.getByRole('columnheader', { name: 'Bytes' });
    await heading.getByRole('button').click();
    await heading.getByRole('button').click();
    await expect.element(heading).toHaveAttribute('aria-sort', 'descending');
    const largest = rows.reduce((most, row) => (row.bytes > most.bytes ? row : most));
    await expect.poll(() => shown()[0]?.textContent).toContain(`block_${largest.index}/`);
  });
  it('selects by a click and by arrow keys, and goes on to the inspector by Enter', async () => {
    const { onselect, oninspect } = await show();
    await page.getByText('block_3/out').click();
    expect(onselect).toHaveBeenLastCalledWith(3);
    await userEvent.keyboard('{ArrowDown}');
    await vi.waitFor(() => expect(onselect).toHaveBeenLastCalledWith(4));
    await userEvent.keyboard('{Enter}');
    expect(oninspect).toHaveBeenCalledOnce();
  });
  it('keeps the focus when the row that has it is scrolled away, and walks on from the selected one', async () => {
    const { onselect } = await show();
    await page.getByText('block_3/out').click();
    await userEvent.keyboard('{End}');
    await vi.waitFor(() => expect(onselect).toHaveBeenLastCalledWith(COUNT - 1));
    const scroller = table.element().parentElement!;
    await expect.poll(() => document.activeElement?.textContent.trim()).toBe(String(COUNT - 1));
    scroller.scrollTop = 0;
    await expect.poll(() => document.activeElement).toBe(scroller);
    await userEvent.keyboard('{ArrowUp}');
    await vi.waitFor(() => expect(onselect).toHaveBeenLastCalledWith(COUNT - 2));
    await expect.poll(() => document.activeElement?.textContent.trim()).toBe(String(COUNT - 2));
  });
});
