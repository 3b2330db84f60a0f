/** Copies the sample models made by others from their npm packages to `public/samples/third-party`. */
import { copyFileSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup.mjs';

const samples = [
  '@mediapipe/face_detection/face_detection_short_range.tflite',
  '@mediapipe/selfie_segmentation/selfie_segmentation.tflite',
];

const folder = join(root, 'public', 'samples', 'third-party');
mkdirSync(folder, { recursive: true });
for (const sample of samples) {
  const from = join(root, 'node_modules', ...sample.split('/'));
  const to = join(folder, sample.slice(sample.lastIndexOf('/') + 1));
  if (!existsSync(to) || statSync(to).size !== statSync(from).size) copyFileSync(from, to);
}
