import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fuzzyFilter, fuzzyMatch } from '../../../src/views/palette/fuzzy';

const titles = ['Fit the whole graph', 'Fit the selection', 'Find errors', 'Make variant', 'Show the graph'];
const find = (wanted: string, texts: readonly string[] = titles) =>
  fuzzyFilter(texts, (text) => text, wanted).map(({ item }) => item);

describe('finding commands by letters', () => {
  it('finds letters in order and words in any order', () => {
    expect(find('graph fit')).toEqual(['Fit the whole graph']);
    expect(find('mv')).toEqual(['Make variant']);
    expect(find('vm')).toEqual([]);
    expect(find('FTS')).toEqual(['Fit the selection']);
  });
  it('puts starts of words before letters within, and of equal ones the shorter', () => {
    expect(find('graph', ['Photography', 'Show the graph'])).toEqual(['Show the graph', 'Photography']);
    expect(find('fit')[0]).toBe('Fit the selection');
  });
  it('marks a word in one piece where it stands in one', () => {
    expect(fuzzyMatch('Fit the graph', 'fit')?.places).toEqual([0, 1, 2]);
    expect(fuzzyMatch('A b of abc', 'abc')?.places).toEqual([7, 8, 9]);
  });
  it('leaves all in their order when nothing is wanted', () => {
    expect(find('  ')).toEqual(titles);
  });
  it('marks places of the text where its lower case has more letters', () => {
    expect(fuzzyMatch('İİ graph', 'graph')?.places).toEqual([3, 4, 5, 6, 7]);
  });
  it('never throws, and what it marks spells what was wanted', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'binary', maxLength: 6 }),
        (text, wanted) => {
          const match = fuzzyMatch(text, wanted);
          const letters = Array.from(text, (letter) => letter.toLowerCase());
          if (!match) return;
          const marked = match.places.map((place) => letters[place]);
          for (const letter of wanted) if (/\S/.test(letter)) expect(marked).toContain(letter.toLowerCase());
          expect([...match.places].sort((a, b) => a - b)).toEqual(match.places);
          expect(Number.isFinite(match.score)).toBe(true);
        },
      ),
    );
  });
  it('finds every part of a text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', 'c', ' ', 'X', 'Y', '-'), { minLength: 1, maxLength: 30 }),
        fc.nat(),
        fc.nat(),
        (all, a, b) => {
          const text = all.join('');
          const [from, to] = [a % text.length, b % text.length].sort((one, two) => one - two);
          expect(fuzzyMatch(text, text.slice(from, to))).not.toBeNull();
        },
      ),
    );
  });
  it('takes a text of 300,000 letters', () => {
    expect(fuzzyMatch(`${'x'.repeat(300_000)} graph`, 'graph')?.places[0]).toBe(300_001);
  });
});
