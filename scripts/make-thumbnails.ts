/**
 * Draws the small pictures of the sample models' graphs for the start screen, from the real files through the real
 * layout, and writes them to `src/views/start/thumbnails.ts`. Run it with `npx tsx scripts/make-thumbnails.ts` when a
 * sample changes.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildViewGraph } from '../src/core/graph/build';
import { layoutGraph } from '../src/core/graph/layout/layout';
import { readModel } from '../src/core/model/read';
import type { Category } from '../src/core/ops/spec';

const SIZE = 72;
const MARGIN = 6;
const root = join(import.meta.dirname, '..');
const samples = {
  digits: 'digits.tflite',
  face: 'third-party/face_detection_short_range.tflite',
  selfie: 'third-party/selfie_segmentation.tflite',
};
const colours: Readonly<Record<Category, string>> = {
  convolution: 'conv',
  dense: 'fc',
  activation: 'act',
  pooling: 'pool',
  arithmetic: 'arith',
  shape: 'shape',
  normalization: 'norm',
  quantization: 'quant',
  recurrent: 'fc',
  control: 'other',
  other: 'other',
};

const short = (n: number) => String(Number(n.toFixed(1)));

function draw(path: string): { edges: string; nodes: [string, string][] } {
  const { model } = readModel(new Uint8Array(readFileSync(join(root, 'public', 'samples', path))));
  const graph = buildViewGraph(model, 0, { folded: true });
  const count = graph.nodes.length;
  const widths = new Float64Array(count).fill(150);
  const heights = new Float64Array(count).fill(40);
  const labelWidths = new Float64Array(graph.edgeFrom.length);
  const { edgeFrom, edgeTo, edgePort } = graph;
  const layout = layoutGraph({ direction: 'down', widths, heights, edgeFrom, edgeTo, edgePort, labelWidths });
  const space = SIZE - 2 * MARGIN;
  // A graph is much higher than wide; the width may be drawn up to fourteen times larger than the height.
  const scaleY = space / layout.height;
  const scaleX = Math.min(space / layout.width, 14 * scaleY);
  const toX = (x: number) => MARGIN + space / 2 + (x - layout.width / 2) * scaleX;
  const toY = (y: number) => MARGIN + y * scaleY;
  const height = Math.min(7, Math.max(0.7, 40 * scaleY));
  const width = Math.min(26, Math.max(4, 150 * scaleX));
  const nodes = new Map<string, string>();
  graph.nodes.forEach(({ category }, v) => {
    const d = `M${short(toX(layout.x[v]!) - width / 2)} ${short(toY(layout.y[v]!) - height / 2)}h${short(width)}v${short(height)}h${short(-width)}z`;
    nodes.set(colours[category], (nodes.get(colours[category]) ?? '') + d);
  });
  let edges = '';
  for (let e = 0; e < edgeFrom.length; e++) {
    const start = layout.pointStart[e]!;
    const end = layout.pointStart[e + 1]!;
    // The bends of an edge cannot be seen at this size; its ends and its middle can.
    const points = [...new Set([start, (start + end - 1) >> 1, end - 1])];
    edges += points
      .map(
        (p, i) =>
          `${i === 0 ? 'M' : 'L'}${short(toX(layout.points[2 * p]!))} ${short(toY(layout.points[2 * p + 1]!))}`,
      )
      .join('');
  }
  return { edges, nodes: [...nodes] };
}

const drawings = Object.entries(samples)
  .map(([kind, path]) => {
    const { edges, nodes } = draw(path);
    const list = nodes.map(([colour, d]) => `      ['${colour}', '${d}'],`).join('\n');
    return `  ${kind}: {\n    edges: '${edges}',\n    nodes: [\n${list}\n    ],\n  },`;
  })
  .join('\n');
const text = `/**
 * Drawings of the samples' graphs: connections as one path, operators as one path for each colour.
 * Written by scripts/make-thumbnails.ts.
 */
export interface ThumbnailDrawing {
  readonly edges: string;
  readonly nodes: readonly (readonly [colour: string, d: string])[];
}

export const thumbnails: Readonly<Record<${Object.keys(samples)
  .map((kind) => `'${kind}'`)
  .join(' | ')}, ThumbnailDrawing>> = {
${drawings}
};
`;
writeFileSync(join(root, 'src', 'views', 'start', 'thumbnails.ts'), text);
