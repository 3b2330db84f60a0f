import { extname } from 'node:path';
import { formatBytes, plural } from '../../core/format';
import { archiveConstants, exportSteps } from '../../core/inspect';
import type { ExportFormat } from '../../core/inspect/types';
import { REPORT_VERSION } from '../../core/report/json';
import { finish } from '../../core/steps';
import { UsageError } from '../command';
import type { Command } from '../command';
import { openModelFile, tensorIndex, writeBytes } from '../files';

const endings: Readonly<Record<string, ExportFormat>> = { '.npy': 'npy', '.csv': 'csv', '.bin': 'raw' };

export const exportCommand: Command = {
  name: 'export',
  summary: 'Writes the constants of a model for NumPy, or one of them as .npy, .csv or raw bytes.',
  usage: 'export MODEL --out FILE [--tensor NAME|INDEX] [--subgraph N] [--values stored|real] [--json]',
  details: `FILE.npz holds all constants. FILE.npy, FILE.csv and FILE.bin hold the one that --tensor names; .bin are
the bytes as they lie in the model. Sparse tensors are written dense, int4 and int2 as int8.`,
  options: [
    { name: 'out', value: 'FILE', help: 'The file; its ending says the format.' },
    { name: 'tensor', value: 'NAME|INDEX', help: 'The one tensor to write.' },
    { name: 'subgraph', value: 'N', help: 'Its subgraph (preset 0).' },
    {
      name: 'values',
      value: 'KIND',
      help: 'Of quantized tensors the integers (stored, the preset) or what they stand for (real).',
    },
  ],
  models: [1, 1],
  async run(input) {
    const out = input.required('out');
    const values = input.text('values') ?? 'stored';
    if (values !== 'stored' && values !== 'real')
      throw new UsageError(`--values is stored or real, not "${values}".`);
    const ending = extname(out).toLowerCase();
    const single = Object.hasOwn(endings, ending) ? endings[ending]! : null;
    if (ending !== '.npz' && single === null)
      throw new UsageError(`--out ends in .npz, .npy, .csv or .bin; "${out}" does not.`);
    const wanted = single === null ? null : input.required('tensor');
    const { name, model } = await openModelFile(input.models[0]!);
    const parts: Uint8Array[] = [];
    const write = (part: Uint8Array) => void parts.push(part.slice());
    let report = {
      arrays: 1,
      skipped: [] as readonly { subgraph: number; tensor: number; reason: string }[],
    };
    if (single === null || wanted === null) report = { ...finish(archiveConstants(model, values, write)) };
    else {
      const subgraph = input.whole('subgraph', 0, 0);
      const format = single === 'npy' && values === 'real' ? 'npy-real' : single;
      finish(exportSteps(model, subgraph, tensorIndex(model, subgraph, wanted), format, write));
    }
    const bytes = Buffer.concat(parts);
    await writeBytes(out, bytes);
    const left = report.skipped.map(
      ({ subgraph, tensor, reason }) => `Left out subgraphs[${subgraph}].tensors[${tensor}]: ${reason}`,
    );
    return {
      json: { version: REPORT_VERSION, name, out, sizeBytes: bytes.length, ...report },
      text: [`${plural(report.arrays, 'array')}, ${formatBytes(bytes.length)}: ${out}`, ...left].join('\n'),
    };
  },
};
