/** What models can be run on in this browser. */

/** Just enough of WebGPU's types. */
interface Gpu {
  requestAdapter(): Promise<object | null>;
}

/** Why models cannot be run on WebGPU here, in one sentence; null when they can. */
export async function whyNoGpu(): Promise<string | null> {
  const { gpu } = navigator as { gpu?: Gpu };
  if (!gpu) return isSecureContext ? 'This browser has no WebGPU.' : 'WebGPU needs a page over https.';
  try {
    return (await gpu.requestAdapter()) ? null : 'WebGPU finds no graphics adapter here.';
  } catch {
    return 'WebGPU finds no graphics adapter here.';
  }
}

/** Threads that can be used at once: 1 where the page cannot share memory between them. */
export function mostThreads(): number {
  return crossOriginIsolated ? Math.max(1, navigator.hardwareConcurrency) : 1;
}
