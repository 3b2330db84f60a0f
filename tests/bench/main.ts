/** `npm run -s bench -- SUITE [--json]`: figures as ratios of one run; of `graph` as they are. */
import { parseArgs } from 'node:util';
import type { BenchEntry } from './entry';
import { runGraphSuite } from './graph';
import { runIntegerSuite } from './integer';
import { runLoopSuite } from './loop';

const suites: Readonly<Record<string, () => Promise<readonly BenchEntry[]>>> = {
  loop: runLoopSuite,
  integer: runIntegerSuite,
};

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { json: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const name = positionals[0] ?? 'loop';
  if (name === 'graph') {
    const figures = runGraphSuite();
    if (values.json) console.log(JSON.stringify(figures, null, 2));
    else console.table(figures);
    return 0;
  }
  const suite = suites[name];
  if (suite === undefined) {
    console.error(
      `No benchmark is called ${name}. There are: ${[...Object.keys(suites), 'graph'].join(', ')}.`,
    );
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
