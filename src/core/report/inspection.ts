/** What `inspect` tells of a model, as JSON with keys that stay; docs/cli.md describes them. */
import { subgraphMetrics, type SubgraphMetrics } from '../graph/metrics';
import { summarize } from '../inspect/summary';
import type { ModelSummary } from '../inspect/types';
import { staticFigures } from '../measure/size';
import { operatorKind, operatorVersion } from '../model/operators';
import type { OpenedModel } from '../model/open';
import { dtypeName, dynamicShapeOf, isConstant, scaleInfo } from '../model/tensors';
import type { Model, Subgraph } from '../model/types';
import type { ScaleInfo } from '../tensor-data';
import { REPORT_VERSION } from './json';

export interface OperatorEntry {
  readonly index: number;
  /** Kind as in the schema, or the custom code. */
  readonly name: string;
  readonly version: number;
  /** Tensor indexes; -1 is an input left out. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Bytes of constants that no earlier operator uses. */
  readonly sizeBytes: number;
  /** Learned values, those shared with an earlier operator left out. */
  readonly parameters: number;
  readonly macs: number;
  /** See `SubgraphMetrics`; null without MACs. */
  readonly macsPerByte: number | null;
  /** Share of zeros in its learned values, 0 to 1; null without any. */
  readonly sparsity: number | null;
  /** Type of its largest learned constant; null without any. */
  readonly weightDtype: string | null;
}

export interface TensorEntry {
  readonly index: number;
  readonly name: string;
  readonly dtype: string;
  /** -1 is dynamic. */
  readonly shape: readonly number[];
  readonly isConstant: boolean;
  /** Scales and zero points, or null. */
  readonly quantization: ScaleInfo | null;
}

export interface SubgraphEntry {
  readonly index: number;
  readonly name: string | null;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly operators: readonly OperatorEntry[];
  readonly tensors: readonly TensorEntry[];
}

/** The inspector's summary with every figure, operator and tensor. */
export interface Inspection extends Omit<ModelSummary, 'subgraphs'> {
  readonly version: number;
  readonly gzipBytes: number;
  readonly nonZeroParameters: number;
  readonly subgraphs: readonly SubgraphEntry[];
}

/**
 * Describes an opened model, ready for JSON. `bytes` is its file, `unsupported` what a runtime says that it cannot run.
 * @throws ModelError when an operator's code is out of range
 */
export function inspectionOf(
  name: string,
  { model, findings }: OpenedModel,
  bytes: Uint8Array,
  unsupported: Inspection['unsupported'],
): Inspection {
  const { gzipBytes, nonZeroParameters, layers } = staticFigures(model, bytes);
  const layerBytes = new Map(layers.map((layer) => [`${layer.subgraph}/${layer.operator}`, layer.sizeBytes]));
  const metrics = model.subgraphs.map((_, index) => subgraphMetrics(model, index));
  return {
    version: REPORT_VERSION,
    ...summarize(model, bytes, name, findings),
    unsupported,
    gzipBytes,
    nonZeroParameters,
    subgraphs: model.subgraphs.map((subgraph, index) => ({
      index,
      name: subgraph.name,
      inputs: Array.from(subgraph.inputs),
      outputs: Array.from(subgraph.outputs),
      operators: subgraph.operators.map((operator, place) => ({
        index: place,
        name: operatorKind(model, operator),
        version: operatorVersion(model, operator),
        inputs: Array.from(operator.inputs),
        outputs: Array.from(operator.outputs),
        sizeBytes: layerBytes.get(`${index}/${place}`) ?? 0,
        ...operatorFigures(metrics[index]!, place),
      })),
      tensors: tensorEntries(model, subgraph),
    })),
  };
}

function operatorFigures(
  { parameters, macs, macsPerByte, sparsity, dtypeOf, dtypes }: SubgraphMetrics,
  operator: number,
) {
  const orNull = (figure: number) => (Number.isFinite(figure) ? figure : null);
  return {
    parameters: parameters[operator]!,
    macs: macs[operator]!,
    macsPerByte: orNull(macsPerByte[operator]!),
    sparsity: orNull(sparsity[operator]!),
    weightDtype: dtypes[dtypeOf[operator]!] ?? null,
  };
}

function tensorEntries(model: Model, subgraph: Subgraph): TensorEntry[] {
  return subgraph.tensors.map((tensor, index) => {
    return {
      index,
      name: tensor.name ?? '',
      dtype: dtypeName(tensor.type),
      shape: dynamicShapeOf(tensor),
      isConstant: isConstant(model, tensor),
      quantization: scaleInfo(tensor),
    };
  });
}
