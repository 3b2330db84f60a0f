/** Data that is open, which of it fits a model, and how its numbers are scaled. */
import type { ModelSummary, TensorRef } from '../core/inspect/types';
import type { DataFile, DataSource, DataSummary } from '../../workers/protocol';

export class OpenDataset {
  readonly id: string;
  readonly name: string;
  readonly files: readonly DataFile[];
  readonly summary: DataSummary;
  #chosenScale = $state<string | null>(null);

  constructor(
    id: string,
    name: string,
    files: readonly DataFile[],
    summary: DataSummary,
    scale: string | null = null,
  ) {
    this.id = id;
    this.name = name;
    this.files = files;
    this.summary = summary;
    this.#chosenScale = scale;
  }

  /** The rule that the user chose, or null for a likely one. */
  get chosenScale(): string | null {
    return this.#chosenScale;
  }
  /** The rule that turns stored numbers into what the model was trained on. */
  scaleFor(model: ModelSummary | null): string {
    return this.#chosenScale ?? likelyScale(this.summary, model);
  }
  rescale(rule: string): void {
    this.#chosenScale = rule;
  }
  /** What the interpret worker is given to run this model. */
  sourceFor(model: ModelSummary): Extract<DataSource, { readonly kind: 'files' }> {
    return { kind: 'files', name: this.name, files: this.files, scale: this.scaleFor(model) };
  }
}

const inputsOf = (model: ModelSummary) => model.subgraphs[0]?.inputs ?? [];

/** Data of the model's own integer type are fed as they are, whatever the rule. */
export function isFedAsStored(data: DataSummary, model: ModelSummary): boolean {
  return data.inputs.every(({ dtype }, i) => {
    const wanted = inputsOf(model)[i]?.dtype.toLowerCase() ?? '';
    return wanted === dtype.toLowerCase() && !wanted.startsWith('float');
  });
}

/**
 * The rule to begin with: what the model's metadata say; else bytes are most often pictures trained on 0 to 1, and
 * anything else is taken as it is.
 */
export function likelyScale(data: DataSummary, model: ModelSummary | null): string {
  if (model && isFedAsStored(data, model)) return 'none';
  if (model?.hasInputScaling) return 'metadata';
  return data.inputs.some((input) => /^uint8$/i.test(input.dtype)) ? 'x/255' : 'none';
}

const elements = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
const show = (shape: readonly number[]) => shape.map((size) => (size < 0 ? '?' : size)).join('×') || 'one';

function fitsInput(data: readonly number[], input: TensorRef): boolean {
  const wanted = input.shape.slice(1);
  const given = data.slice(1);
  if (wanted.some((size) => size < 0)) return wanted.length === given.length;
  return elements(wanted) === elements(given);
}

/** Why the samples cannot be fed to the main subgraph, in one sentence; null when they can. */
export function whyUnfit(data: DataSummary, model: ModelSummary): string | null {
  const inputs = inputsOf(model);
  if (inputs.length !== data.inputs.length) {
    const inputWord = inputs.length === 1 ? 'input' : 'inputs';
    return `It has ${data.inputs.length} of the ${inputs.length} ${inputWord} that ${model.name} takes.`;
  }
  for (const [i, input] of inputs.entries()) {
    const shape = data.inputs[i]?.shape ?? [];
    if (!fitsInput(shape, input))
      return `Its samples are ${show(shape.slice(1))}, but ${model.name} takes ${show(input.shape.slice(1))}.`;
  }
  return null;
}

/** Whether each input of the main subgraph gets samples of its size. */
export function fitsModel(data: DataSummary, model: ModelSummary): boolean {
  return whyUnfit(data, model) === null;
}
