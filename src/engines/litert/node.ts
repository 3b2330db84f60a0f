/** LiteRT in Node: for the command line, the tests and the benchmarks. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { LitertEngine } from './engine';
import { hasRelaxedSimd } from './features';
import type { LoadedModule, ModuleFactory, RuntimeLoader } from './runtime';

/**
 * Loads LiteRT for Node, on one thread: the relaxed-SIMD build where Node has that (a flag in Node 20), else the
 * compatible one.
 * @throws ModelError `runtime` when the runtime cannot be loaded.
 */
export async function loadLitertInNode(): Promise<LitertEngine> {
  const require = createRequire(import.meta.url);
  const directory = join(dirname(require.resolve('@litertjs/core')), '../wasm');
  const script = join(directory, `litert_wasm_${hasRelaxedSimd() ? '' : 'compat_'}internal.js`);
  // The loader is a classic script that expects to be a CommonJS module and leaves `ModuleFactory` behind.
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  const evaluate = new Function(
    'require',
    '__dirname',
    '__filename',
    'exports',
    'module',
    loaderText(script),
  );
  const factory = evaluate(require, directory, script, undefined, undefined) as ModuleFactory;
  const wasm = await WebAssembly.compile(readFileSync(script.replace(/\.js$/, '.wasm')));
  return LitertEngine.open(nodeLoader(factory, wasm));
}

function loaderText(script: string): string {
  return `${readFileSync(script, 'utf8')}\nreturn ModuleFactory;`;
}

function nodeLoader(factory: ModuleFactory, wasm: WebAssembly.Module): RuntimeLoader {
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
