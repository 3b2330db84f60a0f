/** `whittle search` on a small model in LiteRT. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommandLine } from '../../../src/cli/cli';
import { writeNpy } from '../../../src/core/data/npy';
import { openModel } from '../../../src/core/model/open';
import { writeModel } from '../../../src/core/model/write';
import type { SearchResult } from '../../../src/core/optimize/search/types';
import { randomValues } from '../optimize/fixtures';
import { chainOf } from '../search/chain';

let folder = '';
const at = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'whittle-search-'));
  writeFileSync(at('model.tflite'), writeModel(chainOf(2)));
  const values = randomValues(24 * 40, 9);
  writeFileSync(at('inputs.npy'), writeNpy({ dtype: 'FLOAT32', shape: [24, 40], values }));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function whittle(...args: string[]) {
  let [out, err] = ['', ''];
  const status = await runCommandLine(['search', at('model.tflite'), ...args], {
    out: (text) => (out += text),
    err: (text) => (err += text),
    progress: null,
  });
  return { status, out, err };
}

const data = ['--calibrate', '', '--samples', '16'];
beforeAll(() => (data[1] = at('inputs.npy')));

test('finds the smallest model that keeps the asked SQNR, and its recipe makes the same bytes', async () => {
  const files = ['--out', at('best.tflite'), '--recipe-out', at('best.json')];
  const { status, out, err } = await whittle(...data, '--sqnr', '25', '--points', '2', ...files, '--json');
  expect({ status, err }).toEqual({ status: 0, err: '' });
  const found = JSON.parse(out) as SearchResult & { readonly written: readonly string[] };
  const best = found.points[found.best!]!;
  expect(best.sqnrDb).toBeGreaterThanOrEqual(25);
  for (const point of found.points) {
    if (point.sqnrDb >= 25) expect(point.sizeBytes).toBeGreaterThanOrEqual(best.sizeBytes);
  }
  expect(found.sensitivities).not.toEqual([]);
  expect(found.scoredSamples).toBe(8);
  expect(statSync(at('best.tflite')).size).toBe(best.sizeBytes);
  expect(found.written).toEqual([at('best.json'), at('best.tflite')]);
  openModel(new Uint8Array(readFileSync(at('best.tflite'))));

  const again = ['optimize', at('model.tflite'), '--recipe', at('best.json'), '--out', at('again.tflite')];
  const silent = { out: () => undefined, err: () => undefined, progress: null };
  expect(await runCommandLine([...again, ...data], silent)).toBe(0);
  expect(readFileSync(at('again.tflite')).equals(readFileSync(at('best.tflite')))).toBe(true);
});

test('prints tables for people, and writes nothing where nothing is good enough', async () => {
  const { status, out, err } = await whittle(
    ...data,
    '--sqnr',
    '100',
    '--points',
    '0',
    '--out',
    at('none.tflite'),
  );
  expect(status).toBe(1);
  expect(err).toMatch(/No model that was tried keeps the asked accuracy; nothing was written/);
  expect(out).toMatch(/original .*exact/);
  expect(out).toMatch(/One layer at a time/);
  expect(() => statSync(at('none.tflite'))).toThrow();
});

test.each([
  [[], /--calibrate is missing/],
  [['--calibrate', 'x', '--least', 'bytes'], /--least needs one of size, latency, not "bytes"/],
  [['--calibrate', 'x', '--loss', '-1'], /--loss/],
  [['--calibrate', 'x', '--points', '1.5'], /--points needs a whole number from 0 to 24/],
])('%j is wrong usage', async (args, message) => {
  const { status, out, err } = await whittle(...args);
  expect({ status, out }).toEqual({ status: 2, out: '' });
  expect(err).toMatch(message);
});
