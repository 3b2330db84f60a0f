/** The script that brings the runtime's files to where the page loads them. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = new URL('../../../', import.meta.url);
const copyRuntime = () =>
  execFileSync(process.execPath, [fileURLToPath(new URL('scripts/copy-runtime.mjs', root))], {
    encoding: 'utf8',
  });

describe('scripts/copy-runtime.mjs', () => {
  it('copies every build, and does nothing when that is done', () => {
    copyRuntime();
    for (const build of ['compat_', '', 'jspi_', 'threaded_']) {
      const stem = `public/litert/litert_wasm_${build}internal`;
      expect(existsSync(new URL(`${stem}.wasm`, root)), stem).toBe(true);
      expect(readFileSync(new URL(`${stem}.mjs`, root), 'utf8')).toMatch(
        /\nexport default ModuleFactory;\n$/,
      );
    }
    expect(existsSync(new URL('public/litert/litert_wasm_threaded_internal.js', root))).toBe(true);
    expect(copyRuntime()).toBe('');
  });
});
