/** LiteRT in Node: for the command line, the tests and the benchmarks. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { LitertEngine } from './engine';
import { hasRelaxedSimd } from './features';
import type { LoadedModule, ModuleFactory, RuntimeLoader } from './runtime';

type LoaderScript = (
  require: NodeJS.Require,
  directory: string,
  file: string,
  exports: undefined,
  module: undefined,
) => ModuleFactory;

/**
 * Loads LiteRT for Node, on one thread: the relaxed-SIMD build where Node has that (a flag in Node 20), else the
 * compatible one.
 * @throws ModelError `runtime` when the runtime cannot be loaded.
 */
export async function loadLitertInNode(): Promise<LitertEngine> {
  return LitertEngine.open(await nodeLoader());
}

/** How Node loads the runtime. The script and the WebAssembly are read and compiled once. */
export async function nodeLoader(): Promise<RuntimeLoader> {
  const require = createRequire(import.meta.url);
  const directory = join(dirname(require.resolve('@litertjs/core')), '../wasm');
  const stem = join(directory, `litert_wasm_${hasRelaxedSimd() ? '' : 'compat_'}internal`);
  const script = `${stem}.js`;
  // The loader is a classic script that expects to be a CommonJS module and leaves `ModuleFactory` behind.
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  const run = new Function(
    'require',
    '__dirname',
    '__filename',
    'exports',
    'module',
    `${readFileSync(script, 'utf8')}\nreturn ModuleFactory;`,
  ) as LoaderScript;
  const factory = run(require, directory, script, undefined, undefined);
  return loaderOf(factory, await WebAssembly.compile(readFileSync(`${stem}.wasm`)));
}

function loaderOf(factory: ModuleFactory, wasm: WebAssembly.Module): RuntimeLoader {
  return {
    threads: 1,
    hasGpu: async () => false,
    async load(_, log): Promise<LoadedModule> {
      const module = await factory({
        print: log.write,
        printErr: log.write,
        instantiateWasm(imports, done) {
          void WebAssembly.instantiate(wasm, imports).then((instance) => done(instance, wasm));
          return {};
        },
      });
      return { module, threads: 1, device: null, heap: () => module.HEAPU8, release: () => undefined };
    },
  };
}
