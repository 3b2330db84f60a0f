import type { SamplePicture } from '../../core/data/picture';

/** Gives a sample's picture; null where it cannot be drawn. */
export type PictureSource = (sample: number, signal: AbortSignal) => Promise<SamplePicture | null>;
