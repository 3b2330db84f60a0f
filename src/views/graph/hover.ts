/** What the card at the pointer says. */
import { formatBytes, formatNumber, plural } from '../../core/format';
import type { ViewNode } from '../../core/graph/types';
import type { ScaleInfo } from '../../core/tensor-data';
import { shorten } from './cards';
import { bytesOfEdge, WIDTH_LEGEND } from './edge-width';
import type { Hit } from './hit';
import { describeGroup } from './group-card';
import type { Scene } from './scene';

export interface HoverFacts {
  readonly name: string;
  readonly formula: string | null;
  readonly dtype?: string;
  readonly quantization?: ScaleInfo | null;
}
export type TensorFacts = (tensor: number, signal: AbortSignal) => Promise<HoverFacts>;

/** Longer names are cut: some files name a tensor by all that was fused into it. */
const MAX_NAME = 240;

export const shortName = (name: string) => shorten(name, MAX_NAME);

/**
 * What the integers of a quantized tensor can stand for, `holds −1.2 to 1.19`, or the span of its scales where it has
 * several; null for tensors without scales or of types that are not whole numbers.
 */
export function spellReal({ dtype = '', quantization }: HoverFacts): string | null {
  const [, unsigned, bits] = /^(u?)int(\d+)$/.exec(dtype) ?? [];
  if (!quantization || bits === undefined) return null;
  const { scale, zeroPoint } = quantization;
  if (scale.length > 1) {
    let [least, most] = [Infinity, -Infinity];
    for (const one of scale) [least, most] = [Math.min(least, one), Math.max(most, one)];
    return `${scale.length} scales, ${formatNumber(least, 3)} to ${formatNumber(most, 3)}`;
  }
  const count = 2 ** Number(bits);
  const lowest = unsigned === 'u' ? 0 : -count / 2;
  const real = (q: number) => formatNumber(scale[0]! * (q - zeroPoint[0]!), 3);
  return `holds ${real(lowest)} to ${real(lowest + count - 1)}`;
}

export interface HoverText {
  readonly title: string;
  /** More about it, one line each. */
  readonly lines: readonly string[];
  /** Tensor whose name and formula are asked for, or null. */
  readonly tensor: number | null;
}

/** Operator with name and cost, constant with shape and type, or tensor on an edge with its ends. */
export function describeHit(scene: Scene, hit: Hit, isThick = false): HoverText {
  const { graph, drawn, cards } = scene;
  const group =
    hit.kind === 'frame'
      ? drawn?.frames[hit.frame]
      : hit.kind === 'node' && graph.nodes[hit.node]?.kind === 'group'
        ? graph.nodes[hit.node]!.index
        : undefined;
  if (drawn && group !== undefined) {
    const { name, lines } = describeGroup(drawn.groups.list[group]!);
    return { title: name, lines, tensor: null };
  }
  if (hit.kind === 'frame') return { title: 'group', lines: [], tensor: null };
  if (hit.kind === 'edge') {
    const ends = [graph.edgeFrom[hit.edge]!, graph.edgeTo[hit.edge]!].map((v) =>
      shorten(graph.nodes[v]!.title, MAX_NAME / 2),
    );
    const bytes = bytesOfEdge(scene, hit.edge);
    return {
      title: graph.edgeLabel[hit.edge]!,
      lines: [
        ends.join(' → '),
        ...(bytes > 0 ? [formatBytes(bytes)] : []),
        ...(isThick ? [WIDTH_LEGEND] : []),
      ],
      tensor: graph.edgeTensor[hit.edge]!,
    };
  }
  const node = graph.nodes[hit.node]!;
  if (hit.subgraph !== undefined) {
    const call = node.calls?.find(({ subgraph }) => subgraph === hit.subgraph);
    return {
      title: `${call?.role ?? 'calls'}: subgraph ${hit.subgraph}`,
      lines: [shortName(call?.name ?? ''), 'Click to open it.'].filter((line) => line !== ''),
      tensor: null,
    };
  }
  const row =
    hit.tensor === null ? null : cards.card[hit.node]!.rows.find(({ tensor }) => tensor === hit.tensor);
  if (row) return { title: `${row.label} ${row.text} ${row.dtype}`, lines: [], tensor: hit.tensor };
  const lines = [
    node.name === node.title ? '' : shortName(node.name),
    node.kind === 'operator' && node.macs > 0 && node.cost !== null ? `${node.cost} MACs` : '',
    ...formatLines(node),
  ].filter((line) => line !== '');
  const title =
    node.kind === 'operator'
      ? `${node.index}: ${shortName(node.title)}${node.activation === null ? '' : ` + ${node.activation}`}`
      : `${node.kind} ${shortName(node.title)}`;
  return { title, lines, tensor: node.kind === 'operator' ? null : node.tensor };
}

/** What an operator computes in, and what is folded into it. */
function formatLines({ kind, dtype, isIsland, borders = [], folded }: ViewNode): string[] {
  if (kind !== 'operator') return [];
  const unpacking = folded.length - borders.length;
  return [
    dtype === undefined ? '' : `computes in ${dtype}${isIsland ? ', an island among integer operators' : ''}`,
    ...borders.map(({ side, kind: change, operator, name, isShared }) => {
      const title = change === 'q' ? 'QUANTIZE' : 'DEQUANTIZE';
      const named = name === '' ? '' : `, ${shortName(name)}`;
      return `${change} ${side}: ${operator}: ${title}${named}${isShared ? ', shared with others' : ''}`;
    }),
    unpacking > 0 ? `${plural(unpacking, 'that unpacks', 'that unpack')} weights folded in` : '',
  ];
}
