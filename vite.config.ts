import { svelte } from '@sveltejs/vite-plugin-svelte';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumFlags, findBrowser } from './scripts/setup.mjs';

/** Cross-origin isolation gives the runtime threads and a fine clock. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Nothing outside the origin. 'wasm-unsafe-eval' lets the LiteRT WebAssembly compile; no script is evaluated. */
const contentSecurityPolicy = {
  'Content-Security-Policy':
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; connect-src 'self' blob: data:; img-src 'self' blob: data:; object-src 'none'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'",
};

const executablePath = findBrowser();
const chromium = {
  ...(executablePath === null ? {} : { executablePath }),
  args: [
    ...chromiumFlags,
    '--enable-unsafe-webgpu',
    '--use-webgpu-adapter=swiftshader',
    '--enable-features=Vulkan',
    '--use-vulkan=swiftshader',
  ],
};

export default defineConfig({
  base: './',
  // The SPA fallback would answer a missing .wasm with index.html.
  appType: 'mpa',
  plugins: [svelte()],
  worker: { format: 'es' },
  // How long the build's own plugins took is of no use to whoever runs `npm start`.
  build: { target: 'esnext', sourcemap: true, rolldownOptions: { checks: { bundlerTimings: false } } },
  server: { headers: isolation },
  preview: { headers: { ...isolation, ...contentSecurityPolicy } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          environment: 'node',
          include: ['tests/unit/**/*.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'corpus',
          environment: 'node',
          include: ['tests/corpus/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['tests/browser/**/*.test.ts'],
          testTimeout: 60_000,
          expect: { poll: { timeout: 10_000 } },
          browser: {
            enabled: true,
            headless: true,
            provider: playwright({ launchOptions: chromium }),
            instances: [{ browser: 'chromium' }],
            screenshotFailures: false,
          },
        },
      },
    ],
  },
});
