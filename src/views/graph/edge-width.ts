/** How thick an edge is for the bytes that it carries. */
import { formatBytes } from '../../core/format';
import type { Scene } from './scene';

const THINNEST = 1;
const THICKEST = 8;
/** Bytes of the thinnest edge; each doubling adds half a pixel. */
const LEAST_BYTES = 256;
const STEP = 0.5;

/** CSS pixels at zoom 1, from 1 (256 bytes or less) to 8 (4 MiB or more), in steps of half a pixel. */
export function widthOfBytes(bytes: number): number {
  const doublings = Math.max(0, Math.log2(Math.max(1, bytes) / LEAST_BYTES));
  return Math.min(THICKEST, THINNEST + STEP * Math.round(doublings));
}

/** Bytes of the tensor on edge e; 0 where they are not known. */
export function bytesOfEdge({ graph, drawn }: Scene, e: number): number {
  return (drawn?.whole ?? graph).tensorBytes?.[graph.edgeTensor[e]!] ?? 0;
}

/** The scale in words. */
export const WIDTH_LEGEND = `Thickness: ${THINNEST} px up to ${formatBytes(LEAST_BYTES)}, half a pixel more for each doubling, ${THICKEST} px from ${formatBytes(LEAST_BYTES * 2 ** ((THICKEST - THINNEST) / STEP))}`;
