/** `npm run check`: format, lint, types, imports. `npm run check types` runs one of them. */
import { ensurePackages, run, runTool } from './setup.mjs';

const checks = {
  format: () => runTool('prettier', ['--check', '--log-level', 'warn', '.']),
  lint: () => runTool('eslint', ['.', '--max-warnings', '0']),
  types: () =>
    runTool('tsc', ['-p', 'tsconfig.core.json']) ||
    runTool('tsc', ['-p', 'tsconfig.node.json']) ||
    runTool('tsc', ['-p', 'workers/tsconfig.json']) ||
    runTool('svelte-check', ['--tsconfig', 'tsconfig.json', '--fail-on-warnings', '--output', 'human']),
  imports: () => run(process.execPath, ['scripts/check-imports.mjs']),
};

ensurePackages();
const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(checks);
const failed = wanted.filter((name) => {
  if (!(name in checks)) {
    console.error(`No check is called ${name}. There are: ${Object.keys(checks).join(', ')}.`);
    process.exit(2);
  }
  console.log(`check ${name}`);
  return checks[name]() !== 0;
});
if (failed.length > 0) console.error(`\nFailed: ${failed.join(', ')}`);
process.exit(failed.length > 0 ? 1 : 0);
