/** Every real model comes back unchanged from being written; files that are no sound model are refused. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ModelError } from '../../src/core/errors';
import { readMetadata } from '../../src/core/model/metadata';
import { openModel } from '../../src/core/model/open';
import { readModel } from '../../src/core/model/read';
import { constantBytes, elementCount, tensorValues } from '../../src/core/model/tensors';
import type { Model } from '../../src/core/model/types';
import { writeModel } from '../../src/core/model/write';

const corpus = process.env.WHITTLE_CORPUS ?? '../shared/corpus';
const isHere = existsSync(join(corpus, 'index.tsv'));
const title = isHere ? 'the corpus' : `the corpus (skipped: no ${corpus}; set WHITTLE_CORPUS)`;

/** Files that LiteRT refuses too, and where their fault is. */
const unsound: Readonly<Record<string, RegExp>> = {
  '0_subgraphs': /at subgraphs: .*no subgraph/,
  add_shared_tensors: /operators\[0\]\.outputs\[0\]: It writes tensor 1, which is an input/,
  invalid_model: /text file/,
  segment_sum_invalid_buffer: /operators\[0\]\.inputs\[1\]: It reads tensor 2, which nothing writes/,
};

interface Row {
  readonly id: string;
  readonly bytes: number;
  readonly packed: string;
  /** Whether one of the two runtimes of the index ran it. */
  readonly runs: boolean;
}

function rows(): Row[] {
  const [head, ...lines] = readFileSync(join(corpus, 'index.tsv'), 'utf8').trimEnd().split('\n');
  const columns = head!.split('\t');
  return lines.map((line) => {
    const cells = line.split('\t');
    const cell = (name: string) => cells[columns.indexOf(name)] ?? '';
    return {
      id: cell('id'),
      bytes: Number(cell('bytes')),
      packed: cell('metadata').replace(/^(no|yes: )/, ''),
      runs: cell('loads_tfjs_tflite') === 'ok' || cell('loads_litert_js') === 'ok',
    };
  });
}

const bytesOf = (id: string) => new Uint8Array(readFileSync(join(corpus, 'models', `${id}.tflite`)));

/** Opens a file, or gives the error that refuses it. */
function open(bytes: Uint8Array): Model | ModelError {
  try {
    return openModel(bytes).model;
  } catch (error) {
    if (error instanceof ModelError) return error;
    throw error;
  }
}

describe.skipIf(!isHere)(title, () => {
  const all = isHere ? rows() : [];

  it('is opened and comes back equal from write and read, or is refused with a reason', () => {
    const refused: string[] = [];
    let opened = 0;
    for (const row of all) {
      const bytes = bytesOf(row.id);
      expect(bytes.length, row.id).toBe(row.bytes);
      const model = open(bytes);
      if (model instanceof ModelError) {
        refused.push(row.id);
        expect(model.message, row.id).toMatch(unsound[row.id] ?? /nothing/);
        expect(row.runs, row.id).toBe(false);
        continue;
      }
      opened++;
      const written = writeModel(model);
      const again = readModel(written);
      // Node compares megabytes of weights in no time; `toEqual` would take minutes.
      expect(isDeepStrictEqual(again.model, model), row.id).toBe(true);
      expect(Buffer.compare(writeModel(again.model), written), row.id).toBe(0);
    }
    expect(refused.sort()).toEqual(Object.keys(unsound).sort());
    expect(opened).toBe(all.length - refused.length);
    expect(all.filter((row) => row.runs).length).toBeLessThanOrEqual(opened);
  });

  it('has values for every constant of a numeric type', () => {
    for (const { id } of all) {
      const model = open(bytesOf(id));
      if (model instanceof ModelError) continue;
      model.subgraphs.forEach((subgraph, i) =>
        subgraph.tensors.forEach((tensor, j) => {
          if (
            constantBytes(model, tensor) === null ||
            ['STRING', 'RESOURCE', 'VARIANT'].includes(tensor.type)
          )
            return;
          const count = elementCount(tensor);
          expect(tensorValues(model, i, j).length, `${id} tensor ${j}`).toBe(count);
        }),
      );
    }
  });

  it('names the packed files that the index names', () => {
    for (const { id, packed } of all.filter((row) => row.packed !== '')) {
      const { model } = readModel(bytesOf(id));
      const names = readMetadata(model).packedFiles.map((file) => file.name);
      expect(names.join(', '), id).toBe(packed);
      const written = readMetadata(readModel(writeModel(model)).model);
      expect(written, id).toEqual(readMetadata(model));
    }
  });

  it('copies no weights', () => {
    for (const { id } of all.filter((row) => row.bytes > 1e6)) {
      const bytes = bytesOf(id);
      const { model } = readModel(bytes);
      for (const { data } of model.buffers) if (data) expect(data.buffer === bytes.buffer, id).toBe(true);
    }
  });

  it('is refused or read when damaged, each file in under a second', () => {
    let state = 12345;
    const random = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    let slowestMs = 0;
    for (const { id } of all.filter((row) => row.bytes < 60_000)) {
      const bytes = bytesOf(id);
      for (let i = 0; i < 30; i++) {
        const damaged = i < 5 ? bytes.slice(0, random(bytes.length)) : bytes.slice();
        for (let change = 0; change < 6 && damaged.length > 0; change++)
          damaged[random(damaged.length)] = random(256);
        const start = performance.now();
        open(damaged);
        slowestMs = Math.max(slowestMs, performance.now() - start);
      }
    }
    expect(slowestMs).toBeLessThan(1000);
  });
});
