import { createCamera, type Camera, type View } from './camera';
import { hitScene, type Hit } from './hit';
import { heatOf, type Overlay } from './overlay';
import { paintScene, type Marks } from './paint';
import type { PictureArea, Subject } from '../export/picture';
import { nodeBox, type Box, type Scene } from './scene';
import { nodeOf, nodesToShow, selectionOf, type Selection } from './selection';
import { readTheme, watchTheme, type Theme } from './theme';
import { stepOf, walk } from './walk';

export interface CanvasEvents {
  readonly onselect: (selection: Selection | null) => void;
  /** The view or the size of the canvas changed. */
  readonly onview: (view: View, width: number, height: number) => void;
  readonly ontheme: (theme: Theme) => void;
  /** What the pointer is over, and where on the canvas; null for nothing. */
  readonly onhover: (hit: Hit | null, x: number, y: number) => void;
}

/** How near to an edge, in screen pixels, a pointer hits it. */
const EDGE_REACH = 6;
/** Zoom at which a picture opens when it does not fit whole. */
const OPENING_ZOOM = 0.85;
const OPENING_MARGIN = 28;
const SMALLEST_FIT = 0.6;
/** A new picture in the place of an old one comes up in this time. */
const FADE_MS = 140;

/** Last view of each picture of this session, so that coming back to a model finds it as it was left. */
const remembered = new Map<
  string,
  { readonly view: View; readonly width: number; readonly height: number }
>();

/** The canvas of a graph view: paints the scene, moves the camera, turns pointer and keys into selections. */
export class GraphCanvas {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #events: CanvasEvents;
  readonly #camera: Camera;
  readonly #stop = new AbortController();
  readonly #sizes: ResizeObserver;
  readonly #unwatchTheme: () => void;
  #theme: Theme;
  #scene: Scene | null = null;
  #key = '';
  #selection: Selection | null = null;
  #marks: Marks = { node: -1, tensor: -1, hoverNode: -1, hoverEdge: -1, heat: null };
  #overlay: Overlay | null = null;
  #frame = 0;
  #cameFrom = -1;
  /** Waits for a size before the first view can be chosen. */
  #needsView = false;
  /** Size that the view was last chosen for. */
  #size = { width: 0, height: 0 };

  constructor(canvas: HTMLCanvasElement, events: CanvasEvents) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d')!;
    this.#events = events;
    this.#theme = readTheme(canvas);
    this.#camera = createCamera(
      canvas,
      () => this.#scene?.bounds ?? { left: 0, top: 0, right: 1, bottom: 1 },
      (view) => this.#viewChanged(view),
    );
    this.#sizes = new ResizeObserver(() => this.#resized());
    this.#sizes.observe(canvas);
    this.#unwatchTheme = watchTheme(() => this.refreshTheme());
    const { signal } = this.#stop;
    canvas.addEventListener('click', (event) => this.#clicked(event), { signal });
    canvas.addEventListener('dblclick', () => this.centreSelection(), { signal });
    canvas.addEventListener('pointermove', (event) => this.#hovered(event), { signal });
    canvas.addEventListener('pointerleave', () => this.#hover(null, 0, 0), { signal });
    canvas.addEventListener('pointerdown', () => events.onhover(null, 0, 0), { signal });
    canvas.addEventListener('keydown', (event) => this.#keyPressed(event), { signal });
  }

  get theme(): Theme {
    return this.#theme;
  }

  /**
   * Shows a scene. With the key of the one before (a variant of the same model) what is in the middle stays there;
   * a key seen before gets its view back; a new one opens at its top.
   */
  setScene(scene: Scene | null, key: string): void {
    const before = this.#scene;
    const sameKey = key === this.#key;
    this.#scene = scene;
    this.#key = key;
    this.#hover(null, 0, 0);
    this.select(this.#selection, false);
    this.setOverlay(this.#overlay);
    this.#redraw();
    if (!scene) return;
    if (before && sameKey) {
      this.#keepMiddle(before, scene);
      this.#fadeIn();
    } else if (this.#canvas.clientWidth === 0) this.#needsView = true;
    else this.#open(scene);
  }

  /** Marks a selection; `reveal` brings it into view if it is not. */
  select(selection: Selection | null, reveal: boolean): void {
    this.#selection = selection;
    const scene = this.#scene;
    this.#mark({
      node: scene ? nodeOf(scene.graph, selection) : -1,
      tensor: selection?.kind === 'tensor' ? selection.index : -1,
    });
    if (reveal && scene && selection) this.#show(scene, selection, true);
  }

  /** Colours operators by a figure; null: by category. */
  setOverlay(overlay: Overlay | null): void {
    this.#overlay = overlay;
    this.#mark({ heat: this.#scene && overlay ? heatOf(this.#scene.graph, overlay) : null });
  }

  /** What is painted now, for an export; null while nothing is. */
  get picture(): (Subject & { readonly inView: PictureArea }) | null {
    const scene = this.#scene;
    if (!scene) return null;
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const marks = { ...this.#marks, hoverNode: -1, hoverEdge: -1 };
    return { scene, theme: this.#theme, marks, inView: { view: this.#camera.view, width, height } };
  }

  fit(): void {
    if (this.#scene) this.#camera.fit(this.#scene.bounds, true);
  }

  centreSelection(): void {
    if (this.#scene && this.#selection) this.#show(this.#scene, this.#selection, false);
  }

  zoomBy(factor: number): void {
    this.#camera.zoomBy(factor);
  }

  zoomTo(k: number): void {
    this.#camera.zoomTo(k);
  }

  /** Puts a point of the scene in the middle. */
  centreOn(x: number, y: number): void {
    const { k } = this.#camera.view;
    this.#camera.set({
      k,
      x: this.#canvas.clientWidth / 2 - k * x,
      y: this.#canvas.clientHeight / 2 - k * y,
    });
  }

  /** Reads the colours again and repaints. */
  refreshTheme(): void {
    this.#theme = readTheme(this.#canvas);
    this.#events.ontheme(this.#theme);
    this.#redraw();
  }

  destroy(): void {
    cancelAnimationFrame(this.#frame);
    this.#stop.abort();
    this.#sizes.disconnect();
    this.#unwatchTheme();
    this.#camera.destroy();
  }

  /** Chooses the first view of a scene; what is selected (on another screen) comes into it. */
  #open(scene: Scene): void {
    this.#chooseView(scene);
    const box = this.#selection && this.#boxOf(scene, this.#selection);
    if (box) this.#camera.show(box, false, true);
  }

  #chooseView(scene: Scene): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const known = remembered.get(this.#key);
    if (known) {
      this.#camera.set(known.view);
      if (known.width !== width || known.height !== height)
        this.#keepInView(scene, known.width, known.height);
      return;
    }
    const { right, bottom } = scene.bounds;
    const fit = Math.min((width - 2 * OPENING_MARGIN) / right, (height - 2 * OPENING_MARGIN) / bottom);
    if (fit >= SMALLEST_FIT) {
      this.#camera.fit(scene.bounds, false);
      return;
    }
    const first = scene.layout.x.length > 0 ? topMiddle(scene) : right / 2;
    const k = OPENING_ZOOM;
    this.#camera.set({ k, x: width / 2 - k * first, y: OPENING_MARGIN });
  }

  /** Moves the view so that the node in its middle is where it was, if the new scene has it too. */
  #keepMiddle(before: Scene, scene: Scene): void {
    const { x, y, k } = this.#camera.goal;
    const middleX = (this.#canvas.clientWidth / 2 - x) / k;
    const middleY = (this.#canvas.clientHeight / 2 - y) / k;
    let anchor = -1;
    let least = Infinity;
    const names = new Map(scene.graph.nodes.map(({ name, kind }, v) => [`${kind} ${name}`, v]));
    before.graph.nodes.forEach(({ name, kind }, v) => {
      if (name === '' || !names.has(`${kind} ${name}`)) return;
      const distance = Math.hypot(before.layout.x[v]! - middleX, before.layout.y[v]! - middleY);
      if (distance < least) {
        least = distance;
        anchor = v;
      }
    });
    if (anchor === -1) {
      this.#open(scene);
      return;
    }
    const { kind, name } = before.graph.nodes[anchor]!;
    const now = names.get(`${kind} ${name}`)!;
    this.#camera.set({
      k,
      x: x + k * (before.layout.x[anchor]! - scene.layout.x[now]!),
      y: y + k * (before.layout.y[anchor]! - scene.layout.y[now]!),
    });
  }

  #show(scene: Scene, selection: Selection, gently: boolean): void {
    const box = this.#boxOf(scene, selection);
    if (box) this.#camera.show(box, true, gently);
  }

  /** What to bring into view for a selection. */
  #boxOf(scene: Scene, selection: Selection): Box | null {
    const boxes = nodesToShow(scene.graph, selection).map((v) => nodeBox(scene, v));
    if (boxes.length === 0) return null;
    const box = boxes.reduce(unite);
    // Ends too far apart to read together: the first one.
    const tooLarge = box.bottom - box.top > 1200 || box.right - box.left > 1600;
    return tooLarge ? boxes[0]! : box;
  }

  #viewChanged(view: View): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    if (this.#scene && !this.#needsView) remembered.set(this.#key, { view, width, height });
    this.#events.onview(view, width, height);
    this.#redraw();
  }

  #resized(): void {
    const { width, height } = this.#size;
    const { clientWidth, clientHeight } = this.#canvas;
    this.#size = { width: clientWidth, height: clientHeight };
    if (this.#scene && clientWidth > 0 && clientHeight > 0) {
      if (this.#needsView) {
        this.#needsView = false;
        this.#open(this.#scene);
      } else if (width > 0 && height > 0) this.#keepInView(this.#scene, width, height);
    }
    this.#events.onview(this.#camera.view, clientWidth, clientHeight);
    // Changing its size clears a canvas: repaint before the next frame shows it empty.
    cancelAnimationFrame(this.#frame);
    this.#paint();
  }

  /**
   * After a change from a canvas of that size: a graph that was in view whole is fitted again, any other keeps its
   * middle in the middle, and a selection that was in view stays in view.
   */
  #keepInView(scene: Scene, width: number, height: number): void {
    const { goal } = this.#camera;
    const { x, y, k } = goal;
    if (isIn(scene.bounds, goal, width, height) && scene.bounds.right > 1) {
      this.#camera.fit(scene.bounds, false);
      return;
    }
    const { clientWidth, clientHeight } = this.#canvas;
    const selected = this.#selection && this.#boxOf(scene, this.#selection);
    const wasVisible = selected !== null && isIn(selected, goal, width, height);
    this.#camera.set({ k, x: x + (clientWidth - width) / 2, y: y + (clientHeight - height) / 2 });
    if (wasVisible) this.#camera.show(selected, false, true);
  }

  #fadeIn(): void {
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    this.#canvas.animate([{ opacity: 0.2 }, { opacity: 1 }], { duration: FADE_MS, easing: 'ease-out' });
  }

  #redraw(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#paint());
  }

  #paint(): void {
    const canvas = this.#canvas;
    const ratio = devicePixelRatio;
    const { clientWidth: width, clientHeight: height } = canvas;
    const [pixelsX, pixelsY] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== pixelsX) canvas.width = pixelsX;
    if (canvas.height !== pixelsY) canvas.height = pixelsY;
    if (this.#scene && width > 0 && height > 0) {
      const size = { width, height, ratio };
      paintScene(this.#context, this.#scene, this.#camera.view, size, this.#theme, this.#marks);
    } else this.#context.clearRect(0, 0, pixelsX, pixelsY);
  }

  #mark(change: Partial<Marks>): void {
    const marks = { ...this.#marks, ...change };
    const changed = (Object.keys(marks) as (keyof Marks)[]).some((key) => marks[key] !== this.#marks[key]);
    this.#marks = marks;
    if (changed) this.#redraw();
  }

  #hitAt(event: MouseEvent) {
    if (!this.#scene) return null;
    const { x, y, k } = this.#camera.view;
    return hitScene(this.#scene, (event.offsetX - x) / k, (event.offsetY - y) / k, EDGE_REACH / k);
  }

  #clicked(event: MouseEvent): void {
    const scene = this.#scene;
    if (!scene) return;
    const hit = this.#hitAt(event);
    if (!hit) this.#choose(null);
    else if (hit.kind === 'edge') this.#choose({ kind: 'tensor', index: scene.graph.edgeTensor[hit.edge]! });
    else if (hit.tensor !== null) this.#choose({ kind: 'tensor', index: hit.tensor });
    else this.#choose(selectionOf(scene.graph, hit.node));
  }

  /** Selects what is under the pointer or the keys; the view stays. */
  #choose(selection: Selection | null): void {
    this.#cameFrom = -1;
    this.select(selection, false);
    this.#events.onselect(selection);
  }

  #hovered(event: PointerEvent): void {
    if (event.buttons !== 0) return;
    const hit = this.#hitAt(event);
    this.#canvas.style.cursor = hit ? 'pointer' : 'grab';
    this.#hover(hit, event.offsetX, event.offsetY);
  }

  #hover(hit: Hit | null, x: number, y: number): void {
    this.#mark({
      hoverNode: hit?.kind === 'node' ? hit.node : -1,
      hoverEdge: hit?.kind === 'edge' ? hit.edge : -1,
    });
    this.#events.onhover(hit, x, y);
  }

  #keyPressed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.#scene) return;
    const step = stepOf(event.key, this.#scene.layout.direction);
    if (step) this.#step(this.#scene, step);
    else if (event.key === '+' || event.key === '=') this.zoomBy(1.25);
    else if (event.key === '-') this.zoomBy(0.8);
    else if (event.key === '0' || event.key === 'f' || event.key === 'F') this.fit();
    else if (event.key === 'Enter') this.centreSelection();
    else if (event.key === 'Escape' && this.#selection) this.#choose(null);
    else return;
    event.preventDefault();
  }

  #step(scene: Scene, step: NonNullable<ReturnType<typeof stepOf>>): void {
    const from = this.#selection ? (nodesToShow(scene.graph, this.#selection)[0] ?? -1) : -1;
    const node = from === -1 ? 0 : walk(scene, from, step, this.#cameFrom);
    if (node === -1 || !scene.graph.nodes[node]) return;
    const selection = selectionOf(scene.graph, node);
    if (!selection) return;
    this.select(selection, true);
    this.#events.onselect(selection);
    this.#cameFrom = from;
  }
}

/** True when a box of the scene is on a canvas of that size whole, give or take a pixel. */
function isIn({ left, top, right, bottom }: Box, { x, y, k }: View, width: number, height: number): boolean {
  return (
    left * k + x >= -1 && right * k + x <= width + 1 && top * k + y >= -1 && bottom * k + y <= height + 1
  );
}

function unite(a: Box, b: Box): Box {
  return {
    left: Math.min(a.left, b.left),
    top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right),
    bottom: Math.max(a.bottom, b.bottom),
  };
}

/** Middle of the first rank's nodes. */
function topMiddle({ layout }: Scene): number {
  let [sum, count] = [0, 0];
  layout.rank.forEach((rank, v) => {
    if (rank !== 0) return;
    sum += layout.x[v]!;
    count++;
  });
  return count === 0 ? layout.width / 2 : sum / count;
}
