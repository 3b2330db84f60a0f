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
import type { GraphDiff } from '../src/core/graph/diff';
import type { SubgraphMetrics } from '../src/core/graph/metrics';
import type { OperatorRow } from '../src/core/graph/operator-table';
import type { SearchResult } from '../src/core/graph/search';
import type { ViewGraph } from '../src/core/graph/types';
import type { Layout, LayoutRequest } from '../src/core/graph/layout/types';
import type { Step } from '../src/core/steps';
import type {
  ArchiveReport,
  ByteGroup,
  ByteItem,
  ByteView,
  ExportFormat,
  FilterPictures,
  ModelSummary,
  NpyValues,
  OperatorDetails,
  ScaleTable,
  TensorDetails,
  TensorDifference,
  TensorFigures,
  TensorStatistics,
} from '../src/core/inspect/types';

/** `total` 0 means that the amount is not known. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly label: string;
}
export type OnProgress = (progress: Progress) => void;

/** Nodes and edge labels of a graph, both from the number that was asked for on. */
export interface ViewGraphPage {
  /** With the first page only. */
  readonly rest: Omit<ViewGraph, 'nodes' | 'edgeLabel'> | null;
  readonly nodes: ViewGraph['nodes'];
  readonly edgeLabel: ViewGraph['edgeLabel'];
  /** Where the next page begins; null after the last. */
  readonly next: number | null;
}

/** Reads models and answers every question about them. Keeps the models it has read, by id. */
export interface ParseApi {
  /** Reads and checks a file and keeps it under `id`. */
  open(id: string, name: string, file: Blob): Promise<ModelSummary>;
  close(id: string): Promise<void>;
  figures(id: string): Promise<StaticFigures>;
  /** What is worth knowing about the model before it is quantized or used. */
  lint(id: string): Promise<readonly Advice[]>;
  /**
   * A graph in pages, so that the page never has to unpack all of it at once: the first (`from` 0) with everything but
   * nodes and labels. `folded` hides operators that only unpack constants.
   */
  viewGraph(id: string, subgraph: number, folded: boolean, from: number): Promise<ViewGraphPage>;
  /** Figures of all operators of a subgraph. */
  metrics(id: string, subgraph: number): Promise<SubgraphMetrics>;
  /** What is different in `afterId`; operators are matched by `mapping`, or (null) by names and structure. */
  diff(
    beforeId: string,
    afterId: string,
    subgraph: number,
    mapping: OperatorMapping | null,
  ): Promise<GraphDiff>;
  /** Finds operators and tensors of a subgraph by a query (`parseQuery`): a page of what there is from `offset` on. */
  search(id: string, subgraph: number, query: string, offset?: number): Promise<SearchResult>;
  /** All operators of a subgraph as rows of a table. */
  operatorTable(id: string, subgraph: number): Promise<readonly OperatorRow[]>;
  operator(id: string, subgraph: number, operator: number): Promise<OperatorDetails>;
  tensor(id: string, subgraph: number, tensor: number): Promise<TensorDetails>;
  /**
   * Statistics, histogram, channels, outliers and zeros of a constant tensor (dequantized where it is quantized). Like
   * every question that is answered in steps: each call does a slice of the work, until one says that it is finished.
   */
  survey(id: string, subgraph: number, tensor: number): Promise<Step<TensorFigures>>;
  /** A tensor against one of another model, in steps; null where their shapes differ. */
  difference(
    id: string,
    subgraph: number,
    tensor: number,
    originalId: string,
    originalTensor: number,
  ): Promise<Step<TensorDifference | null>>;
  /** Statistics of one channel along an axis. */
  channel(
    id: string,
    subgraph: number,
    tensor: number,
    axis: number,
    channel: number,
  ): Promise<TensorStatistics>;
  /** Filters of a convolution as pictures: one input channel, or (null) the first three as colours. */
  filters(
    id: string,
    subgraph: number,
    tensor: number,
    channel: number | null,
    from: number,
    count: number,
  ): Promise<FilterPictures>;
  /** Scales and zero points; null where there are none. */
  scales(id: string, subgraph: number, tensor: number): Promise<ScaleTable | null>;
  /** What the bytes of the file belong to. */
  bytes(id: string): Promise<readonly ByteItem[]>;
  /** The same in groups for a picture, with `most` parts that stand alone. */
  byteGroups(id: string, view: ByteView, most: number): Promise<readonly ByteGroup[]>;
  /** A page of values, dequantized or as stored. */
  values(
    id: string,
    subgraph: number,
    tensor: number,
    offset: number,
    count: number,
    raw: boolean,
  ): Promise<Float64Array>;
  /** A constant as a file, in steps. */
  exportTensor(
    id: string,
    subgraph: number,
    tensor: number,
    format: ExportFormat,
  ): Promise<Step<ExportedFile>>;
  /** All constants as one `.npz` file, in steps. */
  archive(id: string, values: NpyValues): Promise<Step<ConstantArchive>>;
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

export interface ExportedFile {
  readonly fileName: string;
  readonly file: Blob;
}

export interface ConstantArchive extends ArchiveReport {
  readonly file: Blob;
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
