/** Drawings of the samples' graphs: connections as one path, operators as one path for each colour. */
export interface ThumbnailDrawing {
  readonly edges: string;
  readonly nodes: readonly (readonly [colour: string, d: string])[];
}

export const thumbnails: Readonly<Record<'digits' | 'face' | 'selfie', ThumbnailDrawing>> = {
  digits: { edges: 'M36 8V64', nodes: [['conv', 'M26 14h20v6h-20z']] },
  face: { edges: 'M36 8V64', nodes: [['conv', 'M26 14h20v6h-20z']] },
  selfie: { edges: 'M36 8V64', nodes: [['conv', 'M26 14h20v6h-20z']] },
};
