/** Checks who may import whom against one table. `--graph` prints the arrows between folders as they are. */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * For each area (the longest matching path wins): the areas and packages that it may import.
 * `types:` allows an area or package for `import type` only.
 */
const allowed = {
  'src/core': ['src/core', 'flatbuffers', 'fflate', 'valibot'],
  'src/engines': [
    'src/engines',
    'src/core',
    '@litertjs/core',
    '@litertjs/wasm-utils',
    '@tensorflow/tfjs',
    'node:',
  ],
  workers: ['workers', 'src/core', 'src/engines', 'src/rpc/errors', 'comlink'],
  'src/rpc': ['src/rpc', 'src/core', 'workers', 'comlink'],
  'src/state': ['src/state', 'src/rpc', 'src/core', 'types:workers', 'svelte', 'idb', 'valibot'],
  'src/ui': ['src/ui', 'types:src/core/format', 'src/core/format', 'svelte', 'd3'],
  'src/views': ['src/views', 'src/ui', 'src/state', 'src/rpc', 'src/core', 'types:workers', 'svelte', 'd3'],
  'src/gallery': ['src/gallery', 'src/views', 'src/ui', 'src/state', 'src/core', 'svelte'],
  'src/cli': ['src/cli', 'src/core', 'src/engines', 'node:'],
  src: ['src', 'svelte', 'types:workers'],
};

const isFile = (name) => /\.(ts|svelte)$/.test(name) && !name.endsWith('.d.ts');

function* sourceFiles(folder) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* sourceFiles(path);
    else if (isFile(entry.name)) yield path;
  }
}

const areas = Object.keys(allowed).sort((a, b) => b.length - a.length);
const areaOf = (path) => areas.find((area) => path === area || path.startsWith(`${area}/`)) ?? null;

/** Import statements of a file: what is imported, and whether for types only. */
function importsOf(path) {
  const text = readFileSync(join(root, path), 'utf8');
  const found = [];
  const patterns = [
    /^\s*(import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm,
    /(import)\s*\(\s*(?:\/\*.*?\*\/\s*)?()'([^']+)'/g,
    /new URL\((?:)()()'(\.[^']+\.ts)'/g,
  ];
  for (const pattern of patterns) {
    for (const match of text.matchAll(pattern)) {
      const namesOnlyTypes = /\{([^}]*)\}/
        .exec(match[0])?.[1]
        ?.split(',')
        .every((n) => n.trim() === '' || n.trim().startsWith('type '));
      found.push({ from: match[3], typeOnly: Boolean(match[2]) || namesOnlyTypes === true });
    }
  }
  return found;
}

function targetOf(path, from) {
  if (!from.startsWith('.')) return from;
  return posix.normalize(posix.join(posix.dirname(path.split(sep).join('/')), from)).replace(/\?.*$/, '');
}

const covers = (rule, target) =>
  target === rule || target.startsWith(rule.endsWith(':') ? rule : `${rule}/`) || target === `${rule}.ts`;

const faults = [];
const arrows = new Map();
for (const path of [...sourceFiles('src'), ...sourceFiles('workers')]) {
  const area = areaOf(path);
  if (area === null) continue;
  for (const { from, typeOnly } of importsOf(path)) {
    const target = targetOf(path, from);
    const rules = allowed[area];
    const fits =
      rules.some((rule) => !rule.startsWith('types:') && covers(rule, target)) ||
      (typeOnly && rules.some((rule) => rule.startsWith('types:') && covers(rule.slice(6), target)));
    if (!fits)
      faults.push(
        `${relative('.', path)} imports ${target}${typeOnly ? ' (types)' : ''}: not allowed for ${area}`,
      );
    const to =
      areaOf(target) ??
      from
        .split('/')
        .slice(0, from.startsWith('@') ? 2 : 1)
        .join('/');
    if (to !== area) arrows.set(`${area} -> ${to}`, (arrows.get(`${area} -> ${to}`) ?? 0) + 1);
  }
}

if (process.argv.includes('--graph')) {
  for (const [arrow, count] of [...arrows].sort()) console.log(`${arrow} (${count})`);
}
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);
