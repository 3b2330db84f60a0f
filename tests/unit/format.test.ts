import { describe, expect, it } from 'vitest';
import * as format from '../../src/core/format';

/** The non-breaking space reads badly in a test. */
const plain = (text: string) => text.replaceAll('\u00a0', ' ');

type Case = readonly [number, string];

describe('numbers', () => {
  const cases: Record<string, [(n: number) => string, readonly Case[]]> = {
    formatBytes: [
      format.formatBytes,
      [
        [0, '0 B'],
        [999, '999 B'],
        [1000, '0.98 KiB'],
        [205_040, '200 KiB'],
        [54_760, '53.5 KiB'],
        [1024 ** 2 * 1.8, '1.80 MiB'],
        [1023.9 * 1024, '1.00 MiB'],
        [3 * 1024 ** 3, '3.00 GiB'],
        [-2048, '−2.00 KiB'],
        [NaN, '–'],
        [Infinity, '∞'],
      ],
    ],
    formatCount: [
      format.formatCount,
      [
        [0, '0'],
        [31, '31'],
        [999, '999'],
        [46_800, '46.8 k'],
        [468_000, '468 k'],
        [880_000, '0.88 M'],
        [1_200_000, '1.2 M'],
        [13_600_000, '13.6 M'],
        [569_000_000, '0.57 G'],
        [2_100_000_000, '2.1 G'],
        [-1500, '−1.5 k'],
        [NaN, '–'],
        [-Infinity, '−∞'],
      ],
    ],
    formatMs: [
      format.formatMs,
      [
        [0, '0.0 µs'],
        [0.0042, '4.2 µs'],
        [0.061, '61 µs'],
        [0.83, '0.83 ms'],
        [1.92, '1.92 ms'],
        [22.04, '22.0 ms'],
        [312, '312 ms'],
        [1200, '1.2 s'],
        [125_000, '125 s'],
        [-1.5, '−1.50 ms'],
        [NaN, '–'],
        [Infinity, '∞'],
      ],
    ],
    formatPercent: [
      format.formatPercent,
      [
        [0, '0.0 %'],
        [0.521, '52.1 %'],
        [1, '100.0 %'],
        [-0.004, '−0.4 %'],
        [-0.0001, '0.0 %'],
        [NaN, '– %'],
      ],
    ],
    formatPoints: [
      format.formatPoints,
      [
        [0, '±0.0 pt'],
        [-0.003, '−0.3 pt'],
        [0.0125, '+1.3 pt'],
        [-0.0001, '±0.0 pt'],
        [NaN, '– pt'],
      ],
    ],
    formatRatio: [
      format.formatRatio,
      [
        [2.31, '2.3×'],
        [0.968, '0.97×'],
        [1, '1.00×'],
        [12.44, '12.4×'],
        [120.3, '120×'],
        [0, '0.00×'],
        [NaN, '–×'],
        [Infinity, '∞×'],
      ],
    ],
    formatDb: [
      format.formatDb,
      [
        [38.24, '38.2 dB'],
        [-3.01, '−3.0 dB'],
        [0, '0.0 dB'],
        [Infinity, 'exact'],
        [-Infinity, '−∞ dB'],
        [NaN, '– dB'],
      ],
    ],
    formatNumber: [
      format.formatNumber,
      [
        [0, '0'],
        [1 / 255, '0.00392157'],
        [1.5, '1.5'],
        [-128, '−128'],
        [100, '100'],
        [1000000, '1000000'],
        [3.937e-9, '3.937e−9'],
        [-2.5e12, '−2.5e12'],
        [123456.789, '123457'],
        [2147483647, '2.14748e9'],
        [1234567.8, '1.23457e6'],
        [NaN, '–'],
        [-Infinity, '−∞'],
      ],
    ],
    formatDuration: [
      format.formatDuration,
      [
        [0, '1 s'],
        [6200, '6 s'],
        [120_000, '2 min'],
        [NaN, '–'],
      ],
    ],
  };

  for (const [name, [spell, examples]] of Object.entries(cases)) {
    it.each(examples)(`${name}(%s) is %s`, (value, text) => {
      expect(plain(spell(value))).toBe(text);
    });
  }

  it('uses a space that does not break before units', () => {
    expect(format.formatMs(1.92)).toBe('1.92\u00a0ms');
  });
});

describe('formatChange', () => {
  it.each([
    [100, 27, '−73 %'],
    [1000, 1042, '+4.2 %'],
    [1000, 1000, '±0 %'],
    [100_000, 100_010, '±0 %'],
    [0, 0, '±0 %'],
    [0, 5, '+∞ %'],
    [NaN, 5, '– %'],
  ])('from %s to %s is %s', (before, after, text) => {
    expect(plain(format.formatChange(before, after))).toBe(text);
  });
});

describe('formatShape and formatDtype', () => {
  it('joins sizes and marks unknown ones', () => {
    expect(format.formatShape([1, 28, 28, 1])).toBe('1×28×28×1');
    expect(format.formatShape([-1, 10])).toBe('?×10');
    expect(format.formatShape([0])).toBe('0');
    expect(format.formatShape([])).toBe('scalar');
  });
  it('spells types in lower case', () => {
    expect(format.formatDtype('FLOAT32')).toBe('float32');
    expect(format.formatDtype('UNKNOWN_99')).toBe('unknown_99');
  });
});

describe('counts with their words', () => {
  it.each([
    [0, '0 operators'],
    [1, '1 operator'],
    [2, '2 operators'],
    [999, '999 operators'],
    [20_000, '20,000 operators'],
    [1_234_567, '1,234,567 operators'],
  ])('%s is %s', (value, text) => expect(format.plural(value, 'operator')).toBe(text));
  it('take a plural of their own', () => {
    expect(format.plural(1, 'class', 'classes')).toBe('1 class');
    expect(format.plural(3, 'class', 'classes')).toBe('3 classes');
    expect(format.plural(1, 'layer is', 'layers are')).toBe('1 layer is');
  });
});
