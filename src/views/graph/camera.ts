import { interpolateNumber, select, zoom, zoomIdentity, type ZoomTransform } from 'd3';
import type { Box } from './scene';

/** Where the view stands: screen = scene · k + (x, y). */
export type View = Pick<ZoomTransform, 'x' | 'y' | 'k'>;

export interface Camera {
  readonly view: View;
  /** Where a move that is under way will end; the view when none is. */
  readonly goal: View;
  /** Shows a box whole, not larger than at zoom 1. */
  fit(box: Box, animated: boolean): void;
  /** True where the view, or the one that a move leads to, is the one that `fit` gives, within a pixel. */
  isFitted(box: Box): boolean;
  /** Brings a box into the middle, or only into view when `gently`. Keeps the zoom unless it is too small to read. */
  show(box: Box, animated: boolean, gently: boolean): void;
  /** Brings the left upper corner of a box into view if it is not; the zoom stays. */
  showCorner(box: Box, animated: boolean): void;
  zoomBy(factor: number): void;
  /** Moves the window by parts of its width and height. */
  panBy(x: number, y: number): void;
  zoomTo(k: number): void;
  set(view: View): void;
  destroy(): void;
}

const MAX_ZOOM = 3;
/** Room left beside a fitted box, in screen pixels. */
export const MARGIN = 32;
/** Room left above and below it, for the legend and the tools that lie there. */
export const MARGIN_ALONG = 56;
const DURATION_MS = 160;
/** Wheel steps of at least this many pixels come from a mouse; a pinch on a trackpad gives smaller ones. */
const MOUSE_STEP = 50;
/** Smallest zoom at which `show` leaves things as they are. */
const READABLE = 0.5;

/**
 * Wheel, pinch and drag on a canvas move the view (d3-zoom); a wheel that is turned sideways, or with Shift, moves it
 * sideways. `bounds` gives the scene's box, which the view never loses from sight, `roomAlong` the pixels to leave above and
 * below what is brought into view; `onchange` is called for every change.
 */
export function createCamera(
  canvas: HTMLCanvasElement,
  bounds: () => Box,
  roomAlong: () => number,
  onchange: (view: View) => void,
): Camera {
  const selection = select(canvas);
  let view: View = { x: 0, y: 0, k: 1 };
  let goal: View | null = null;
  const behavior = zoom<HTMLCanvasElement, unknown>()
    .clickDistance(4)
    .extent(() => [
      [0, 0],
      [canvas.clientWidth, canvas.clientHeight],
    ])
    .interpolate(straightPath)
    .filter(
      (event: MouseEvent) =>
        !event.button && (event instanceof WheelEvent ? !isSideways(event) : !event.ctrlKey),
    )
    .wheelDelta(zoomOfWheel)
    .on('zoom', (event: { readonly transform: ZoomTransform }) => {
      const { x, y, k } = event.transform;
      view = { x, y, k };
      onchange(view);
    });
  selection
    .call(behavior)
    .on('dblclick.zoom', null)
    .on(
      'wheel.sideways',
      (event: WheelEvent) => {
        if (!isSideways(event)) return;
        event.preventDefault();
        limit();
        selection.interrupt().call(behavior.translateBy.bind(behavior), -event.deltaX / view.k, 0);
      },
      { passive: false },
    );

  /** The smallest zoom shows everything, and the scene cannot leave the window. */
  function limit(): void {
    const { left, top, right, bottom } = bounds();
    const least = Math.min(1, fitting({ left, top, right, bottom }).k) * 0.8;
    const [roomX, roomY] = [canvas.clientWidth / least, canvas.clientHeight / least];
    behavior.scaleExtent([least, MAX_ZOOM]).translateExtent([
      [left - roomX, top - roomY],
      [right + roomX, bottom + roomY],
    ]);
  }

  function fitting({ left, top, right, bottom }: Box): View {
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    const k = Math.min(
      1,
      Math.max(1, width - 2 * MARGIN) / Math.max(1, right - left),
      Math.max(1, height - 2 * roomAlong()) / Math.max(1, bottom - top),
    );
    return { k, x: width / 2 - (k * (left + right)) / 2, y: height / 2 - (k * (top + bottom)) / 2 };
  }

  function move(to: View, animated: boolean): void {
    limit();
    const transform = zoomIdentity.translate(to.x, to.y).scale(to.k);
    const still = !animated || matchMedia('(prefers-reduced-motion: reduce)').matches;
    if (still) selection.interrupt().call(behavior.transform.bind(behavior), transform);
    else {
      selection
        .interrupt()
        .transition()
        .duration(DURATION_MS)
        .on('end.goal interrupt.goal cancel.goal', () => (goal = null))
        .call(behavior.transform.bind(behavior), transform);
      goal = to;
    }
  }

  return {
    get view() {
      return view;
    },
    get goal() {
      return goal ?? view;
    },
    fit: (box, animated) => move(fitting(box), animated),
    isFitted(box) {
      const [fit, now] = [fitting(box), goal ?? view];
      return (
        Math.abs(fit.k / now.k - 1) < 0.01 && Math.abs(fit.x - now.x) <= 1 && Math.abs(fit.y - now.y) <= 1
      );
    },
    show(box, animated, gently) {
      const [width, height] = [canvas.clientWidth, canvas.clientHeight];
      const from = goal ?? view;
      const k = from.k >= READABLE ? from.k : 1;
      const isInside =
        box.left * k + from.x >= MARGIN &&
        box.right * k + from.x <= width - MARGIN &&
        box.top * k + from.y >= roomAlong() &&
        box.bottom * k + from.y <= height - roomAlong();
      if (gently && isInside && k === from.k) return;
      const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
      move({ k, x: width / 2 - k * x, y: height / 2 - k * y }, animated);
    },
    showCorner({ left, top, right, bottom }, animated) {
      const [width, height] = [canvas.clientWidth, canvas.clientHeight];
      const { x, y, k } = goal ?? view;
      // Of a box that is larger than the window the corner counts.
      const [spanX, spanY] = [
        Math.min((right - left) * k, width / 2),
        Math.min((bottom - top) * k, height / 2),
      ];
      const toX = Math.max(MARGIN, Math.min(width - MARGIN - spanX, left * k + x));
      const toY = Math.max(MARGIN, Math.min(height - roomAlong() - spanY, top * k + y));
      if (toX !== left * k + x || toY !== top * k + y)
        move({ k, x: toX - left * k, y: toY - top * k }, animated);
    },
    zoomBy(factor) {
      limit();
      const from = goal ?? view;
      const [least, most] = behavior.scaleExtent();
      const k = Math.min(most, Math.max(least, from.k * factor));
      const [width, height] = [canvas.clientWidth, canvas.clientHeight];
      // What is in the middle stays there.
      const x = width / 2 - (k * (width / 2 - from.x)) / from.k;
      const y = height / 2 - (k * (height / 2 - from.y)) / from.k;
      const transform = zoomIdentity.translate(x, y).scale(k);
      const window: [[number, number], [number, number]] = [
        [0, 0],
        [width, height],
      ];
      move(behavior.constrain()(transform, window, behavior.translateExtent()), true);
    },
    panBy(x, y) {
      limit();
      const from = goal ?? view;
      const [width, height] = [canvas.clientWidth, canvas.clientHeight];
      const transform = zoomIdentity.translate(from.x - x * width, from.y - y * height).scale(from.k);
      const window: [[number, number], [number, number]] = [
        [0, 0],
        [width, height],
      ];
      move(behavior.constrain()(transform, window, behavior.translateExtent()), true);
    },
    zoomTo(k) {
      limit();
      behavior.scaleTo(selection, k);
    },
    set: (to) => move(to, false),
    destroy: () => selection.interrupt().on('.zoom', null).on('.sideways', null),
  };
}

const isSideways = (event: WheelEvent) => !event.ctrlKey && Math.abs(event.deltaX) > Math.abs(event.deltaY);

/** Doublings of the zoom for a turn of the wheel: as in d3, but Ctrl makes only the small steps of a pinch ten times larger. */
function zoomOfWheel(event: WheelEvent): number {
  const unit = event.deltaMode === 1 ? 0.05 : event.deltaMode === 0 ? 0.002 : 1;
  const isPinch = event.ctrlKey && event.deltaMode === 0 && Math.abs(event.deltaY) < MOUSE_STEP;
  return -event.deltaY * unit * (isPinch ? 10 : 1);
}

type ZoomView = [number, number, number];

/** Moves the middle and the zoom evenly; d3's own path flies out and back, too much for a short move. */
function straightPath(from: ZoomView, to: ZoomView): (t: number) => ZoomView {
  const x = interpolateNumber(from[0], to[0]);
  const y = interpolateNumber(from[1], to[1]);
  const size = interpolateNumber(from[2], to[2]);
  return (t) => [x(t), y(t), size(t)];
}
