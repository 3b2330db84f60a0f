/** The models that come with the page. */
import type { Sample } from '../../state/opening';

export interface SampleWords extends Sample {
  readonly title: string;
  readonly about: string;
  /** Operators along the thumbnail, one letter each, in the order of the real graph. */
  readonly kind: 'digits' | 'face' | 'selfie';
}

export const digits: SampleWords = {
  kind: 'digits',
  title: 'Digits',
  about: 'Handwritten digits, with 500 labelled test samples',
  model: 'digits.tflite',
  data: { path: 'digits-test.npz', name: 'digits-test', scale: 'x/255' },
};

export const others: readonly SampleWords[] = [
  {
    kind: 'face',
    title: 'Face detection',
    about: 'MediaPipe, short range, by Google, Apache-2.0',
    model: 'third-party/face_detection_short_range.tflite',
    data: null,
  },
  {
    kind: 'selfie',
    title: 'Selfie segmentation',
    about: 'MediaPipe, by Google, Apache-2.0',
    model: 'third-party/selfie_segmentation.tflite',
    data: null,
  },
];
