/** What a picture tells another one that stands beside it, so that both show the same place. */
import type { DrawnGraph } from '../../core/graph/groups-draw';
import type { GraphCanvas } from './graph-canvas';

/** Groups by number, or all that a picture has. */
export type ChosenGroups = readonly number[] | 'all';

/** A picture that another one can move. */
export interface LinkedPicture {
  readonly canvas: GraphCanvas;
  /** What it shows or is about to show; null while there is nothing. */
  readonly drawn: DrawnGraph | null;
  /** Collapses or expands groups; those that are so already are left alone. */
  setGroups(groups: ChosenGroups, isCollapsed: boolean): void;
}

export interface PictureLink {
  /** The picture is there; null: it goes. */
  attach(picture: LinkedPicture | null): void;
  /** Its camera has moved. */
  moved(): void;
  /** It shows another scene. */
  drew(): void;
  /** Groups of it were collapsed or expanded, not by `LinkedPicture.setGroups`. */
  toggled(groups: ChosenGroups, isCollapsed: boolean): void;
}
