/** What is open: models (files) and the variants made from them. */
import type { Advice } from '../core/debug/advice';
import type { DebugReport } from '../core/debug/types';
import type { ModelSummary } from '../core/inspect/types';
import type { Comparison, ModelMeasurement } from '../core/measure/types';
import type { SearchResult } from '../core/optimize/search/types';
import type { CalibratedOn, OperatorMapping, PassReport, Recipe } from '../core/optimize/types';

/** A comparison that a model was part of, and its position there. */
export interface Measured {
  readonly comparison: Comparison;
  readonly index: number;
}

/** What was found out about a variant by running its operators one by one. */
export interface Debugged {
  readonly report: DebugReport;
  readonly advice: readonly Advice[];
  readonly dataName: string;
}

/** What a search over number formats found. */
export interface Searched {
  readonly result: SearchResult;
  readonly dataName: string;
}

/** A `.tflite` file that is open. Its bytes stay in the blob; everything else is asked of the parse worker. */
export class OpenModel {
  readonly id: string;
  readonly name: string;
  readonly file: Blob;
  readonly summary: ModelSummary;
  #measured = $state.raw<Measured | null>(null);
  #searched = $state.raw<Searched | null>(null);

  constructor(id: string, name: string, file: Blob, summary: ModelSummary) {
    this.id = id;
    this.name = name;
    this.file = file;
    this.summary = summary;
  }

  /** The figures of the last measurement, or null. */
  get figures(): ModelMeasurement | null {
    return this.#measured?.comparison.models[this.#measured.index] ?? null;
  }
  /** The last comparison that the model was part of. */
  get measured(): Measured | null {
    return this.#measured;
  }
  /** The file's name without its ending. */
  get title(): string {
    return this.name.replace(/\.(tflite|lite|bin)$/i, '');
  }

  /** The last search for a model of mixed precision. */
  get searched(): Searched | null {
    return this.#searched;
  }

  keepMeasured(measured: Measured): void {
    this.#measured = measured;
  }
  keepSearched(searched: Searched): void {
    this.#searched = searched;
  }
}

/** A model made from another. `asked` is the recipe that made it; the file and the rest are what came out. */
export class Variant extends OpenModel {
  readonly originalId: string;
  readonly asked: Recipe;
  readonly reports: readonly PassReport[];
  readonly mapping: OperatorMapping;
  #debugged = $state.raw<Debugged | null>(null);

  constructor(
    id: string,
    name: string,
    file: Blob,
    summary: ModelSummary,
    made: {
      readonly originalId: string;
      readonly asked: Recipe;
      readonly reports: readonly PassReport[];
      readonly mapping: OperatorMapping;
    },
  ) {
    super(id, name, file, summary);
    this.originalId = made.originalId;
    this.asked = made.asked;
    this.reports = made.reports;
    this.mapping = made.mapping;
  }

  /** What the debugger found, or null. */
  get debugged(): Debugged | null {
    return this.#debugged;
  }
  /** The samples that it was fitted to, or null. */
  get calibratedOn(): CalibratedOn | null {
    return this.reports.findLast((report) => report.calibratedOn)?.calibratedOn ?? null;
  }
  /** How many samples would probably have settled its ranges; null when there were enough. */
  get suggestedSamples(): number | null {
    return this.reports.findLast((report) => report.suggestedSamples)?.suggestedSamples ?? null;
  }

  keepDebugged(debugged: Debugged): void {
    this.#debugged = debugged;
  }
}

/** `wanted`, or `wanted 2`, `wanted 3`, … when it is taken. */
export function freeName(wanted: string, taken: readonly string[]): string {
  if (!taken.includes(wanted)) return wanted;
  for (let i = 2; ; i++) if (!taken.includes(`${wanted} ${i}`)) return `${wanted} ${i}`;
}

/** A name that every file system takes. */
export function fileNameOf(text: string): string {
  // Control characters are exactly what must not be in a file name.
  // eslint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u001f<>:"/\\|?*\s]+/g, '-').replaceAll(/^[-.]+|[-.]+$/g, '') || 'model';
}
