/** Painting of small pictures on a canvas, in the colours of the page. */

export type Color = readonly [red: number, green: number, blue: number];

/** A colour variable of the page at `element` as numbers from 0 to 255: `#rrggbb` or `#rgb`, anything else is grey. */
export function readColor(element: Element, variable: string): Color {
  const text = getComputedStyle(element).getPropertyValue(variable).trim();
  const digits = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text)?.[1];
  if (digits === undefined) return [128, 128, 128];
  const [red, green, blue] = (digits.length === 3 ? digits.replace(/./g, '$&$&') : digits).match(/../g)!;
  return [parseInt(red, 16), parseInt(green!, 16), parseInt(blue!, 16)];
}

/** The colour at `share` (0 to 1) on the way from one colour to another. */
export function mixColors(from: Color, to: Color, share: number): Color {
  const part = Math.min(1, Math.max(0, share));
  const mix = (i: 0 | 1 | 2) => Math.round(from[i] + (to[i] - from[i]) * part);
  return [mix(0), mix(1), mix(2)];
}

/** Calls `paint` now and whenever the colour scheme of the page changes. Returns a function that ends it. */
export function paintByTheme(paint: () => void): () => void {
  paint();
  const observer = new MutationObserver(paint);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => observer.disconnect();
}
