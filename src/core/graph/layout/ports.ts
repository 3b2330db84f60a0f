/** Where edges leave their node: one port per output, spread along the side where the node ends. */
import type { LayoutRequest } from './types';

const LABEL_INSET = 8;
const PORT_MARGIN = 16;

export interface Ports {
  /** Offset of the port of edge e from its node's centre, across the ranks. */
  readonly offset: Float64Array;
  /** Room that labels need to the right of the node's centre (0 where they fit under the node). */
  readonly labelReach: Float64Array;
  /** Along the ranks: the longest label that leaves each node. */
  readonly labelLength: Float64Array;
}

/** Spreads the ports of every node. `edges` come sorted by nothing in particular; ports count up by number. */
export function placePorts(request: LayoutRequest): Ports {
  const { direction, edgeFrom, edgePort, labelWidths } = request;
  const breadth = direction === 'down' ? request.widths : request.heights;
  const count = breadth.length;
  const byNode = new Map<number, Map<number, number>>();
  const labelReach = new Float64Array(count);
  const labelLength = new Float64Array(count);
  for (let e = 0; e < edgeFrom.length; e++) {
    const v = edgeFrom[e]!;
    const label = labelWidths[e]!;
    let ports = byNode.get(v);
    if (!ports) byNode.set(v, (ports = new Map<number, number>()));
    ports.set(edgePort[e]!, Math.max(ports.get(edgePort[e]!) ?? 0, label));
    labelLength[v] = Math.max(labelLength[v]!, label);
  }
  const offset = new Float64Array(edgeFrom.length);
  for (let e = 0; e < edgeFrom.length; e++) {
    const v = edgeFrom[e]!;
    const ports = byNode.get(v)!;
    if (ports.size > 1) {
      const numbers = [...ports.keys()].sort((a, b) => a - b);
      const spacing = Math.max(0, breadth[v]! - 2 * PORT_MARGIN) / ports.size;
      offset[e] = (numbers.indexOf(edgePort[e]!) - (ports.size - 1) / 2) * spacing;
    } else if (direction === 'down' && labelWidths[e]! > 0) {
      labelReach[v] = LABEL_INSET + labelWidths[e]!;
    }
  }
  return { offset, labelReach, labelLength };
}
