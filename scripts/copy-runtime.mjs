/**
 * Copies the LiteRT WebAssembly builds from node_modules to `public/litert`, where the interpret worker loads them.
 *
 * The loaders are classic scripts that leave a `ModuleFactory` variable behind. A module worker can only `import`, so
 * each loader is also written as an `.mjs` with an export at its end. The threaded build keeps its classic script too:
 * its thread workers start from it.
 *
 * Silent and quick when nothing has to be done: a stamp holds the package's version, sizes are compared.
 */
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';

const BUILDS = ['compat_', '', 'jspi_', 'threaded_'].map((kind) => `litert_wasm_${kind}internal`);
const THREADED = 'litert_wasm_threaded_internal';
const EXPORT = '\nexport default ModuleFactory;\n';

const packageDirectory = new URL('../node_modules/@litertjs/core/', import.meta.url);
const source = new URL('wasm/', packageDirectory);
const target = new URL('../public/litert/', import.meta.url);
const stamp = new URL('version.txt', target);

/** @param {URL} file @returns {number} size in bytes, -1 when there is no such file */
function sizeBytes(file) {
  return statSync(file, { throwIfNoEntry: false })?.size ?? -1;
}

/** @returns {string} */
function readStamp() {
  try {
    return readFileSync(stamp, 'utf8');
  } catch {
    return '';
  }
}

if (sizeBytes(source) < 0) {
  console.error('The package @litertjs/core is not installed. Run `npm ci` first.');
  process.exit(1);
}
const { version } = JSON.parse(readFileSync(new URL('package.json', packageDirectory), 'utf8'));
const same = readStamp() === version;
let copied = 0;

/** @param {string} from @param {string} to @param {string} suffix text added at the end */
function copy(from, to, suffix = '') {
  const input = new URL(from, source);
  const output = new URL(to, target);
  if (same && sizeBytes(output) === sizeBytes(input) + suffix.length) return;
  if (suffix === '') copyFileSync(input, output);
  else writeFileSync(output, readFileSync(input, 'utf8') + suffix);
  copied++;
}

mkdirSync(target, { recursive: true });
for (const build of BUILDS) {
  copy(`${build}.wasm`, `${build}.wasm`);
  copy(`${build}.js`, `${build}.mjs`, EXPORT);
}
copy(`${THREADED}.js`, `${THREADED}.js`);
if (copied > 0) {
  writeFileSync(stamp, version);
  console.log(`Copied ${copied} files of LiteRT ${version} to public/litert.`);
}
