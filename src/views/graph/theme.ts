import type { Category } from '../../core/ops/spec';

/** The page's colours and fonts as plain values for the canvas. */
export interface Theme {
  readonly background: string;
  readonly panel: string;
  readonly sunk: string;
  readonly line: string;
  readonly border: string;
  /** Edges of the graph. */
  readonly edge: string;
  readonly ink: string;
  readonly inkSoft: string;
  readonly inkFaint: string;
  readonly accent: string;
  readonly accentSoft: string;
  readonly activation: string;
  readonly bad: string;
  readonly category: Readonly<Record<Category, string>>;
  readonly font: string;
  readonly mono: string;
}

/** CSS variable that colours each category. */
export const categoryVariables: Readonly<Record<Category, string>> = {
  convolution: '--conv',
  dense: '--fc',
  activation: '--act',
  pooling: '--pool',
  arithmetic: '--arith',
  shape: '--shape',
  normalization: '--norm',
  quantization: '--quant',
  recurrent: '--fc',
  control: '--other',
  other: '--other',
};

/** Reads the CSS variables that hold at `element`. */
export function readTheme(element: Element): Theme {
  const style = getComputedStyle(element);
  const read = (name: string, otherwise = '#808080') => style.getPropertyValue(name).trim() || otherwise;
  const category = Object.fromEntries(
    Object.entries(categoryVariables).map(([name, variable]) => [name, read(variable)]),
  ) as Record<Category, string>;
  return {
    background: read('--bg', '#ffffff'),
    panel: read('--panel', '#ffffff'),
    sunk: read('--sunk', '#f0f0f0'),
    line: read('--line'),
    border: read('--line2'),
    edge: read('--edge'),
    ink: read('--ink', '#000000'),
    inkSoft: read('--ink2'),
    inkFaint: read('--ink3'),
    accent: read('--accent'),
    accentSoft: read('--accent-soft', '#f0f0f0'),
    activation: read('--act'),
    bad: read('--bad'),
    category,
    font: read('--font', 'sans-serif'),
    mono: read('--mono', 'monospace'),
  };
}

/** Calls back when the page's scheme changes. Returns a function that stops watching. */
export function watchTheme(onchange: () => void): () => void {
  const observer = new MutationObserver(onchange);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'class'] });
  return () => observer.disconnect();
}
