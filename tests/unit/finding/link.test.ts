import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatLink, isLinkLike, parseLink } from '../../../src/state/link';

const index = fc.nat({ max: 999_999_999 });
const selection = fc.option(
  fc.record({ kind: fc.constantFrom('operator' as const, 'tensor' as const), index }),
);

describe('links', () => {
  it('are short where the title is', () => {
    const place = { model: 'digits', subgraph: 0, selection: { kind: 'operator', index: 3 } } as const;
    expect(formatLink(place)).toBe('#/digits/0/operator/3');
    expect(formatLink({ ...place, selection: null })).toBe('#/digits/0');
  });
  it('read as what was written, whatever the title', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), index, selection, (model, subgraph, chosen) => {
        const link = { model, subgraph, selection: chosen };
        expect(parseLink(formatLink(link))).toEqual(link);
      }),
    );
  });
  it('hold no space and no second hash', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (model) => {
        expect(formatLink({ model, subgraph: 0, selection: null })).toMatch(/^#[^\s#]*$/);
      }),
    );
  });
  it('never throw, and what is no link is null', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `#/${text}/0`),
        ),
        (hash) => {
          const link = parseLink(hash);
          if (link) expect(parseLink(formatLink(link))).toEqual(link);
        },
      ),
    );
    for (const hash of [
      '',
      '#',
      '#/gallery',
      '#/%/0',
      '#/a/b',
      '#/a/0/operator',
      '#/a/0/node/1',
      '#/a/-1',
      '#/a/0/tensor/1e3',
    ]) {
      expect(parseLink(hash)).toBeNull();
    }
  });
  it('do not fail for half a character', () => {
    expect(parseLink(formatLink({ model: 'a\ud800', subgraph: 1, selection: null }))?.model).toBe('a\ufffd');
  });
  it('are told from other hashes, readable or not', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), index, selection, (model, subgraph, chosen) => {
        expect(isLinkLike(formatLink({ model, subgraph, selection: chosen }))).toBe(true);
      }),
    );
    for (const hash of ['#/a/0/operatr/1', '#/%/0', '#/a/b/0', '#/nonsense'])
      expect(isLinkLike(hash)).toBe(true);
    for (const hash of ['', '#', '#/', '#/gallery', '#screen']) expect(isLinkLike(hash)).toBe(false);
  });
});
