/** What every chart gives its frame, and how a chart leaves the page: as CSV text or as an SVG file. */
import { toCsv } from '../table-text';

/** The figures behind a chart. */
export interface ChartTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** `before` is grey and `after` the accent in every chart; `good` and `bad` carry a judgement. */
export type Tone = 'before' | 'after' | 'good' | 'bad';

export interface LegendEntry {
  readonly label: string;
  readonly tone: Tone;
}

/** The figures as CSV, unrounded. */
export function chartCsv(table: ChartTable): string {
  return toCsv({ header: table.columns, rows: table.rows.map((row) => row.map(String)) });
}

/** Shortens a text to `length` characters from the front: the end of a layer's name tells it apart. */
export function keepEnd(text: string, length: number): string {
  return text.length <= length ? text : `…${text.slice(text.length - Math.max(1, length - 1))}`;
}

/**
 * A heading with its figure in `length` characters: the label gives way at its end, `DEPTHWISE… 3.25 KiB`, and then the
 * figure. Empty where not even the beginning of the label has room.
 */
export function headingOf(label: string, figure: string, length: number): string {
  const cut = (room: number) => (label.length <= room ? label : `${label.slice(0, room - 1)}…`);
  const room = length - figure.length - 1;
  if (room >= Math.min(label.length, 4)) return `${cut(room)} ${figure}`;
  return length >= 3 ? cut(length) : '';
}

const painted = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
  'dominant-baseline',
] as const;

/**
 * A drawing as a file of its own: colours and type, which on the page come from style sheets, are written into it.
 * The page's colour scheme is kept, with the panel colour as the ground.
 */
export function svgSource(svg: SVGSVGElement, ground: string): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const from = [svg, ...svg.querySelectorAll('*')];
  const to = [copy, ...copy.querySelectorAll('*')];
  from.forEach((element, i) => {
    const style = getComputedStyle(element);
    const target = to[i]!;
    target.removeAttribute('class');
    target.removeAttribute('style');
    for (const property of painted) target.setAttribute(property, style.getPropertyValue(property));
  });
  const { width, height } = svg.getBoundingClientRect();
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('viewBox', `0 0 ${width} ${height}`);
  copy.setAttribute('style', `background:${ground}`);
  return new XMLSerializer().serializeToString(copy);
}

/** Offers bytes or text to the user as a download. */
export function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser takes the file after the click has been handled.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A file name from a title: `Bytes by layer` gives `bytes-by-layer`. */
export function fileStem(title: string): string {
  return (
    title
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'chart'
  );
}
