/** `npm test`: installs what is missing, finds or installs a browser, runs every test, prints one total. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBrowser, ensurePackages, root, run, runTool } from './setup.mjs';

ensurePackages();
const env = { CHROMIUM: ensureBrowser() };
const results = join(root, 'test-results');
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

const suites = [
  { name: 'unit', title: 'Unit tests (Node)', runner: 'vitest' },
  { name: 'corpus', title: 'Corpus tests (Node, real models)', runner: 'vitest' },
  { name: 'browser', title: 'Browser tests (Chromium)', runner: 'vitest' },
  { name: 'e2e', title: 'End-to-end tests (Chromium)', runner: 'playwright' },
];

const total = { passed: 0, failed: 0, skipped: 0 };
let status = run('npm', ['run', '--silent', 'build', '--', '--logLevel', 'warn'], env);
if (status !== 0) {
  console.error('The build failed; nothing was tested.');
  process.exit(status);
}
for (const { name, title, runner } of suites) {
  console.log(`\n== ${title}`);
  const file = join(results, `${name}.json`);
  const code =
    runner === 'vitest'
      ? runTool(
          'vitest',
          ['run', '--project', name, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
          env,
        )
      : runTool('playwright', ['test'], { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: file });
  status ||= code;
  const counts = readCounts(file, runner);
  total.passed += counts.passed;
  total.failed += counts.failed + (code !== 0 && counts.failed === 0 ? 1 : 0);
  total.skipped += counts.skipped;
}
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(status);

/** Counts of a runner's JSON report; a missing report counts as nothing run. */
function readCounts(file, runner) {
  let report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
  if (runner === 'vitest') {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = report;
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
  }
  const { expected, unexpected, flaky, skipped } = report.stats;
  return { passed: expected + flaky, failed: unexpected, skipped };
}
