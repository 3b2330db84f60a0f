/**
 * The canvas of a graph. Long, because one class holds what camera, marks, pointer and keys change together (scene,
 * selection, group in focus, view); all that can do without that state is beside it: `framing`, `canvas-keys`, `hit`, `walk`,
 * `transition`, `selection`.
 */
import { createCamera, MARGIN_ALONG, type Camera, type View } from './camera';
import { canvasCommand, type CanvasCommand } from './canvas-keys';
import {
  boxOfSelection,
  isInView,
  isSameView,
  isSpeck,
  openingView,
  shiftOfNearest,
  type Size,
  visibleBox,
} from './framing';
import { hitScene, type Hit } from './hit';
import { heatOf, type Overlay } from './overlay';
import { paintScene, type Marks } from './paint';
import type { PictureArea, Subject } from '../export/picture';
import { groupBox, nodeOfGroup, type Scene } from './scene';
import { cardsOf, nodeOf, nodesToShow, selectionOf, type Selection } from './selection';
import { readTheme, watchTheme, type Theme } from './theme';
import { makeTransition, shiftBetween, type Transition } from './transition';
import { type Step, walk } from './walk';

export interface CanvasEvents {
  readonly onselect: (selection: Selection | null) => void;
  /** The view or the size of the canvas changed. */
  readonly onview: (view: View, width: number, height: number) => void;
  readonly ontheme: (theme: Theme) => void;
  /** What the pointer is over, and where on the canvas; null for nothing. */
  readonly onhover: (hit: Hit | null, x: number, y: number) => void;
  /** Collapses or expands a group. */
  readonly ongroup: (group: number, isCollapsed: boolean) => void;
  /** Collapses or expands all groups. */
  readonly onallgroups: (isCollapsed: boolean) => void;
  /** The group in focus; -1 for none. */
  readonly onfocusgroup: (group: number) => void;
  /** A row that leads to a subgraph was clicked. */
  readonly onsubgraph?: (subgraph: number) => void;
  /** Asks for the other direction. */
  readonly onturn: () => void;
  /** A key has moved the camera. */
  readonly onmoved: (does: 'zoom' | 'fit' | 'pan') => void;
}

/** Why a scene is shown. */
export interface SceneChange {
  /** Group that was opened or closed: its corner stays where it is; -1 for none. */
  readonly group: number;
  /** Only there until the layout is ready. */
  readonly isInterim: boolean;
}

/** How near to an edge, in screen pixels, a pointer hits it. */
const EDGE_REACH = 6;
/** A new picture in the place of an old one comes up in this time. */
const FADE_MS = 140;
/** A double click ends this long after the first. */
const DOUBLE_MS = 600;

/** Last view of each picture of this session, so that coming back to a model finds it as it was left. */
const remembered = new Map<string, { readonly view: View; readonly size: Size }>();

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
  #isInterim = false;
  /** View that a picture of the moment opened with: the real one opens as if it had not been there. */
  #interimView: View | null = null;
  /** View of a picture that opened at its top; null where it fits whole, or came back to an older view. */
  #openingView: View | null = null;
  /** Group in focus, by key: numbers are another graph's after a change. */
  #focus: string | null = null;
  #transition: Transition | null = null;
  /** When a title was clicked: the second click of a double one is no click on what came there. */
  #toggledAt = -Infinity;
  /** Pixels that stay free above and below what is brought into view. */
  #roomAlong = MARGIN_ALONG;
  /** Size that the view was last chosen for. */
  #size: Size = { width: 0, height: 0 };

  constructor(canvas: HTMLCanvasElement, events: CanvasEvents) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d')!;
    this.#events = events;
    this.#theme = readTheme(canvas);
    this.#camera = createCamera(
      canvas,
      () => this.#scene?.bounds ?? { left: 0, top: 0, right: 1, bottom: 1 },
      () => this.#roomAlong,
      (view) => this.#viewChanged(view),
    );
    this.#sizes = new ResizeObserver(() => this.#resized());
    this.#sizes.observe(canvas);
    this.#unwatchTheme = watchTheme(() => this.refreshTheme());
    const { signal } = this.#stop;
    canvas.addEventListener('click', (event) => this.#clicked(event), { signal });
    canvas.addEventListener('dblclick', (event) => this.#doubleClicked(event), { signal });
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
   * a key seen before gets its view back; a new one opens at its top. Where only groups were opened or closed,
   * everything moves to its new place.
   */
  setScene(scene: Scene | null, key: string, change: SceneChange = { group: -1, isInterim: false }): void {
    const before = this.#scene;
    const sameKey = key === this.#key;
    const opensAnew = this.#isInterim && isSameView(this.#interimView, this.#camera.view);
    // Whoever saw all of a picture of the moment wants to see all of the real one; whoever fitted a graph still does when
    // it is turned, or all its groups open or close. Another graph (a variant) keeps the place instead.
    const isSameGraph = before?.drawn != null && before.drawn.whole === scene?.drawn?.whole;
    const fitsAgain =
      before !== null &&
      (this.#isInterim
        ? isInView(before.bounds, this.#camera.goal, this.#canvasSize)
        : isSameGraph && change.group === -1 && this.#camera.isFitted(before.bounds));
    const keepsSelection = change.group === -1 && this.isSelectionInView;
    this.#isInterim = change.isInterim;
    this.#transition = null;
    this.#scene = scene;
    this.#key = key;
    this.#hover(null, 0, 0);
    this.select(this.#selection, false);
    this.setOverlay(this.#overlay);
    this.#redraw();
    if (!scene) return;
    if (before && sameKey && !opensAnew) {
      if (!this.#moveFrom(before, scene, change.group)) {
        this.#keepMiddle(before, scene);
        this.#fadeIn();
      }
      if (fitsAgain || isSpeck(scene, this.#camera.goal, this.#canvasSize))
        this.#camera.fit(scene.bounds, true);
      else if (keepsSelection) this.showSelection();
    } else if (this.#canvasSize.width === 0) this.#needsView = true;
    else this.#open(scene);
    this.#interimView = change.isInterim ? this.#camera.view : null;
    this.#markFocus();
  }

  /** Where both pictures are of one graph: keeps a group's corner or the middle in place and moves the rest there. */
  #moveFrom(before: Scene, scene: Scene, group: number): boolean {
    const { x, y, k } = this.#camera.goal;
    const middle = this.#middle;
    const shift = shiftBetween(before, scene, group, middle.x, middle.y);
    if (!shift) return false;
    const view = { k, x: x - k * shift.x, y: y - k * shift.y };
    this.#camera.set(view);
    const box = group === -1 ? null : groupBox(scene, group);
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
      if (box) this.#camera.showCorner(box, false);
      return true;
    }
    const visible = visibleBox(view, this.#canvasSize);
    this.#transition = makeTransition(before, scene, shift, visible, performance.now());
    if (this.#transition === null) this.#fadeIn();
    if (box) this.#camera.showCorner(box, true);
    return true;
  }

  /** Puts a group into focus and clears the selection; -1 for none. `reveal` brings it into view. */
  focusGroup(group: number, reveal: boolean): void {
    const drawn = this.#scene?.drawn;
    this.#focus = drawn?.groups.list[group]?.key ?? null;
    this.#cameFrom = -1;
    if (this.#focus !== null && this.#selection) {
      this.select(null, false);
      this.#events.onselect(null);
    }
    this.#markFocus();
    const box = this.#scene && this.#focus !== null ? groupBox(this.#scene, group) : null;
    if (reveal && box) this.#camera.showCorner(box, true);
  }

  get #focused(): number {
    if (this.#focus === null) return -1;
    return this.#scene?.drawn?.groups.list.findIndex(({ key }) => key === this.#focus) ?? -1;
  }

  #markFocus(): void {
    const group = this.#focused;
    this.#mark({ group });
    this.#events.onfocusgroup(group);
  }

  /** Marks a selection; `reveal` brings it into view if it is not. */
  select(selection: Selection | null, reveal: boolean): void {
    this.#selection = selection;
    if (selection && this.#focus !== null) {
      this.#focus = null;
      this.#markFocus();
    }
    const scene = this.#scene;
    this.#mark({
      node: scene ? nodeOf(scene.graph, selection) : -1,
      cards: new Set(scene ? cardsOf(scene.graph, selection) : []),
      tensor: selection?.kind === 'tensor' ? selection.index : -1,
    });
    if (reveal && scene && selection) this.#show(scene, selection, true);
  }

  /** Keeps `pixels` free above and below what is brought into view, for what lies on the canvas there. */
  setRoom(pixels: number): void {
    this.#roomAlong = Math.max(MARGIN_ALONG, pixels);
  }

  /** Draws edges as thick as their tensors are large, or all alike. */
  setThick(isThick: boolean): void {
    this.#mark({ isThick });
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
    const { width, height } = this.#canvasSize;
    const marks = { ...this.#marks, hoverNode: -1, hoverEdge: -1 };
    return { scene, theme: this.#theme, marks, inView: { view: this.#camera.view, width, height } };
  }

  fit(): void {
    if (this.#scene) this.#camera.fit(this.#scene.bounds, true);
  }

  /** Shows what is selected, or the group in focus, as large as it fits. */
  fitSelection(): void {
    const scene = this.#scene;
    if (!scene) return;
    const box = this.#selection ? boxOfSelection(scene, this.#selection) : groupBox(scene, this.#focused);
    if (box) this.#camera.fit(box, true);
  }

  /** The zoom, or that to which it is on its way. */
  get zoom(): number {
    return this.#camera.goal.k;
  }

  /** Whether what is selected can be seen whole; false where nothing is. */
  get isSelectionInView(): boolean {
    const box = this.#scene && this.#selection && boxOfSelection(this.#scene, this.#selection);
    return box !== null && isInView(box, this.#camera.goal, this.#canvasSize);
  }

  /** Brings what is selected into view, unless it can be seen whole. */
  showSelection(): void {
    if (this.#scene && this.#selection && !this.isSelectionInView)
      this.#show(this.#scene, this.#selection, true);
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

  /** Moves the camera at once. */
  moveTo(view: View): void {
    this.#camera.set(view);
  }

  /** Puts a point of the scene in the middle. */
  centreOn(x: number, y: number): void {
    const { k } = this.#camera.view;
    const { width, height } = this.#canvasSize;
    this.#camera.set({ k, x: width / 2 - k * x, y: height / 2 - k * y });
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

  get #canvasSize(): Size {
    return { width: this.#canvas.clientWidth, height: this.#canvas.clientHeight };
  }

  /** Point of the scene in the middle of the canvas. */
  get #middle() {
    const { x, y, k } = this.#camera.goal;
    const { width, height } = this.#canvasSize;
    return { x: (width / 2 - x) / k, y: (height / 2 - y) / k };
  }

  /** Chooses the first view of a scene; what is selected (on another screen) comes into it. */
  #open(scene: Scene): void {
    this.#chooseView(scene);
    const box = this.#selection && boxOfSelection(scene, this.#selection);
    if (box) this.#camera.show(box, false, true);
  }

  #chooseView(scene: Scene): void {
    const size = this.#canvasSize;
    const known = remembered.get(this.#key);
    this.#openingView = null;
    if (!known) {
      const view = openingView(scene, size, this.#roomAlong);
      if (view) this.#camera.set(view);
      else this.#camera.fit(scene.bounds, false);
      if (view) this.#openingView = this.#camera.view;
      return;
    }
    this.#camera.set(known.view);
    if (known.size.width !== size.width || known.size.height !== size.height)
      this.#keepInView(scene, known.size);
  }

  /** Moves the view so that the node in its middle is where it was, if the new scene has it too. */
  #keepMiddle(before: Scene, scene: Scene): void {
    const middle = this.#middle;
    const shift = shiftOfNearest(before, scene, middle.x, middle.y);
    if (!shift) {
      this.#open(scene);
      return;
    }
    const { x, y, k } = this.#camera.goal;
    this.#camera.set({ k, x: x - k * shift.x, y: y - k * shift.y });
  }

  #show(scene: Scene, selection: Selection, gently: boolean): void {
    const box = boxOfSelection(scene, selection);
    if (box) this.#camera.show(box, true, gently);
  }

  #viewChanged(view: View): void {
    const size = this.#canvasSize;
    if (this.#scene && !this.#needsView && !this.#isInterim) remembered.set(this.#key, { view, size });
    // What the pointer was over is somewhere else now.
    this.#hover(null, 0, 0);
    this.#events.onview(view, size.width, size.height);
    this.#redraw();
  }

  #resized(): void {
    const before = this.#size;
    const now = (this.#size = this.#canvasSize);
    if (this.#scene && now.width > 0 && now.height > 0) {
      if (this.#needsView) {
        this.#needsView = false;
        this.#open(this.#scene);
      } else if (isSameView(this.#openingView, this.#camera.view)) {
        // Nobody has moved it yet: it opens as if the canvas had had this size from the start.
        remembered.delete(this.#key);
        this.#open(this.#scene);
      } else if (before.width > 0 && before.height > 0) this.#keepInView(this.#scene, before);
    }
    this.#events.onview(this.#camera.view, now.width, now.height);
    // Changing its size clears a canvas: repaint before the next frame shows it empty.
    cancelAnimationFrame(this.#frame);
    this.#paint();
  }

  /**
   * After a change from a canvas of that size: a graph that was in view whole is fitted again, any other keeps its
   * middle in the middle, and a selection that was in view stays in view.
   */
  #keepInView(scene: Scene, before: Size): void {
    const { goal } = this.#camera;
    if (isInView(scene.bounds, goal, before) && scene.bounds.right > 1) {
      this.#camera.fit(scene.bounds, false);
      return;
    }
    const { width, height } = this.#canvasSize;
    const selected = this.#selection && boxOfSelection(scene, this.#selection);
    const wasVisible = selected !== null && isInView(selected, goal, before);
    const { x, y, k } = goal;
    this.#camera.set({ k, x: x + (width - before.width) / 2, y: y + (height - before.height) / 2 });
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
    const { width, height } = this.#canvasSize;
    const [pixelsX, pixelsY] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== pixelsX) canvas.width = pixelsX;
    if (canvas.height !== pixelsY) canvas.height = pixelsY;
    const moving = this.#transition?.at(performance.now()) ?? null;
    if (!moving) this.#transition = null;
    const scene = moving ?? this.#scene;
    if (moving) this.#redraw();
    if (scene && width > 0 && height > 0) {
      const size = { width, height, ratio };
      paintScene(this.#context, scene, this.#camera.view, size, this.#theme, this.#marks);
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
    if (hit?.kind === 'frame') {
      if (event.timeStamp - this.#toggledAt < DOUBLE_MS) return;
      this.#toggledAt = event.timeStamp;
      this.#events.ongroup(scene.drawn!.frames[hit.frame]!, true);
    } else if (hit?.kind === 'node' && scene.graph.nodes[hit.node]!.kind === 'group') {
      this.focusGroup(scene.graph.nodes[hit.node]!.index, false);
    } else if (!hit) this.#choose(null);
    else if (hit.kind === 'edge') this.#choose({ kind: 'tensor', index: scene.graph.edgeTensor[hit.edge]! });
    else if (hit.subgraph !== undefined && this.#events.onsubgraph) this.#events.onsubgraph(hit.subgraph);
    else if (hit.tensor !== null) this.#choose({ kind: 'tensor', index: hit.tensor });
    else this.#choose(selectionOf(scene.graph, hit.node));
  }

  /** Opens a collapsed group; otherwise what the first click selected comes into the middle. */
  #doubleClicked(event: MouseEvent): void {
    if (event.timeStamp - this.#toggledAt < DOUBLE_MS) return;
    const hit = this.#hitAt(event);
    const node = hit?.kind === 'node' ? this.#scene?.graph.nodes[hit.node] : undefined;
    if (node?.kind === 'group') {
      this.#toggledAt = event.timeStamp;
      this.#events.ongroup(node.index, false);
    } else this.centreSelection();
  }

  /** Selects what is under the pointer or the keys; the view stays. */
  #choose(selection: Selection | null): void {
    this.#cameFrom = -1;
    if (this.#focus !== null) this.focusGroup(-1, false);
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
      hoverGroup: hit?.kind === 'frame' ? (this.#scene?.drawn?.frames[hit.frame] ?? -1) : -1,
    });
    this.#events.onhover(hit, x, y);
  }

  #keyPressed(event: KeyboardEvent): void {
    const scene = this.#scene;
    const command = scene && canvasCommand(event, scene.layout.direction);
    if (!command || !this.#run(scene, command)) return;
    event.preventDefault();
    this.#hover(null, 0, 0);
  }

  /** False where there is nothing to do: the key may mean something to others. */
  #run(scene: Scene, command: CanvasCommand): boolean {
    switch (command.does) {
      case 'step':
        this.#step(scene, command.step);
        break;
      case 'zoom':
        this.zoomBy(command.factor);
        this.#events.onmoved('zoom');
        break;
      case 'pan':
        this.#camera.panBy(command.x, command.y);
        this.#events.onmoved('pan');
        break;
      case 'fit':
        this.fit();
        this.#events.onmoved('fit');
        break;
      case 'fit selection':
        this.fitSelection();
        this.#events.onmoved('zoom');
        break;
      case 'actual size':
        this.zoomTo(1);
        this.#events.onmoved('zoom');
        break;
      case 'collapse all':
      case 'expand all':
        this.#events.onallgroups(command.does === 'collapse all');
        break;
      case 'turn':
        this.#events.onturn();
        break;
      case 'collapse':
        this.#collapse(scene);
        break;
      case 'expand':
        this.#expand(scene);
        break;
      case 'centre or toggle':
        if (this.#focused === -1) this.centreSelection();
        else this.#toggle(scene);
        break;
      case 'select nothing':
        if (this.#selection === null && this.#focus === null) return false;
        this.#choose(null);
    }
    return true;
  }

  #step(scene: Scene, step: Step): void {
    const from = this.#current(scene);
    const node = from === -1 ? 0 : walk(scene, from, step, this.#cameFrom);
    if (node === -1 || !scene.graph.nodes[node]) return;
    if (scene.graph.nodes[node].kind === 'group') {
      this.focusGroup(scene.graph.nodes[node].index, true);
      this.#cameFrom = from;
      return;
    }
    const selection = selectionOf(scene.graph, node);
    if (!selection) return;
    this.select(selection, true);
    this.#events.onselect(selection);
    this.#cameFrom = from;
  }

  /** Node that the keys start from: what is selected, the group in focus, or the first node in it; -1 for none. */
  #current(scene: Scene): number {
    if (this.#selection) return nodesToShow(scene.graph, this.#selection)[0] ?? -1;
    const group = scene.drawn?.groups.list[this.#focused];
    return group ? scene.drawn.shownBy[group.first]! : -1;
  }

  /** Closes the group in focus, or else the innermost open one around it or the selection. */
  #collapse({ drawn }: Scene): void {
    if (!drawn) return;
    const isOpen = (group: number) => drawn.frameOfGroup[group] !== -1;
    const focused = this.#focused;
    const node = this.#selection ? this.#current(this.#scene!) : -1;
    const frame = node === -1 ? -1 : drawn.frameOfNode[node]!;
    let group = focused === -1 ? (frame === -1 ? -1 : drawn.frames[frame]!) : focused;
    while (group !== -1 && !isOpen(group)) group = drawn.groups.list[group]!.parent;
    if (group === -1) return;
    this.focusGroup(group, false);
    this.#events.ongroup(group, true);
  }

  /** Opens the group in focus. */
  #expand({ drawn }: Scene): void {
    const group = this.#focused;
    if (drawn && group !== -1 && nodeOfGroup(drawn, group) !== -1) this.#events.ongroup(group, false);
  }

  #toggle(scene: Scene): void {
    const group = this.#focused;
    if (scene.drawn) this.#events.ongroup(group, nodeOfGroup(scene.drawn, group) === -1);
  }
}
