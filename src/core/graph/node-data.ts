/**
 * Node data of Model Explorer: one figure for each operator, and how it is coloured
 * (`NodeDataProviderGraphData` of google-ai-edge/model-explorer,
 * src/ui/src/components/visualizer/common/types.ts). Read and written; colours are CSS colours as the file says them,
 * `#aabb00` or `red`.
 */
import * as v from 'valibot';
import { ModelError } from '../errors';

/** A colour up to and with a value. */
export interface NodeDataThreshold {
  readonly value: number;
  readonly color: string;
}

/** A colour between the least (stop 0) and the greatest value (stop 1). */
export interface NodeDataStop {
  readonly stop: number;
  readonly color: string;
}

/** One metric over one graph. */
export interface NodeDataSet {
  readonly name: string;
  /** By the name of an output tensor, or the operator's index as text. */
  readonly results: ReadonlyMap<string, number>;
  /** In rising order; empty where the file gives none. What is above the last has no colour. */
  readonly thresholds: readonly NodeDataThreshold[];
  /** In rising order; empty where the file gives none. It goes before `thresholds`. */
  readonly gradient: readonly NodeDataStop[];
}

const color = v.optional(v.string());
const graphData = v.object({
  name: v.optional(v.string()),
  // Not a record: that passes over names such as "constructor", which a tensor may have.
  results: v.custom<Readonly<Record<string, unknown>>>(isObject, 'It must hold a value for each operator'),
  thresholds: v.optional(v.array(v.object({ value: v.number(), bgColor: color }))),
  gradient: v.optional(v.array(v.object({ stop: v.number(), bgColor: color }))),
});
type GraphData = v.InferOutput<typeof graphData>;

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether the content of a JSON file is node data, of one graph or of several. */
export function isNodeData(json: unknown): boolean {
  return graphsOf(json).length > 0;
}

/**
 * Reads node data from parsed JSON: the data of one graph, or of several by their ids (as in Model Explorer's
 * `{ "main": { "results": … } }`, also one level further down, by model), one set for each graph with figures.
 * Values that are no finite numbers are passed over, and so are thresholds and stops without a colour.
 * Throws `ModelError` `bad-data` where there is nothing of that kind or no figure at all.
 */
export function readNodeData(json: unknown, fileName: string): NodeDataSet[] {
  const found = graphsOf(json);
  if (found.length === 0) {
    throw new ModelError(
      'bad-data',
      `${fileName} is no node data: it has no "results" with a figure for each operator. Export one from Whittle or Model Explorer to see how it looks.`,
    );
  }
  const sets = found.map(({ id, data }) => {
    const parsed = v.safeParse(graphData, data);
    if (!parsed.success) {
      const [issue] = parsed.issues;
      throw new ModelError(
        'bad-data',
        `${fileName} is node data, but ${v.getDotPath(issue) ?? 'it'} does not fit: ${issue.message.replace(/\.$/, '')}. Correct it and import it again.`,
      );
    }
    return toSet(parsed.output, id, fileName);
  });
  const used = sets.filter(({ results }) => results.size > 0);
  if (used.length === 0) {
    throw new ModelError(
      'bad-data',
      `${fileName} is node data, but none of its values is a number. Only numbers can be shown on the graph.`,
    );
  }
  return used;
}

function toSet(data: GraphData, id: string, fileName: string): NodeDataSet {
  const results = new Map<string, number>();
  for (const [key, given] of Object.entries(data.results)) {
    const raw = isObject(given) ? given.value : given;
    const value = typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : raw;
    if (typeof value === 'number' && Number.isFinite(value)) results.set(key, value);
  }
  const plainName = fileName.replace(/\.json$/i, '');
  return {
    name: data.name ?? (id === '' ? plainName : `${plainName} ${id}`),
    results,
    thresholds: (data.thresholds ?? [])
      .flatMap(({ value, bgColor }) => (bgColor === undefined ? [] : [{ value, color: bgColor }]))
      .sort((a, b) => a.value - b.value),
    gradient: (data.gradient ?? [])
      .flatMap(({ stop, bgColor }) => (bgColor === undefined ? [] : [{ stop, color: bgColor }]))
      .sort((a, b) => a.stop - b.stop),
  };
}

/** Everything with `results` in it, two levels deep at most. */
function graphsOf(json: unknown): { readonly id: string; readonly data: unknown }[] {
  const found: { readonly id: string; readonly data: unknown }[] = [];
  const look = (value: unknown, id: string, depth: number) => {
    if (!isObject(value)) return;
    if (isObject(value.results)) {
      found.push({ id, data: value });
    } else if (depth < 2) {
      for (const [key, child] of Object.entries(value)) look(child, key, depth + 1);
    }
  };
  look(json, '', 0);
  return found;
}

/**
 * Figures by operator: a key is an operator's index as text, else the name of one of its outputs. A name that several
 * operators write counts for the first; an index goes before a name.
 */
export function figuresByOperator(
  { results }: NodeDataSet,
  outputNames: readonly (readonly string[])[],
): ReadonlyMap<number, number> {
  const operatorOf = new Map<string, number>();
  outputNames.forEach((names, i) => {
    for (const name of names) if (!operatorOf.has(name)) operatorOf.set(name, i);
  });
  const figures = new Map<number, number>();
  const byIndex: [number, number][] = [];
  for (const [key, value] of results) {
    if (isIndex(key) && Number(key) < outputNames.length) byIndex.push([Number(key), value]);
    else if (operatorOf.has(key)) figures.set(operatorOf.get(key)!, value);
  }
  for (const [operator, value] of byIndex) figures.set(operator, value);
  return figures;
}

function isIndex(key: string): boolean {
  return /^(0|[1-9]\d*)$/.test(key);
}

/**
 * Node data as Model Explorer reads them: a figure for each operator, by the name of its first output where no other
 * operator has that name, else by its index. Figures that are not finite are left out (JSON has no infinity).
 */
export function writeNodeData(
  name: string,
  values: ReadonlyMap<number, number>,
  outputNames: readonly (readonly string[])[],
  colors: Partial<Pick<NodeDataSet, 'thresholds' | 'gradient'>>,
): object {
  const uses = new Map<string, number>();
  for (const names of outputNames) {
    for (const output of new Set(names)) uses.set(output, (uses.get(output) ?? 0) + 1);
  }
  const results = new Map<string, { readonly value: number }>();
  for (const [operator, value] of [...values].sort((a, b) => a[0] - b[0])) {
    if (!Number.isFinite(value)) continue;
    const output = outputNames[operator]?.[0];
    // A name that is a number would be taken for an index.
    const isUsable = output !== undefined && uses.get(output) === 1 && !isIndex(output);
    results.set(isUsable && output !== '__proto__' ? output : String(operator), { value });
  }
  const { thresholds = [], gradient = [] } = colors;
  return {
    name,
    results: Object.fromEntries(results),
    ...(thresholds.length === 0
      ? {}
      : { thresholds: thresholds.map(({ value, color: bgColor }) => ({ value, bgColor })) }),
    ...(gradient.length === 0
      ? {}
      : { gradient: gradient.map(({ stop, color: bgColor }) => ({ stop, bgColor })) }),
  };
}
