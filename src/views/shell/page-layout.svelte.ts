/** Which panels of the page are open, and how the page is divided, on wide and on narrow screens. */
import { MediaQuery } from 'svelte/reactivity';
import type { Workbench } from '../../state/workbench.svelte';

/** Width of a panel that is folded, and of one that slides out on a narrow page, in px. */
const stripPx = 37;
const drawerPx = 296;

export class PageLayout {
  #workbench: Workbench;
  #narrow = new MediaQuery('(width < 1100px)');
  #single = new MediaQuery('(width < 800px)');
  /** On a narrow page the panels are closed until they are asked for, whatever the wide page remembers. */
  #drawer = $state(false);
  #narrowDock = $state(false);

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
  }

  get isNarrow(): boolean {
    return this.#narrow.current;
  }
  /** One column: the panels stand below each other. */
  get isSingle(): boolean {
    return this.#single.current;
  }
  get isDrawerOpen(): boolean {
    return this.#drawer;
  }
  get leftFolded(): boolean {
    return !this.isSingle && this.#workbench.settings.isFolded('left');
  }
  get rightFolded(): boolean {
    if (this.isSingle) return false;
    return this.isNarrow ? !this.#drawer : this.#workbench.settings.isFolded('right');
  }
  get dockFolded(): boolean {
    if (this.isSingle) return false;
    return this.isNarrow ? !this.#narrowDock : this.#workbench.settings.isFolded('dock');
  }
  /** The comparison is about whole models and needs the room. */
  get hasInspector(): boolean {
    return this.#workbench.screen === 'graph';
  }
  /** Grid tracks; null where the page is one column. */
  get columns(): string | null {
    if (this.isSingle || this.#workbench.workspace.isEmpty) return null;
    const { settings } = this.#workbench;
    const left = this.leftFolded ? stripPx : settings.size('left');
    return `${left}px minmax(0, 1fr) ${this.#rightPx}px`;
  }
  get rows(): string | null {
    if (this.isSingle || this.#workbench.workspace.isEmpty) return null;
    const dock = this.dockFolded ? 'auto' : `${this.#workbench.settings.size('dock')}px`;
    return `44px minmax(0, 1fr) ${dock}`;
  }

  openDrawer(isOpen: boolean): void {
    this.#drawer = isOpen;
  }
  foldDock(folded: boolean): void {
    if (this.isNarrow) this.#narrowDock = !folded;
    else this.#workbench.settings.fold('dock', folded);
  }

  get #rightPx(): number {
    if (!this.hasInspector) return 0;
    if (this.rightFolded) return stripPx;
    return this.isNarrow ? stripPx + drawerPx : this.#workbench.settings.size('right');
  }
}
