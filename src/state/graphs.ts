/** Graphs that were shown, kept on the page for a while. */
import type { ViewGraph } from '../core/graph/types';
import type { Services } from './services';

/** A graph is asked for anew when it was dropped. */
const kept = 8;

export class Graphs {
  #parse: Services['parse'];
  #graphs = new Map<string, Promise<ViewGraph>>();

  constructor(parse: Services['parse']) {
    this.#parse = parse;
  }

  load(id: string, subgraph: number, folded: boolean): Promise<ViewGraph> {
    const key = `${id}/${subgraph}/${folded}`;
    const known = this.#graphs.get(key);
    if (known) return known;
    const graph = this.#parse.viewGraph(id, subgraph, null, folded);
    graph.catch(() => this.#graphs.delete(key));
    this.#graphs.set(key, graph);
    const oldest = this.#graphs.keys().next().value;
    if (this.#graphs.size > kept && oldest !== undefined) this.#graphs.delete(oldest);
    return graph;
  }

  /** Drops the graphs of a model that was closed. */
  forget(id: string): void {
    for (const key of [...this.#graphs.keys()]) if (key.startsWith(`${id}/`)) this.#graphs.delete(key);
  }
}
