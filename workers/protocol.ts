/**
 * What the page and its workers say to each other. Models and data travel as `Blob`s: the browser hands them over
 * by reference, so the page itself never holds a model's bytes. Everything else is plain, clonable data.
 * Expected failures arrive as `ModelError` (a comlink transfer handler in `src/rpc/errors.ts` keeps code and place).
 */
import type { Advice as DebugAdvice } from '../src/core/debug/advice';
import type { DebugReport } from '../src/core/debug/types';
import type { Advice } from '../src/core/lint/types';
import type { Comparison, StaticFigures } from '../src/core/measure/types';
import type { AeqEntry } from '../src/core/optimize/aeq/types';
import type { RecipeMatches } from '../src/core/optimize/matched-operators';
import type {
  Options,
  OperatorMapping,
  PassReport,
  Recipe,
  RescaledTensor,
} from '../src/core/optimize/types';
import type { SamplePicture } from '../src/core/data/picture';
import type { SearchResult } from '../src/core/graph/search';
import type { ViewGraph } from '../src/core/graph/types';
import type { Layout, LayoutRequest } from '../src/core/graph/layout/types';
import type {
  ModelSummary,
  OperatorDetails,
  TensorDetails,
  TensorExport,
  TensorStatistics,
} from '../src/core/inspect/types';

/** `total` 0 means that the amount is not known. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly label: string;
}
export type OnProgress = (progress: Progress) => void;

/** Reads models and answers every question about them. Keeps the models it has read, by id. */
export interface ParseApi {
  /** Reads and checks a file and keeps it under `id`. */
  open(id: string, name: string, file: Blob): Promise<ModelSummary>;
  close(id: string): Promise<void>;
  figures(id: string): Promise<StaticFigures>;
  /** What is worth knowing about the model before it is quantized or used. */
  lint(id: string): Promise<readonly Advice[]>;
  /** `folded` (the default) hides operators that only unpack constants. */
  viewGraph(id: string, subgraph: number, folded?: boolean): Promise<ViewGraph>;
  /** Finds operators and tensors of a subgraph by name, kind, dtype or shape. */
  search(id: string, subgraph: number, query: string): Promise<SearchResult>;
  operator(id: string, subgraph: number, operator: number): Promise<OperatorDetails>;
  tensor(id: string, subgraph: number, tensor: number): Promise<TensorDetails>;
  /** Values' statistics and histogram of a constant tensor (dequantized where it is quantized). */
  statistics(id: string, subgraph: number, tensor: number): Promise<TensorStatistics>;
  /** A page of values, dequantized or as stored. */
  values(
    id: string,
    subgraph: number,
    tensor: number,
    offset: number,
    count: number,
    raw: boolean,
  ): Promise<Float64Array>;
  exportTensor(
    id: string,
    subgraph: number,
    tensor: number,
    format: 'npy' | 'csv' | 'raw',
  ): Promise<TensorExport>;
  /** Which operators the overrides of a recipe speak of. */
  matchRecipe(id: string, recipe: Recipe): Promise<RecipeMatches>;
  /** The recipe in ai-edge-quantizer's format, for this model. */
  recipeToAeq(id: string, recipe: Recipe): Promise<AeqRecipe>;
  /** Reads dataset files; says what they hold or throws `bad-data`. */
  describeData(name: string, files: readonly DataFile[]): Promise<DataSummary>;
  /**
   * A sample as a small picture; null where the data are no images. The last dataset asked about stays read, by
   * `dataId`.
   */
  samplePicture(dataId: string, files: readonly DataFile[], sample: number): Promise<SamplePicture | null>;
  /** Index of the first tensor of that name in a subgraph, or null. */
  findTensor(id: string, subgraph: number, name: string): Promise<number | null>;
}

export interface AeqRecipe {
  readonly entries: readonly AeqEntry[];
  /** What that format cannot say, in whole sentences. */
  readonly notes: readonly string[];
}

export interface LayoutApi {
  layout(request: LayoutRequest): Promise<Layout>;
}

/** Samples for the steps that learn from data. */
export interface CalibrationRequest {
  /** Tells datasets apart: what was measured is kept for the next request with the same data. */
  readonly dataId: string;
  readonly data: Extract<DataSource, { readonly kind: 'files' }>;
  /** How many to draw; all when there are fewer. */
  readonly samples: number;
  readonly seed: number;
  readonly threads: number;
}
export interface OptimizeRequest {
  readonly name: string;
  readonly file: Blob;
  readonly recipe: Recipe;
  readonly seed: number;
  /** Null where no step needs samples, or there are none. */
  readonly calibration: CalibrationRequest | null;
}
export interface OptimizeResult {
  readonly file: Blob;
  readonly sizeBytes: number;
  readonly reports: readonly PassReport[];
  readonly mapping: OperatorMapping;
}
/** Asks what each operator of a variant adds to its error. */
export interface DebugRequest {
  readonly original: Blob;
  readonly variant: Blob;
  /** Operators of the original to those of the variant; null: found by their names. */
  readonly mapping: OperatorMapping | null;
  /** Tensors whose channels were scaled when it was made. */
  readonly rescaled: readonly RescaledTensor[];
  readonly calibration: CalibrationRequest;
}
export interface DebugResult {
  readonly report: DebugReport;
  /** Which operators hurt, why, and what helps; the worst first. */
  readonly advice: readonly DebugAdvice[];
}
/** Asks for the smallest or fastest model of mixed precision. */
export interface MixedRequest {
  readonly file: Blob;
  /** Options of the `mixed` pass. */
  readonly options: Options;
  readonly calibration: CalibrationRequest;
}
export interface DataFile {
  readonly name: string;
  readonly file: Blob;
}
export interface DataSummary {
  readonly name: string;
  readonly sampleCount: number;
  readonly inputs: readonly {
    readonly name: string | null;
    readonly dtype: string;
    /** The first size counts the samples. */
    readonly shape: readonly number[];
  }[];
  readonly classCount: number | null;
  readonly hasLabels: boolean;
}
export type DataSource =
  | {
      readonly kind: 'files';
      readonly name: string;
      readonly files: readonly DataFile[];
      /** `none`, `x/255`, `x/127.5-1`, `mean,std` as `mean=…,std=…`, or `metadata`. */
      readonly scale: string;
    }
  | { readonly kind: 'random'; readonly samples: number; readonly seed: number };

export interface CompareRequest {
  readonly models: readonly { readonly name: string; readonly file: Blob }[];
  readonly data: DataSource;
  readonly accelerator: 'wasm' | 'webgpu';
  /** Threads wanted; 1 where the page is not cross-origin isolated. */
  readonly threads: number;
  /** Timed rounds per model. */
  readonly latencyRounds: number;
}
export interface InterpretApi {
  compare(request: CompareRequest, onProgress: OnProgress): Promise<Comparison>;
}
