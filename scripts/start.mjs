/** `npm start`: installs what is missing, builds, serves the workbench and prints its address. */
import { parseArgs } from 'node:util';
import { ensurePackages, root, run } from './setup.mjs';

const { values } = parseArgs({ options: { port: { type: 'string', default: process.env.PORT ?? '4173' } } });
ensurePackages();
const status = run('npm', ['run', '--silent', 'build', '--', '--logLevel', 'warn']);
if (status !== 0) process.exit(status);

const { preview } = await import('vite');
const server = await preview({ root, preview: { port: Number(values.port), strictPort: false } });
const [url] = server.resolvedUrls?.local ?? [];
console.log(
  `\n  Whittle is at ${url}\n\n  Drop a .tflite there, or try the digits sample. Ctrl+C ends it.\n`,
);
