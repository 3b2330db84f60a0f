/** Two pictures that show the same place, with the same groups open, as long as that is wanted. */
import type { PictureLink } from '../graph/picture-link';
import { CameraLink, type Side } from './camera-link';
import { GroupLink } from './group-link';

export class PaneLink {
  readonly #cameras = new CameraLink();
  readonly #groups = new GroupLink();

  /** Which operators belong together, by side; null while that is not known. */
  match(partnerOf: Readonly<Record<Side, Int32Array>> | null): void {
    this.#groups.match(partnerOf);
    this.#groups.align(this.#cameras.leader);
    this.#cameras.match(partnerOf);
  }

  /** Off: each picture is on its own. */
  turn(isOn: boolean): void {
    this.#groups.turn(isOn);
    this.#groups.align(this.#cameras.leader);
    this.#cameras.turn(isOn);
  }

  /** The user works with this side; the other follows. */
  lead(side: Side): void {
    this.#cameras.lead(side);
  }

  /** What the picture of a side is given. */
  of(side: Side): PictureLink {
    return {
      attach: (picture) => {
        this.#cameras.attach(side, picture?.canvas ?? null);
        this.#groups.attach(side, picture);
      },
      moved: () => this.#cameras.moved(side),
      drew: () => {
        this.#groups.align(this.#cameras.leader);
        this.#cameras.settle();
      },
      toggled: (groups, isCollapsed) => this.#groups.follow(side, groups, isCollapsed),
    };
  }
}
