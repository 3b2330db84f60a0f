/** LiteRT in a module worker of the page. */
import { ModelError } from '../../core/errors';
import type { Accelerator } from '../interpreter';
import { LitertEngine } from './engine';
import { hasPromiseIntegration, hasRelaxedSimd } from './features';
import type { LoadedModule, ModuleFactory, RuntimeLoader } from './runtime';

/** Sizes of the threaded build's memory in 64 KB pages; the maximum is fixed in the build. */
const THREADED_MEMORY = { initial: 256, maximum: 32_768, shared: true };

export interface BrowserOptions {
  /** Where `scripts/copy-runtime.mjs` put the runtime's files, ending in a slash. */
  readonly baseUrl: string;
  /** Threads wanted. One where the page is not cross-origin isolated; never more than the machine has. */
  readonly threads: number;
}

type Build = 'compat' | 'plain' | 'threaded' | 'jspi';

/**
 * Loads LiteRT in a worker: the threaded build for more than one thread, the plain one for one, the compatible one
 * where relaxed SIMD is missing; for WebGPU (loaded when first asked for) the build that can wait for promises.
 * @throws ModelError `runtime` when the files are missing or cannot be loaded.
 */
export async function loadLitertInWorker(options: BrowserOptions): Promise<LitertEngine> {
  return LitertEngine.open(browserLoader(options));
}

function browserLoader({ baseUrl, threads: wanted }: BrowserOptions): RuntimeLoader {
  const canThread = globalThis.crossOriginIsolated && hasRelaxedSimd();
  const threads = canThread ? Math.max(1, Math.min(wanted, navigator.hardwareConcurrency)) : 1;
  const sources = new Map<Build, Promise<BuildSource>>();
  let device: Promise<GPUDevice | null> | null = null;

  const source = (build: Build): Promise<BuildSource> => {
    const known = sources.get(build) ?? fetchBuild(baseUrl, build);
    sources.set(build, known);
    known.catch(() => sources.delete(build));
    return known;
  };
  const gpu = async (): Promise<GPUDevice | null> => {
    const found = await (device ??= requestDevice());
    // A lost device is of no more use; the next model asks for another.
    void found?.lost.then(() => (device = null));
    return found;
  };

  return {
    threads,
    hasGpu: async () => (await gpu()) !== null,
    async load(accelerator, log): Promise<LoadedModule> {
      const build = chooseBuild(accelerator, threads);
      const loaded = await instantiate(await source(build), build === 'threaded', log.write);
      return {
        ...loaded,
        threads: build === 'threaded' ? threads : 1,
        device: accelerator === 'webgpu' ? await gpu() : null,
      };
    },
  };
}

function chooseBuild(accelerator: Accelerator, threads: number): Build {
  if (!hasRelaxedSimd()) return 'compat';
  if (accelerator === 'webgpu') return hasPromiseIntegration() ? 'jspi' : 'plain';
  return threads > 1 ? 'threaded' : 'plain';
}

interface BuildSource {
  readonly factory: ModuleFactory;
  readonly wasm: WebAssembly.Module;
  /** The classic script that thread workers start from. */
  readonly script: string;
}

async function fetchBuild(baseUrl: string, build: Build): Promise<BuildSource> {
  const stem = new URL(
    `litert_wasm_${build === 'plain' ? '' : `${build}_`}internal`,
    new URL(baseUrl, location.href),
  );
  const [loader, wasm] = await Promise.all([
    import(/* @vite-ignore */ `${stem.href}.mjs`) as Promise<{ default: ModuleFactory }>,
    compileWasm(`${stem.href}.wasm`),
  ]);
  return { factory: loader.default, wasm, script: `${stem.href}.js` };
}

async function compileWasm(url: string): Promise<WebAssembly.Module> {
  const response = await fetch(url);
  if (!response.ok) {
    throw new ModelError('runtime', `The runtime's file ${url} is missing (status ${response.status}).`);
  }
  // Streaming lets the browser keep the compiled code; it insists on the right type.
  if (response.headers.get('Content-Type') === 'application/wasm')
    return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}

async function instantiate(
  { factory, wasm, script }: BuildSource,
  threaded: boolean,
  write: (line: string) => void,
) {
  const memory = threaded ? new WebAssembly.Memory(THREADED_MEMORY) : null;
  const workers = threaded ? recordWorkers() : null;
  try {
    const module = await factory({
      print: write,
      printErr: write,
      mainScriptUrlOrBlob: script,
      ...(memory ? { wasmMemory: memory } : {}),
      instantiateWasm(imports, done) {
        void WebAssembly.instantiate(wasm, imports).then((instance) => done(instance, wasm));
        return {};
      },
    });
    return {
      module,
      heap: memory ? () => new Uint8Array(memory.buffer) : () => module.HEAPU8,
      release: () => workers?.started.forEach((worker) => worker.terminate()),
    };
  } finally {
    workers?.stop();
  }
}

/** The loader starts its thread workers itself and gives no handle on them; this collects them while it does. */
function recordWorkers() {
  const started: Worker[] = [];
  const original = globalThis.Worker;
  globalThis.Worker = class extends original {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      started.push(this);
    }
  };
  return {
    started,
    stop(): void {
      globalThis.Worker = original;
    },
  };
}

/** A device with the limits and features that the GPU kernels can use; null where there is none. */
async function requestDevice(): Promise<GPUDevice | null> {
  if (!('gpu' in navigator)) return null;
  try {
    const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (adapter === null) return null;
    const { limits, features } = adapter;
    return await adapter.requestDevice({
      requiredFeatures: (['shader-f16', 'subgroups'] as const).filter((feature) => features.has(feature)),
      requiredLimits: {
        maxBufferSize: limits.maxBufferSize,
        maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
        maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
        maxTextureDimension2D: limits.maxTextureDimension2D,
      },
    });
  } catch {
    return null;
  }
}
