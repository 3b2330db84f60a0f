/** What `inspect` tells of a model, as JSON with keys that stay; docs/cli.md describes them. */
import type { StaticFigures } from '../measure/types';
import { operatorKind, operatorVersion } from '../model/operators';
import type { OpenedModel } from '../model/open';
import { dynamicShapeOf, isConstant } from '../model/tensors';
import type { Model, Subgraph } from '../model/types';
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
}

export interface TensorEntry {
  readonly index: number;
  readonly name: string;
  readonly dtype: string;
  /** -1 is dynamic. */
  readonly shape: readonly number[];
  readonly isConstant: boolean;
  /** Scales and zero points, or null. Large integers are exact up to 2^53. */
  readonly quantization: {
    readonly scale: readonly number[];
    readonly zeroPoint: readonly number[];
    readonly axis: number;
  } | null;
}

export interface SubgraphEntry {
  readonly index: number;
  readonly name: string | null;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly operators: readonly OperatorEntry[];
  readonly tensors: readonly TensorEntry[];
}

export interface Inspection {
  readonly version: number;
  readonly name: string;
  readonly sizeBytes: number;
  readonly gzipBytes: number;
  readonly parameters: number;
  readonly nonZeroParameters: number;
  readonly macs: number;
  readonly description: string | null;
  readonly schemaVersion: number;
  readonly dtypes: StaticFigures['dtypes'];
  readonly signatures: readonly {
    readonly key: string;
    readonly subgraph: number;
    readonly inputs: readonly { readonly name: string; readonly tensor: number }[];
    readonly outputs: readonly { readonly name: string; readonly tensor: number }[];
  }[];
  /** Names of the metadata entries that the file carries. */
  readonly metadata: readonly string[];
  readonly findings: OpenedModel['findings'];
  readonly subgraphs: readonly SubgraphEntry[];
}

/** Describes an opened model, ready for JSON. */
export function inspectionOf(
  name: string,
  { model, findings }: OpenedModel,
  figures: StaticFigures,
): Inspection {
  const { sizeBytes, gzipBytes, parameters, nonZeroParameters, macs, dtypes, layers } = figures;
  const layerBytes = new Map(layers.map((layer) => [`${layer.subgraph}/${layer.operator}`, layer.sizeBytes]));
  return {
    version: REPORT_VERSION,
    name,
    sizeBytes,
    gzipBytes,
    parameters,
    nonZeroParameters,
    macs,
    description: model.description,
    schemaVersion: model.version,
    dtypes,
    signatures: (model.signatureDefs ?? []).map((signature) => ({
      key: signature.signatureKey ?? '',
      subgraph: signature.subgraphIndex,
      inputs: signature.inputs.map(mapEntry),
      outputs: signature.outputs.map(mapEntry),
    })),
    metadata: (model.metadata ?? []).map((entry) => entry.name ?? ''),
    findings,
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
      })),
      tensors: tensorEntries(model, subgraph),
    })),
  };
}

function tensorEntries(model: Model, subgraph: Subgraph): TensorEntry[] {
  return subgraph.tensors.map((tensor, index) => {
    const scale = Array.from(tensor.quantization?.scale ?? []);
    return {
      index,
      name: tensor.name ?? '',
      dtype: tensor.type.toLowerCase(),
      shape: dynamicShapeOf(tensor),
      isConstant: isConstant(model, tensor),
      quantization:
        scale.length === 0
          ? null
          : {
              scale,
              zeroPoint: Array.from(tensor.quantization?.zeroPoint ?? [], Number),
              axis: tensor.quantization?.quantizedDimension ?? 0,
            },
    };
  });
}

function mapEntry({ name, tensorIndex }: { readonly name: string | null; readonly tensorIndex: number }) {
  return { name: name ?? '', tensor: tensorIndex };
}
