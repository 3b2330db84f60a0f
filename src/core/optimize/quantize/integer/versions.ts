/** Operator versions and options to write for integer kernels. */
import { operatorVersion } from '../../../model/operators';
import type { BuiltinOptions, Model, TensorType } from '../../../model/types';
import { optionsOf, type OperatorView, specOf } from '../../../ops';
import type { ActivationType } from './settings';

export interface VersionFacts {
  readonly dtype: ActivationType;
  readonly weightBits: 8 | 4 | null;
  readonly hasBias: boolean;
  /** For MUL: left scale * right scale / output scale. */
  readonly productRatio: number | null;
}

/**
 * The version that readers of the file expect for these types (TensorFlow Lite's `op_version.cc`); never lower than the
 * one that the operator has.
 */
export function integerVersion(model: Model, view: OperatorView, facts: VersionFacts): number {
  const { dtype, weightBits, hasBias, productRatio } = facts;
  const base = specOf(view.kind)?.versions[dtype] ?? 1;
  return Math.max(operatorVersion(model, view.operator), base, extraVersion());

  function extraVersion(): number {
    switch (view.kind) {
      case 'CONV_2D':
      case 'DEPTHWISE_CONV_2D':
        return weightBits === 4 ? 7 : 1;
      case 'FULLY_CONNECTED':
        if (weightBits === 4) return dtype === 'INT16' ? 13 : 10;
        if (!hasBias) return 6;
        return optionsOf(view, 'FullyConnectedOptions')?.keepNumDims ? 5 : 1;
      case 'TRANSPOSE_CONV': {
        const activation = optionsOf(view, 'TransposeConvOptions')?.fusedActivationFunction ?? 'NONE';
        if (activation !== 'NONE') return 4;
        return hasBias ? 3 : 1;
      }
      case 'MUL':
        return productRatio !== null && productRatio >= 1 ? 3 : 1;
      case 'RESIZE_BILINEAR':
      case 'RESIZE_NEAREST_NEIGHBOR': {
        const options =
          optionsOf(view, 'ResizeBilinearOptions') ?? optionsOf(view, 'ResizeNearestNeighborOptions');
        return options?.halfPixelCenters || options?.alignCorners ? 3 : 1;
      }
      case 'PAD':
      case 'PADV2':
        return (view.inputShapes[0]?.length ?? 0) > 4 ? 4 : 1;
      default:
        return 1;
    }
  }
}

/** The options with which the int16 kernels of ADD and SUB take any scale, not powers of two alone. */
export function integerOperatorOptions(view: OperatorView, dtype: ActivationType): BuiltinOptions | null {
  const { builtinOptions } = view.operator;
  if (dtype !== 'INT16' || builtinOptions === null || !('potScaleInt16' in builtinOptions.value)) {
    if (dtype === 'INT16' && builtinOptions === null) return emptyOptions(view.kind);
    return builtinOptions;
  }
  return { ...builtinOptions, value: { ...builtinOptions.value, potScaleInt16: false } } as BuiltinOptions;
}

function emptyOptions(kind: string): BuiltinOptions | null {
  const value = { fusedActivationFunction: 'NONE', potScaleInt16: false } as const;
  if (kind === 'ADD') return { type: 'AddOptions', value };
  if (kind === 'SUB') return { type: 'SubOptions', value };
  return null;
}

/** Version of QUANTIZE by the type that it gives. */
export function quantizeVersion(to: ActivationType | 'UINT8'): number {
  return to === 'INT16' ? 2 : 1;
}

/** Version of DEQUANTIZE by the type that it takes. */
export function dequantizeVersion(from: TensorType): number {
  return specOf('DEQUANTIZE')!.versions[from] ?? 1;
}
