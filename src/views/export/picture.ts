/** The graph as a file: what is in view, or all of it. */
import type { View } from '../graph/camera';
import { finish, type Steps } from '../../core/steps';
import { type Marks, paintSteps } from '../graph/paint';
import type { Scene } from '../graph/scene';
import type { Theme } from '../graph/theme';
import { SvgSurface } from './svg-surface';

/** What is painted, and how large: CSS pixels. */
export interface PictureArea {
  readonly view: View;
  readonly width: number;
  readonly height: number;
}

export interface Subject {
  readonly scene: Scene;
  readonly theme: Theme;
  readonly marks: Marks;
}

const MARGIN = 32;
/** Sides and pixels that every browser's canvas takes. */
const LONGEST_SIDE = 16_384;
const MOST_PIXELS = 128e6;
const LARGEST_SCALE = 4;

/** Parts of text that become bytes at a time. */
const PARTS_AT_ONCE = 16;

/** A file of text, made in steps. */
export function* fileSteps(parts: readonly string[], type: string): Steps<Blob> {
  const pieces: Blob[] = [];
  for (let i = 0; i < parts.length; i += PARTS_AT_ONCE) {
    pieces.push(new Blob(parts.slice(i, i + PARTS_AT_ONCE)));
    yield i / parts.length;
  }
  return new Blob(pieces, { type });
}

/** All of a graph at zoom 1. */
export function wholeArea({ bounds }: Scene): PictureArea {
  return {
    view: { k: 1, x: MARGIN - bounds.left, y: MARGIN - bounds.top },
    width: bounds.right - bounds.left + 2 * MARGIN,
    height: bounds.bottom - bounds.top + 2 * MARGIN,
  };
}

/** The picture as a vector file. */
export function pictureSvg(subject: Subject, area: PictureArea): string {
  return finish(svgSteps(subject, area)).join('');
}

/** `pictureSvg` in steps: the parts of the file. */
export function* svgSteps(
  { scene, theme, marks }: Subject,
  { view, width, height }: PictureArea,
): Steps<string[]> {
  const context = document.createElement('canvas').getContext('2d')!;
  const surface = new SvgSurface((text, font) => {
    context.font = font;
    return context.measureText(text);
  });
  yield* paintSteps(surface, scene, view, { width, height, ratio: 1 }, theme, marks);
  return surface.source(width, height, theme.background);
}

/** The largest scale up to `wanted` (pixels for each CSS pixel) at which a picture of this size can be made. */
export function largestScale(
  { width, height }: Pick<PictureArea, 'width' | 'height'>,
  wanted: number,
): number {
  return Math.min(wanted, LONGEST_SIDE / Math.max(width, height), Math.sqrt(MOST_PIXELS / (width * height)));
}

/** Scales from 1 to 4 at which a PNG of this size can be made; the largest possible one where not even 1 is. */
export function scaleChoices(area: Pick<PictureArea, 'width' | 'height'>): number[] {
  const largest = largestScale(area, LARGEST_SCALE);
  const whole = [1, 2, 3, 4].filter((scale) => scale <= largest);
  return whole.length > 0 ? whole : [largest];
}

/** Whole pixels of a PNG. */
export function pixelSize({ width, height }: Pick<PictureArea, 'width' | 'height'>, scale: number) {
  return { width: Math.max(1, Math.floor(width * scale)), height: Math.max(1, Math.floor(height * scale)) };
}

/** The picture as pixels, `scale` for each CSS pixel (`largestScale`), painted in steps. */
export function* pngSteps(
  { scene, theme, marks }: Subject,
  { view, width, height }: PictureArea,
  scale: number,
): Steps<HTMLCanvasElement> {
  const canvas = document.createElement('canvas');
  const pixels = pixelSize({ width, height }, scale);
  canvas.width = pixels.width;
  canvas.height = pixels.height;
  const context = canvas.getContext('2d')!;
  yield* paintSteps(context, scene, view, { width, height, ratio: scale }, theme, marks);
  // Painted under what is there: the ground of the page.
  context.globalCompositeOperation = 'destination-over';
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = theme.background;
  context.fillRect(0, 0, canvas.width, canvas.height);
  return canvas;
}

/**
 * What is on a canvas as a PNG file.
 * @throws Error when the browser has no memory for it
 */
export async function pngOf(canvas: HTMLCanvasElement): Promise<Blob> {
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (!blob)
    throw new Error('The browser has no room for a picture of this size. Export the view, or an SVG.');
  return blob;
}
