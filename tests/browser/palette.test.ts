import '../../src/app.css';
import { page, userEvent } from 'vitest/browser';
import { describe, expect, it, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import type { Hit, SearchResult } from '../../src/core/graph/search';
import SearchBox from '../../src/views/graph/SearchBox.svelte';
import Palette from '../../src/views/palette/Palette.svelte';

const option = (name: string | RegExp) => page.getByRole('option', { name });

describe('Palette', () => {
  const runs = { fit: vi.fn(), compare: vi.fn(), preset: vi.fn() };
  const commands = [
    { title: 'Fit the whole graph', group: 'Graph', keys: 'F', run: runs.fit },
    { title: 'Compare models', group: 'Go', run: runs.compare },
    { title: 'Use preset int8', group: 'Shrink', run: runs.preset },
  ];

  it('lists all commands in their order, and gives one by arrows and Enter', async () => {
    const onclose = vi.fn();
    await render(Palette, { commands, text: '', onclose });
    const field = page.getByRole('combobox', { name: 'Command' });
    await expect.element(field).toHaveFocus();
    const titles = Array.from(document.querySelectorAll('[role=option] .title'), (title) =>
      title.textContent.trim(),
    );
    expect(titles).toEqual(commands.map(({ title }) => title));
    await expect.element(option(/^Fit the whole graph/)).toHaveAttribute('aria-selected', 'true');
    await userEvent.keyboard('{ArrowUp}');
    await expect.element(option(/^Use preset int8/)).toHaveAttribute('aria-selected', 'true');
    await userEvent.keyboard('{ArrowDown}{ArrowDown}{Enter}');
    await vi.waitFor(() => expect(runs.compare).toHaveBeenCalledOnce());
    expect(onclose).toHaveBeenCalled();
    expect(runs.fit).not.toHaveBeenCalled();
  });

  it('finds by letters of title and group, marks them, and says when nothing is called that', async () => {
    await render(Palette, { commands, text: 'graph fit', onclose: vi.fn() });
    await expect.element(page.getByRole('option')).toHaveLength(1);
    const marked = Array.from(document.querySelectorAll('[role=option] b'), (mark) => mark.textContent);
    expect(marked.join('')).toContain('Fit');
    await expect.element(page.getByRole('status')).toHaveTextContent('1 command');
    const field = page.getByRole('combobox', { name: 'Command' });
    await field.fill('zzz');
    await expect.element(page.getByRole('status')).toHaveTextContent('No command is called that.');
    expect(field.element().getAttribute('aria-activedescendant')).toBeNull();
    await userEvent.keyboard('{Enter}');
    expect(runs.preset).not.toHaveBeenCalled();
  });

  it('closes by Escape', async () => {
    const onclose = vi.fn();
    await render(Palette, { commands, text: '', onclose });
    await expect.element(page.getByRole('combobox', { name: 'Command' })).toHaveFocus();
    await userEvent.keyboard('{Escape}');
    await vi.waitFor(() => expect(onclose).toHaveBeenCalled());
  });
});

describe('SearchBox with 20,000 hits', () => {
  const TOTAL = 20_000;
  const PAGE = 200;
  const hit = (index: number, word: string): Hit => ({
    kind: 'operator',
    index,
    title: `${word.toUpperCase()} ${index}`,
    detail: `block_${index}`,
  });
  function answer(query: string, offset: number): SearchResult {
    if (query === '' || query === 'nothing' || query === 'bytes>x') {
      const problem = query === 'bytes>x' ? 'bytes needs a number.' : null;
      return { hits: [], offset: 0, total: 0, groups: [], problem };
    }
    return {
      hits: Array.from({ length: Math.min(PAGE, TOTAL - offset) }, (_, i) => hit(offset + i, query)),
      offset,
      total: TOTAL,
      groups: [{ kind: 'operator', count: TOTAL }],
      problem: null,
    };
  }
  async function show(
    hits = answer as (query: string, offset: number) => Promise<SearchResult> | SearchResult,
  ) {
    const onpick = vi.fn<(hit: Hit) => void>();
    const oncommand = vi.fn<(text: string) => void>();
    await render(SearchBox, { hits, onpick, oncommand });
    const field = page.getByRole('combobox', { name: 'Find operators and tensors' });
    await field.click();
    return { field, onpick, oncommand };
  }

  it('has a screenful of them in the document, and asks for the page that is looked at', async () => {
    const asked: number[] = [];
    const { field, onpick } = await show((query, offset) => {
      asked.push(offset);
      return answer(query, offset);
    });
    await field.fill('add');
    await expect.element(page.getByRole('status')).toHaveTextContent('20,000 found');
    expect(page.getByRole('option').elements().length).toBeLessThanOrEqual(60);
    await expect.element(option(/ADD 0 /)).toHaveAttribute('aria-setsize', '20000');

    const list = page.getByRole('listbox', { name: 'Found' }).element();
    list.scrollTop = 27 * 15_000;
    await expect.element(option(/ADD 15000 /)).toBeVisible();
    expect(asked).toContain(15_000);
    expect(page.getByRole('option').elements().length).toBeLessThanOrEqual(60);

    for (let i = 0; i < 3; i++) await userEvent.keyboard('{ArrowDown}');
    await expect.element(option(/ADD 3 /)).toHaveAttribute('aria-selected', 'true');
    expect(field.element().getAttribute('aria-activedescendant')).toBe(option(/ADD 3 /).element().id);
    await userEvent.keyboard('{Enter}');
    await vi.waitFor(() => expect(onpick).toHaveBeenCalledWith(hit(3, 'add')));
  });

  it('picks from the answer to what stands in the field, not from the one before', async () => {
    const release: (() => void)[] = [];
    const { field, onpick } = await show((query, offset) => {
      if (query !== 'conv') return answer(query, offset);
      return new Promise((resolve) => release.push(() => resolve(answer(query, offset))));
    });
    await field.fill('add');
    await expect.element(option(/ADD 0 /)).toBeVisible();
    await field.fill('conv');
    await userEvent.keyboard('{Enter}');
    expect(onpick).not.toHaveBeenCalled();
    release.forEach((one) => one());
    await vi.waitFor(() => expect(onpick).toHaveBeenCalledWith(hit(0, 'conv')));
  });

  it('says what cannot be understood, what is not there, and hands on commands', async () => {
    const { field, oncommand, onpick } = await show();
    await expect.element(page.getByText('kind:conv name:block_1')).toBeVisible();
    await field.fill('bytes>x');
    await expect.element(page.getByRole('status')).toHaveTextContent('bytes needs a number.');
    await expect.element(field).toHaveAttribute('aria-invalid', 'true');
    await field.fill('nothing');
    await expect.element(page.getByRole('status')).toHaveTextContent(/^Nothing found/);
    await userEvent.keyboard('{Enter}');
    await userEvent.keyboard('{Escape}');
    await expect.element(field).toHaveValue('');
    await field.fill('>fit');
    expect(oncommand).toHaveBeenCalledWith('fit');
    expect(onpick).not.toHaveBeenCalled();
  });
});
