/** What `npm start` and `npm test` need before anything else. Plain Node, because nothing may be installed yet. */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs a command in the project's folder with its output shown; returns its exit status. */
export function run(command, args, env = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
    shell: process.platform === 'win32',
  });
  if (result.error) console.error(`${command} could not be started: ${result.error.message}`);
  return result.status ?? 1;
}

/** Runs a tool of node_modules/.bin. */
export function runTool(name, args, env = {}) {
  return run(join(root, 'node_modules', '.bin', name), args, env);
}

/** Installs the npm packages of the lock file when they are missing or older than it. */
export function ensurePackages() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`Whittle needs Node 20.19 or later; this is ${process.versions.node}.`);
    process.exit(1);
  }
  const installed = join(root, 'node_modules', '.package-lock.json');
  const wanted = join(root, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) return;
  console.log('Installing npm packages (once)');
  const status = run('npm', ['ci', '--no-fund', '--no-audit'], { PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1' });
  if (status !== 0) process.exit(status);
}

const systemBrowsers = {
  linux: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'],
  darwin: [
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ],
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  ],
};

/** Start Chromium quietly: no sandbox (containers), no traffic of its own. */
export const chromiumFlags = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function onPath(name) {
  if (name.includes('/') || name.includes('\\')) return existsSync(name) ? name : null;
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file)) ?? null;
}

function playwrightBrowser() {
  const path = createRequire(import.meta.url)('playwright').chromium.executablePath();
  return existsSync(path) ? path : null;
}

/** Path of a Chromium that is there: the one that CHROMIUM names, a system one, Playwright's own; else null. */
export function findBrowser() {
  const named = process.env.CHROMIUM;
  if (named) {
    const found = onPath(named);
    if (found) return found;
    console.error(`CHROMIUM names ${named}, which is not there. Correct it or leave it unset.`);
    process.exit(1);
  }
  for (const name of systemBrowsers[process.platform] ?? []) {
    const found = onPath(name);
    if (found) return found;
  }
  return playwrightBrowser();
}

/**
 * Path of a Chromium: the one that CHROMIUM names, a system one, Playwright's own; else installs one.
 * Ends the process with a plain sentence when there is none to be had.
 */
export function ensureBrowser() {
  const found = findBrowser();
  if (found) return found;
  console.log('No Chromium found, installing one');
  const isDebianRoot = process.platform === 'linux' && process.getuid?.() === 0 && onPath('apt-get');
  if (isDebianRoot) {
    run('apt-get', ['update', '-qq']);
    run('apt-get', ['install', '-y', '-qq', 'chromium']);
  } else {
    runTool('playwright', ['install', 'chromium']);
  }
  const installed = findBrowser();
  if (installed) return installed;
  console.error(
    'Chromium could not be installed. Install Chromium or Chrome yourself and run this again, ' +
      'or set CHROMIUM to the path of its program.',
  );
  process.exit(1);
}
