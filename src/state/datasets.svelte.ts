/** Data that is open, and which of it fits a model. */
import type { ModelSummary, TensorRef } from '../core/inspect/types';
import type { DataFile, DataSource, DataSummary } from '../../workers/protocol';

export class OpenDataset {
  readonly id: string;
  readonly name: string;
  readonly files: readonly DataFile[];
  readonly summary: DataSummary;
  #scale = $state('none');

  constructor(id: string, name: string, files: readonly DataFile[], summary: DataSummary, scale: string) {
    this.id = id;
    this.name = name;
    this.files = files;
    this.summary = summary;
    this.#scale = scale;
  }

  /** The rule that turns stored numbers into what the model was trained on. */
  get scale(): string {
    return this.#scale;
  }
  rescale(rule: string): void {
    this.#scale = rule;
  }
  /** What the interpret worker is given. */
  get source(): DataSource {
    return { kind: 'files', name: this.name, files: this.files, scale: this.#scale };
  }
}

/** The rule to begin with: bytes are most often pictures trained on 0 to 1, anything else is taken as it is. */
export function likelyScale(summary: DataSummary): string {
  return summary.inputs.some((input) => /^uint8$/i.test(input.dtype)) ? 'x/255' : 'none';
}

const elements = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

function fitsInput(data: readonly number[], input: TensorRef): boolean {
  const wanted = input.shape.slice(1);
  const given = data.slice(1);
  if (wanted.some((size) => size < 0)) return wanted.length === given.length;
  return elements(wanted) === elements(given);
}

/** Whether each input of the main subgraph gets samples of its size. */
export function fitsModel(data: DataSummary, model: ModelSummary): boolean {
  const inputs = model.subgraphs[0]?.inputs ?? [];
  return (
    inputs.length === data.inputs.length &&
    inputs.every((input, i) => fitsInput(data.inputs[i]?.shape ?? [], input))
  );
}
