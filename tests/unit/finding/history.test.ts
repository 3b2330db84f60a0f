import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { History, isSameSpot, type Selection, type Spot } from '../../../src/state/history.svelte';

const spot = (modelId: string, index: number | null = null): Spot => ({
  modelId,
  subgraph: 0,
  selection: index === null ? null : { kind: 'operator', index },
});
const operator = (index: number): Selection => ({ kind: 'operator', index });

describe('the history', () => {
  it('goes back and forward, and forgets what lay ahead of a new place', () => {
    const history = new History();
    expect(history.place).toBeNull();
    for (const index of [1, 2, 3]) history.visit(spot('a', index));
    history.goBack();
    history.goBack();
    expect(history.place?.selection).toEqual(operator(1));
    expect(history.canGoBack).toBe(false);
    history.goForward();
    history.visit(spot('a', 9));
    expect(history.canGoForward).toBe(false);
    history.goBack();
    expect(history.place?.selection).toEqual(operator(2));
  });
  it('takes one place once, and a screen as a place of its own', () => {
    const history = new History();
    history.visit(spot('a', 1));
    history.visit(spot('a', 1));
    expect(history.canGoBack).toBe(false);
    history.show('compare');
    expect(history.place).toMatchObject({ ...spot('a', 1), screen: 'compare' });
    history.goBack();
    expect(history.screen).toBe('graph');
  });
  it('keeps the screen while no model is open', () => {
    const history = new History();
    history.show('errors');
    expect(history.screen).toBe('errors');
    history.visit(spot('a'));
    expect(history.place?.screen).toBe('errors');
  });
  it('knows where in a model the user was last', () => {
    const history = new History();
    history.visit(spot('a', 1));
    history.visit({ ...spot('a', 2), subgraph: 1 });
    history.visit(spot('b', 3), 'errors');
    expect(history.lastIn('a')).toEqual({ ...spot('a', 2), subgraph: 1 });
    expect(history.lastIn('b')).toEqual(spot('b', 3));
    expect(history.lastIn('c')).toBeNull();
    history.goBack();
    history.goBack();
    // What lies ahead counts where there is nothing behind.
    expect(history.lastIn('a')).toEqual(spot('a', 1));
    expect(history.lastIn('b')).toEqual(spot('b', 3));
  });

  it('keeps the last 100 places', () => {
    const history = new History();
    for (let i = 0; i < 250; i++) history.visit(spot('a', i));
    let steps = 0;
    for (; history.canGoBack; steps++) history.goBack();
    expect(steps).toBe(99);
    expect(history.place?.selection).toEqual(operator(150));
  });
  it('leaves out models that are gone, and no place twice', () => {
    const history = new History();
    for (const place of [spot('a', 1), spot('b'), spot('a', 1), spot('b', 2), spot('a', 3)])
      history.visit(place);
    history.goBack();
    history.prune((id) => id === 'a');
    expect(history.place).toMatchObject(spot('a', 1));
    expect(history.canGoBack).toBe(false);
    history.goForward();
    expect(history.place).toMatchObject(spot('a', 3));
    history.show('compare');
    history.prune(() => false);
    expect(history.place).toBeNull();
    expect(history.screen).toBe('compare');
  });
  it('stays whole whatever is done', () => {
    const step = fc.oneof(
      fc.record({ model: fc.constantFrom('a', 'b', 'c'), index: fc.nat({ max: 2 }) }),
      fc.constantFrom('back' as const, 'forward' as const, 'compare' as const),
      fc.record({ gone: fc.constantFrom('a', 'b', 'c') }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const history = new History();
        for (const one of steps) {
          const before = history.place;
          if (one === 'back') history.goBack();
          else if (one === 'forward') history.goForward();
          else if (one === 'compare') history.show('compare');
          else if ('gone' in one) {
            history.prune((id) => id !== one.gone);
            if (before && before.modelId !== one.gone) expect(history.place).toEqual(before);
            expect(history.place?.modelId).not.toBe(one.gone);
          } else history.visit(spot(one.model, one.index), 'graph');
        }
        while (history.canGoBack) history.goBack();
        for (let before = history.place; history.canGoForward; before = history.place) {
          history.goForward();
          const now = history.place;
          expect(
            before !== null && now !== null && isSameSpot(before, now) && before.screen === now.screen,
          ).toBe(false);
        }
      }),
    );
  });
});
