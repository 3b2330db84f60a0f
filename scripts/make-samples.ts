/**
 * Makes the bundled digits sample: trains the classifier and writes the model and its test data to `public/samples`.
 * `npm run make-samples` takes a few minutes; with the same package versions it writes the same files again.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { writeNpy } from '../src/core/data/npy';
import { writeModel } from '../src/core/model/write';
import { splitDigits } from './samples/digits-data';
import { buildDigitsModel } from './samples/digits-model';
import { trainDigits } from './samples/train-digits';

const SPLIT_SEED = 1;
const TRAINING_SEED = 7;
const EPOCHS = 36;

async function main(): Promise<void> {
  const { train, test } = splitDigits(SPLIT_SEED);
  console.log(`${train.count} digits to train on, ${test.count} to test on`);
  const weights = await trainDigits(train, EPOCHS, TRAINING_SEED, (epoch, loss) => {
    console.log(`epoch ${epoch} of ${EPOCHS}: loss ${loss.toFixed(4)}`);
  });

  const folder = join(import.meta.dirname, '..', 'public', 'samples');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'digits.tflite'), writeModel(buildDigitsModel(weights)));
  const data = {
    'inputs.npy': writeNpy({ dtype: 'UINT8', shape: [test.count, 28, 28, 1], values: test.images }),
    'labels.npy': writeNpy({ dtype: 'INT32', shape: [test.count], values: test.labels }),
  };
  // A fixed date keeps the archive the same from run to run.
  writeFileSync(join(folder, 'digits-test.npz'), zipSync(data, { mtime: '2026-01-01T00:00:00' }));
}

void main();
