/** `npm run -s bench -- SUITE [--json]`: figures as ratios of one run; those of pictures as they are. */
import { parseArgs } from 'node:util';
import type { BenchEntry } from './entry';
import { runFindingSuite } from './finding';
import { runGraphSuite } from './graph';
import { runIntegerSuite } from './integer';
import { runLoopSuite } from './loop';
import { runPictureSuite } from './picture';

const suites: Readonly<Record<string, () => Promise<readonly BenchEntry[]>>> = {
  loop: runLoopSuite,
  integer: runIntegerSuite,
};

/** Figures that are no ratios: sizes, counts, times. */
const tables: Readonly<Record<string, () => Promise<readonly object[]> | readonly object[]>> = {
  graph: runGraphSuite,
  finding: runFindingSuite,
  picture: runPictureSuite,
};

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { json: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const name = positionals[0] ?? 'loop';
  const table = tables[name];
  if (table) {
    const figures = await table();
    if (values.json) console.log(JSON.stringify(figures, null, 2));
    else console.table(figures);
    return 0;
  }
  const suite = suites[name];
  if (suite === undefined) {
    const names = [...Object.keys(suites), ...Object.keys(tables)];
    console.error(`No benchmark is called ${name}. There are: ${names.join(', ')}.`);
    return 2;
  }
  const entries = await suite();
  if (values.json) console.log(JSON.stringify(entries, null, 2));
  else
    for (const { name, ratio, unit, note } of entries)
      console.log(`${name}: ${ratio.toFixed(2)} ${unit} (${note})`);
  return 0;
}

process.exitCode = await main();
