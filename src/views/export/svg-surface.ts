/** Writes what is painted as SVG: shapes as paths, text as text, colours and fonts in place. */
import type { Surface } from '../graph/surface';

type Paint = Surface['fillStyle'];

const PARTS_IN_CHUNK = 1024;

interface State {
  readonly clips: number;
  readonly alpha: number;
}

/** Takes the calls of a canvas that painting uses; `source` gives the file. Lengths are CSS pixels. */
export class SvgSurface implements Surface {
  fillStyle: Paint = '#000';
  strokeStyle: Paint = '#000';
  lineWidth = 1;
  lineJoin: CanvasLineJoin = 'miter';
  globalAlpha = 1;
  font = '12px sans-serif';
  textAlign: CanvasTextAlign = 'left';
  textBaseline: CanvasTextBaseline = 'alphabetic';
  #parts: string[] = [];
  /** Earlier parts: millions of short strings would take long to make a file of. */
  readonly #chunks: string[] = [];
  readonly #states: State[] = [];
  readonly #measure: (text: string, font: string) => TextMetrics;
  #path = '';
  #clips = 0;
  #clipCount = 0;
  #isTransformed = false;

  constructor(measure: (text: string, font: string) => TextMetrics) {
    this.#measure = measure;
  }

  /** The picture as the parts of a file of this size, over a ground of this colour. */
  source(width: number, height: number, ground: string): string[] {
    this.#endTransform();
    this.#gather();
    const size = `width="${round(width)}" height="${round(height)}"`;
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 ${round(width)} ${round(height)}">`,
      `<rect ${size} fill="${escape(ground)}"/>`,
      ...this.#chunks,
      '</svg>\n',
    ].map((part, i) => (i === 0 ? part : `\n${part}`));
  }

  setTransform(a: number, b: number, c: number, d: number, e: number, f: number): void {
    this.#endTransform();
    if (a === 1 && b === 0 && c === 0 && d === 1 && e === 0 && f === 0) return;
    this.#parts.push(`<g transform="matrix(${[a, b, c, d, e, f].map(exact).join(' ')})">`);
    this.#isTransformed = true;
  }
  #endTransform(): void {
    if (this.#isTransformed) this.#parts.push('</g>');
    this.#isTransformed = false;
  }

  save(): void {
    this.#states.push({ clips: this.#clips, alpha: this.globalAlpha });
  }
  restore(): void {
    const state = this.#states.pop();
    if (!state) return;
    for (; this.#clips > state.clips; this.#clips--) this.#parts.push('</g>');
    this.globalAlpha = state.alpha;
  }
  clip(): void {
    const id = `clip${this.#clipCount++}`;
    this.#parts.push(`<clipPath id="${id}"><path d="${this.#path}"/></clipPath><g clip-path="url(#${id})">`);
    this.#clips += 1;
  }

  beginPath(): void {
    this.#path = '';
  }
  moveTo(x: number, y: number): void {
    this.#path += `M${point(x, y)}`;
  }
  lineTo(x: number, y: number): void {
    this.#path += `L${point(x, y)}`;
  }
  bezierCurveTo(x1: number, y1: number, x2: number, y2: number, x: number, y: number): void {
    this.#path += `C${point(x1, y1)} ${point(x2, y2)} ${point(x, y)}`;
  }
  rect(x: number, y: number, width: number, height: number): void {
    this.#path += `M${point(x, y)}h${round(width)}v${round(height)}h${round(-width)}Z`;
  }
  /** Radii as of a canvas: one for all corners, or one for each from the top left on. */
  roundRect(
    x: number,
    y: number,
    width: number,
    height: number,
    radii: number | DOMPointInit | Iterable<number | DOMPointInit> = 0,
  ): void {
    const given = typeof radii === 'object' && Symbol.iterator in radii ? [...radii] : [radii];
    const most = Math.min(width, height) / 2;
    const [a, b, c, d] = [0, 1, 2, 3].map((corner) => {
      const radius = given[corner % given.length];
      return Math.min(most, typeof radius === 'number' ? radius : (radius?.x ?? 0));
    }) as [number, number, number, number];
    const arc = (radius: number, dx: number, dy: number) =>
      radius === 0 ? '' : `a${round(radius)} ${round(radius)} 0 0 1 ${point(dx, dy)}`;
    this.#path +=
      `M${point(x + a, y)}h${round(width - a - b)}${arc(b, b, b)}v${round(height - b - c)}${arc(c, -c, c)}` +
      `h${round(-(width - c - d))}${arc(d, -d, -d)}v${round(-(height - d - a))}${arc(a, a, -a)}Z`;
  }

  fill(): void {
    if (this.#path !== '') this.#add(`<path d="${this.#path}" fill="${this.#color(this.fillStyle)}"`);
  }
  stroke(): void {
    if (this.#path !== '') this.#add(`<path d="${this.#path}" fill="none" ${this.#pen()}`);
  }
  fillRect(x: number, y: number, width: number, height: number): void {
    this.#add(`<rect ${box(x, y, width, height)} fill="${this.#color(this.fillStyle)}"`);
  }
  strokeRect(x: number, y: number, width: number, height: number): void {
    this.#add(`<rect ${box(x, y, width, height)} fill="none" ${this.#pen()}`);
  }
  /** A file begins empty. */
  clearRect(): void {
    return;
  }

  fillText(text: string, x: number, y: number): void {
    this.#text(text, x, y, `fill="${this.#color(this.fillStyle)}"`);
  }
  strokeText(text: string, x: number, y: number): void {
    // A halo behind words is no text of its own: readers and searches would meet it twice.
    this.#text(text, x, y, `fill="none" ${this.#pen()} aria-hidden="true"`);
  }
  measureText(text: string): TextMetrics {
    return this.#measure(text, this.font);
  }

  #text(text: string, x: number, y: number, paint: string): void {
    const anchor = { left: 'start', start: 'start', center: 'middle', right: 'end', end: 'end' }[
      this.textAlign
    ];
    const baseline = this.textBaseline === 'middle' ? ' dominant-baseline="central"' : '';
    const [, weight = '400', size = '12', family = 'sans-serif'] = FONT.exec(this.font) ?? [];
    const font = `font-family="${escape(family)}" font-size="${size}" font-weight="${weight}"`;
    this.#add(
      `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"${baseline} ${font} ${paint}`,
      escape(text),
    );
  }
  #gather(): void {
    if (this.#parts.length > 0) this.#chunks.push(this.#parts.join('\n'));
    this.#parts = [];
  }
  #pen(): string {
    return `stroke="${this.#color(this.strokeStyle)}" stroke-width="${round(this.lineWidth)}" stroke-linejoin="${this.lineJoin}"`;
  }
  #color(paint: Paint): string {
    return typeof paint === 'string' ? escape(paint) : 'none';
  }
  #add(start: string, content: string | null = null): void {
    const alpha = this.globalAlpha === 1 ? '' : ` opacity="${round(this.globalAlpha)}"`;
    const tag = /^<(\w+)/.exec(start)![1]!;
    this.#parts.push(content === null ? `${start}${alpha}/>` : `${start}${alpha}>${content}</${tag}>`);
    if (this.#parts.length >= PARTS_IN_CHUNK) this.#gather();
  }
}

/** `600 12px system-ui, sans-serif`, as the cards ask for. */
const FONT = /^(\d+) ([\d.]+)px (.+)$/;

const round = (value: number) => String(Math.round(value * 100) / 100);
const exact = (value: number) => String(Math.round(value * 1e6) / 1e6);
const point = (x: number, y: number) => `${round(x)} ${round(y)}`;
const box = (x: number, y: number, width: number, height: number) =>
  `x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"`;

/** Text for XML; characters that XML does not have are left out. */
function escape(text: string): string {
  return (
    text
      // eslint-disable-next-line no-control-regex
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  );
}
