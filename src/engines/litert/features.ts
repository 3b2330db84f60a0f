/** What this JavaScript engine can do for the runtime. */

// prettier-ignore
const RELAXED_SIMD_MODULE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0,
  65, 1, 253, 15, 65, 2, 253, 15, 253, 128, 2, 11,
]);

/** Whether WebAssembly has relaxed SIMD: two splats and an `i8x16.relaxed_swizzle` validate. */
export function hasRelaxedSimd(): boolean {
  return WebAssembly.validate(RELAXED_SIMD_MODULE);
}

/** Whether WebAssembly can wait for a promise (JSPI), which the runtime needs to split a model between GPU and CPU. */
export function hasPromiseIntegration(): boolean {
  return 'Suspending' in WebAssembly;
}
