/** The workers as the state needs them; the clients in `src/rpc` fit, and so do stand-ins in tests. */
import type {
  AeqRecipe,
  CompareRequest,
  DataFile,
  DataSummary,
  DebugRequest,
  DebugResult,
  MixedRequest,
  OnProgress,
  OptimizeRequest,
  OptimizeResult,
} from '../../workers/protocol';
import type { SearchResult } from '../core/graph/search';
import type { ViewGraph } from '../core/graph/types';
import type { ModelSummary } from '../core/inspect/types';
import type { Comparison } from '../core/measure/types';
import type { RecipeMatches } from '../core/optimize/matched-operators';
import type { SearchResult as MixedResult } from '../core/optimize/search/types';
import type { PassReport, Recipe } from '../core/optimize/types';

type Signal = AbortSignal | null;

export interface Services {
  readonly parse: {
    open(id: string, name: string, file: Blob, signal?: Signal): Promise<ModelSummary>;
    close(id: string): Promise<void>;
    /** `folded` hides operators that only unpack constants. */
    viewGraph(id: string, subgraph: number, signal?: Signal, folded?: boolean): Promise<ViewGraph>;
    search(id: string, subgraph: number, query: string, signal?: Signal): Promise<SearchResult>;
    matchRecipe(id: string, recipe: Recipe, signal?: Signal): Promise<RecipeMatches>;
    recipeToAeq(id: string, recipe: Recipe, signal?: Signal): Promise<AeqRecipe>;
    describeData(name: string, files: readonly DataFile[], signal?: Signal): Promise<DataSummary>;
  };
  readonly optimize: {
    plan(request: OptimizeRequest, signal?: Signal): Promise<readonly PassReport[]>;
    optimize(request: OptimizeRequest, onProgress: OnProgress, signal?: Signal): Promise<OptimizeResult>;
    debug(request: DebugRequest, onProgress: OnProgress, signal?: Signal): Promise<DebugResult>;
    search(request: MixedRequest, onProgress: OnProgress, signal?: Signal): Promise<MixedResult>;
  };
  readonly interpret: {
    compare(request: CompareRequest, onProgress: OnProgress, signal?: Signal): Promise<Comparison>;
  };
}
