import { describe, expect, test } from 'vitest';
import { formatBytes, formatRatio } from '../../../src/core/format';
import type { Comparison, ModelMeasurement } from '../../../src/core/measure/types';
import { openModel } from '../../../src/core/model/open';
import { comparisonToCsv } from '../../../src/core/report/csv';
import { inspectionOf } from '../../../src/core/report/inspection';
import { comparisonToJson } from '../../../src/core/report/json';
import { comparisonToMarkdown } from '../../../src/core/report/markdown';
import { parseCsv } from '../../../src/core/data/csv';
import { smallModel } from '../measure/small-model';

function measurement(over: Partial<ModelMeasurement>): ModelMeasurement {
  return {
    name: 'a.tflite',
    sizeBytes: 4096,
    gzipBytes: 2048,
    parameters: 1000,
    nonZeroParameters: 900,
    macs: 5000,
    layers: [],
    dtypes: [],
    latencyMs: { median: 2, p10: 1, p90: 3, runs: [1, 2, 3] },
    speedup: null,
    top1: 0.5,
    top5: 1,
    correct: 1,
    confusion: { classes: 2, counts: Uint32Array.of(1, 0, 1, 0) },
    agreement: null,
    sqnrDb: null,
    cosine: null,
    outputs: [],
    predictions: Int32Array.of(0, 0),
    engine: 'litert',
    backend: 'wasm',
    failure: null,
    ...over,
  };
}

const comparison: Comparison = {
  models: [
    measurement({}),
    measurement({
      name: 'b|c, "d".tflite',
      sizeBytes: 1024,
      top1: 1,
      correct: 2,
      agreement: 0.5,
      sqnrDb: Infinity,
      cosine: 1,
      speedup: { ratio: 2, low: 1.5, high: 2.5, confidence: 0.95 },
      outputs: [{ name: 'y', sqnrDb: -Infinity, cosine: 0, maxAbsError: Infinity }],
      predictions: Int32Array.of(0, 1),
    }),
    measurement({
      name: '=cmd()',
      latencyMs: null,
      top1: null,
      predictions: null,
      failure: { code: 'unsupported', message: 'LSTM does not run.' },
    }),
  ],
  dataName: 'digits',
  samples: 2,
  isRandom: false,
  scaleRule: 'x/255',
  labels: Int32Array.of(0, 1),
  classNames: ['zero', 'one'],
  method: 'Run here.',
  notes: ['A note.'],
};

describe('JSON', () => {
  const json = JSON.parse(JSON.stringify(comparisonToJson(comparison))) as {
    models: Record<string, unknown>[];
    notes: string[];
  };

  test('has the documented keys', () => {
    const [first] = json.models;
    for (const key of 'name sizeBytes gzipBytes parameters nonZeroParameters macs latencyMs top1 agreement sqnrDb'.split(
      ' ',
    ))
      expect(first).toHaveProperty(key);
    expect(json).toMatchObject({
      version: 1,
      data: 'digits',
      samples: 2,
      scale: 'x/255',
      notes: ['A note.'],
    });
    expect(first!.latencyMs).toEqual({ median: 2, p10: 1, p90: 3, rounds: 3 });
    expect(first!.confusion).toEqual({
      classes: 2,
      cells: [
        [0, 0, 1],
        [1, 0, 1],
      ],
    });
  });

  test('infinity is null, and equal outputs are marked identical', () => {
    expect(json.models.map(({ sqnrDb, identical }) => [sqnrDb, identical])).toEqual([
      [null, null],
      [null, true],
      [null, null],
    ]);
    expect(json.models[1]!.outputs).toEqual([
      { name: 'y', sqnrDb: null, identical: false, cosine: 0, maxAbsError: null },
    ]);
  });

  test('judges the change of top-1', () => {
    const change = { difference: 0.5, gained: 1, lost: 0, verdict: 'noise' };
    expect(json.models.map(({ top1Change }) => top1Change)).toMatchObject([null, change, null]);
  });

  test('gives the change per class', () => {
    expect(json.models[1]!.perClass).toEqual([
      { classIndex: 0, samples: 1, before: 1, after: 1 },
      { classIndex: 1, samples: 1, before: 0, after: 1 },
    ]);
    expect(json.models[2]).toMatchObject({ perClass: null, failure: { code: 'unsupported' } });
  });
});

test('Markdown is a table with cells escaped, changes and a note', () => {
  const text = comparisonToMarkdown(comparison).replaceAll('\u00a0', ' ');
  const [head, rule, first, second] = text.split('\n');
  expect(head).toMatch(/^\| Model \| Size \|.* Top-1 \|.*\|$/);
  expect(rule).toMatch(/^\| :--- \| ---: \|/);
  expect(first).toContain(`| ${formatBytes(4096).replaceAll('\u00a0', ' ')} |`);
  expect(second).toContain('b\\|c');
  expect(second).toContain('(−75 %)');
  expect(second).toContain(`${formatRatio(2)} (${formatRatio(1.5)} to ${formatRatio(2.5)})`);
  expect(second).toContain('100.0 % (+50.0 pt, within noise)');
  expect(second).toContain('exact');
  expect(text).toContain('Data: digits, 2 samples, scaling x/255.');
  expect(text).toContain('A note.');
});

test('CSV has the keys of the JSON report, bare figures, and no formulas', () => {
  const rows = parseCsv(comparisonToCsv(comparison));
  const [head, first, second, third] = rows;
  const cell = (row: string[] | undefined, key: string) => row![head!.indexOf(key)];
  expect(rows).toHaveLength(4);
  expect(cell(first, 'sizeBytes')).toBe('4096');
  expect(cell(first, 'latencyMs')).toBe('2');
  expect(cell(second, 'name')).toBe('b|c, "d".tflite');
  expect(cell(second, 'sqnrDb')).toBe('inf');
  expect(cell(third, 'name')).toBe("'=cmd()");
  expect(cell(third, 'failure')).toBe('LSTM does not run.');
  expect(cell(third, 'top1')).toBe('');
});

test('the inspection lists operators and tensors', () => {
  const bytes = smallModel();
  const inspection = inspectionOf('small.tflite', openModel(bytes), bytes, []);
  expect(inspection).toMatchObject({
    version: 1,
    name: 'small.tflite',
    sizeBytes: bytes.length,
    parameters: 0,
    macs: 0,
  });
  expect(inspection.subgraphs).toHaveLength(1);
  expect(inspection.subgraphs[0]).toMatchObject({
    index: 0,
    name: 'main',
    inputs: [0],
    outputs: [1],
    operators: [{ index: 0, name: 'RELU6', version: 1, inputs: [0], outputs: [1], sizeBytes: 0 }],
    tensors: [
      { index: 0, name: 'x', dtype: 'float32', shape: [1, 3], isConstant: false, quantization: null },
      { index: 1, name: 'y' },
    ],
  });
});
