/** Two pictures whose groups are opened and closed together. */
import type { DrawnGraph } from '../../core/graph/groups-draw';
import type { ChosenGroups, LinkedPicture } from '../graph/picture-link';
import { otherSide, type Side } from './camera-link';

/** What the correspondence of groups needs to know of a drawn graph. */
export type Grouped = Pick<DrawnGraph, 'groups'> & {
  readonly whole: Pick<DrawnGraph['whole'], 'nodeOfOperator'>;
};

/** Two groups belong together above this share of common operators among all that either holds. */
const LEAST_COMMON = 0.5;

/**
 * The group of `other` that corresponds to each group, or -1: the one that holds the partners of most of its operators,
 * and few others (Jaccard index over operators with partners, above one half). Time and memory grow with the operators
 * times the depth of the groups of both.
 */
export function partnerGroups(from: Grouped, other: Grouped, partnerOf: Int32Array): Int32Array {
  const count = from.groups.list.length;
  const otherCount = other.groups.list.length;
  const members = new Int32Array(count);
  const otherMembers = new Int32Array(otherCount);
  const common = new Map<number, number>();
  partnerOf.forEach((partner, operator) => {
    if (partner === -1) return;
    const around = groupsOfOperator(from, operator);
    const otherAround = groupsOfOperator(other, partner);
    for (const g of around) members[g]!++;
    for (const h of otherAround) otherMembers[h]!++;
    for (const g of around) {
      for (const h of otherAround) {
        const key = g * otherCount + h;
        common.set(key, (common.get(key) ?? 0) + 1);
      }
    }
  });
  const partners = new Int32Array(count).fill(-1);
  const best = new Float64Array(count);
  for (const [key, shared] of common) {
    const g = Math.floor(key / otherCount);
    const h = key % otherCount;
    const share = shared / (members[g]! + otherMembers[h]! - shared);
    if (share <= LEAST_COMMON || share <= best[g]!) continue;
    best[g] = share;
    partners[g] = h;
  }
  return partners;
}

/** Groups around an operator, innermost first. */
function groupsOfOperator({ groups: { list, groupOfNode }, whole }: Grouped, operator: number): number[] {
  const around: number[] = [];
  const node = whole.nodeOfOperator[operator] ?? -1;
  for (let g = groupOfNode[node] ?? -1; g >= 0; g = list[g]!.parent) around.push(g);
  return around;
}

/** Collapses and expands groups of one picture as those of the other. */
export class GroupLink {
  readonly #pictures = new Map<Side, Pick<LinkedPicture, 'drawn' | 'setGroups'>>();
  #partnerOf: Readonly<Record<Side, Int32Array>> | null = null;
  #isOn = true;
  #known: {
    readonly side: Side;
    readonly from: DrawnGraph['groups'];
    readonly to: DrawnGraph['groups'];
    readonly partners: Int32Array;
  } | null = null;
  /** Groups of both sides that were brought in line; those of other graphs were not. */
  #aligned: readonly DrawnGraph['groups'][] = [];

  attach(side: Side, picture: Pick<LinkedPicture, 'drawn' | 'setGroups'> | null): void {
    if (picture) this.#pictures.set(side, picture);
    else this.#pictures.delete(side);
  }

  /** Which operators belong together, by side; null while that is not known. */
  match(partnerOf: Readonly<Record<Side, Int32Array>> | null): void {
    this.#partnerOf = partnerOf;
    this.#known = null;
    this.#aligned = [];
  }

  turn(isOn: boolean): void {
    this.#isOn = isOn;
    this.#aligned = [];
  }

  /** Does with the other picture's groups what was done with those of `side`. */
  follow(side: Side, groups: ChosenGroups, isCollapsed: boolean): void {
    const [picture, other] = [this.#pictures.get(side), this.#pictures.get(otherSide(side))];
    if (!this.#isOn || !picture?.drawn || !other?.drawn) return;
    if (groups === 'all') {
      other.setGroups('all', isCollapsed);
      return;
    }
    const partners = this.#partnersOf(side, picture.drawn, other.drawn);
    const found = groups.map((group) => partners?.[group] ?? -1).filter((group) => group !== -1);
    if (found.length > 0) other.setGroups(found, isCollapsed);
  }

  /** Opens and closes groups as those of `side` are, once for each two graphs. */
  align(side: Side): void {
    const [picture, other] = [this.#pictures.get(side)?.drawn, this.#pictures.get(otherSide(side))?.drawn];
    if (!this.#isOn || !this.#partnerOf || !picture || !other) return;
    const pair = [picture.groups, other.groups];
    if (pair.every((groups) => this.#aligned.includes(groups))) return;
    this.#aligned = pair;
    for (const isCollapsed of [true, false]) {
      const groups = [...picture.groups.list.keys()].filter(
        (group) => (picture.isCollapsed[group] === 1) === isCollapsed,
      );
      this.follow(side, groups, isCollapsed);
    }
  }

  #partnersOf(side: Side, from: DrawnGraph, to: DrawnGraph): Int32Array | null {
    if (!this.#partnerOf) return null;
    if (this.#known?.side !== side || this.#known.from !== from.groups || this.#known.to !== to.groups) {
      const partners = partnerGroups(from, to, this.#partnerOf[side]);
      this.#known = { side, from: from.groups, to: to.groups, partners };
    }
    return this.#known.partners;
  }
}
