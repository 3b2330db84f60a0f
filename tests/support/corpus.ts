/** Where the corpus lies and what its index says. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const corpusPath =
  process.env.WHITTLE_CORPUS ?? fileURLToPath(new URL('../../../shared/corpus', import.meta.url));
export const hasCorpus = existsSync(join(corpusPath, 'index.tsv'));
/** Title of a suite over the corpus: says why it is skipped when it is. */
export const corpusTitle = hasCorpus ? 'the corpus' : 'the corpus (skipped: not there; set WHITTLE_CORPUS)';

/** The same for a suite that looks at something particular. */
export const titled = (what: string) =>
  hasCorpus ? what : `${what} (skipped: the corpus is not there; set WHITTLE_CORPUS)`;

export function corpusModel(id: string): Uint8Array {
  return new Uint8Array(readFileSync(join(corpusPath, 'models', `${id}.tflite`)));
}

/** Ids of all models, in the order of the index. */
export function corpusIds(): readonly string[] {
  const lines = readFileSync(join(corpusPath, 'index.tsv'), 'utf8').trimEnd().split('\n').slice(1);
  return lines.map((line) => line.split('\t', 1)[0]!);
}
