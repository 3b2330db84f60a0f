/** Shapes and multiply-accumulates of StableHLO operators, whose settings are 64-bit attributes. */
import { optionsOf } from './operator-view';
import { count, countAtLeast, plus, shapeOfParts, slidingSize, times, UNKNOWN } from './shape-math';
import type { MacsRule, OperatorView, Shape, ShapeRule } from './spec';

/** An attribute list as numbers; null when it is absent. */
function numbers(list: BigInt64Array | null | undefined): readonly number[] | null {
  return list ? Array.from(list, Number) : null;
}

/** An axis list, where absent means none. */
const axes = (list: BigInt64Array | null | undefined) => numbers(list) ?? [];

const first = (view: OperatorView) => view.inputShapes[0] ?? null;

/** Axes in the order of the permutation. */
export const transpose: ShapeRule = (view) => {
  const order = numbers(optionsOf(view, 'StablehloTransposeOptions')?.permutation);
  const input = first(view);
  return [order && input?.length === order.length ? shapeOfParts(...order.map((axis) => input[axis])) : null];
};

/** Inputs joined along `dimension`. */
export const concatenate: ShapeRule = (view) => {
  const axis = Number(optionsOf(view, 'StablehloConcatenateOptions')?.dimension ?? 0n);
  const input = first(view);
  if (!input || axis < 0 || axis >= input.length) return [null];
  const total = view.inputShapes.reduce((sum, shape) => plus(sum, shape?.[axis] ?? UNKNOWN), 0);
  return [input.map((size, i) => (i === axis ? total : size))];
};

/** From start to limit by stride, axis by axis. */
export const slice: ShapeRule = (view) => {
  const options = optionsOf(view, 'StablehloSliceOptions');
  const [starts, limits, strides] = [options?.startIndices, options?.limitIndices, options?.strides].map(
    numbers,
  );
  if (!starts || !limits) return [null];
  return [
    shapeOfParts(...limits.map((limit, i) => Math.ceil((limit - (starts[i] ?? 0)) / (strides?.[i] ?? 1)))),
  ];
};

/** The slice sizes; where it starts does not matter. */
export const dynamicSlice: ShapeRule = (view) => [
  numbers(optionsOf(view, 'StablehloDynamicSliceOptions')?.sliceSizes),
];

/** Edges may be negative (they crop); `interiorPadding` goes between neighbours. */
export const pad: ShapeRule = (view) => {
  const options = optionsOf(view, 'StablehloPadOptions');
  const low = numbers(options?.edgePaddingLow);
  const high = numbers(options?.edgePaddingHigh);
  const between = numbers(options?.interiorPadding);
  const input = first(view);
  if (!input || !low || !high) return [null];
  return [
    input.map((size, i) => {
      if (size < 0) return UNKNOWN;
      const inner = Math.max(size - 1, 0) * (between?.[i] ?? 0);
      return Math.max(size + inner + (low[i] ?? 0) + (high[i] ?? 0), 0);
    }),
  ];
};

/** Index tuples lie along `indexVectorDim`; each picks a slice, of which the collapsed axes vanish. */
export const gather: ShapeRule = (view) => {
  const options = optionsOf(view, 'StablehloGatherOptions');
  const sizes = numbers(options?.sliceSizes);
  const indices = view.inputShapes[1];
  if (!options || !sizes || !indices) return [null];
  const collapsed = axes(options.collapsedSliceDims);
  const window = sizes.filter((_, i) => !collapsed.includes(i));
  const batch = indices.filter((_, i) => i !== Number(options.indexVectorDim));
  const offsets = axes(options.offsetDims);
  const output: (number | undefined)[] = [];
  let [nextWindow, nextBatch] = [0, 0];
  for (let i = 0; i < window.length + batch.length; i++) {
    output.push(offsets.includes(i) ? window[nextWindow++] : batch[nextBatch++]);
  }
  return [shapeOfParts(...output)];
};

/** The first half of the inputs are operands, the second their start values. */
export const reduce: ShapeRule = (view) => {
  const reduced = axes(optionsOf(view, 'StablehloReduceOptions')?.dimensions);
  return view.outputs.map(
    (_, i) => view.inputShapes[i]?.filter((_size, axis) => !reduced.includes(axis)) ?? null,
  );
};

/** Windows over the padded and dilated input. */
export const reduceWindow: ShapeRule = (view) => {
  const options = optionsOf(view, 'StablehloReduceWindowOptions');
  const window = numbers(options?.windowDimensions);
  const input = first(view);
  if (!options || !window || !input) return view.outputs.map(() => null);
  const strides = numbers(options.windowStrides);
  const baseDilations = numbers(options.baseDilations);
  const dilations = numbers(options.windowDilations);
  const padding = numbers(options.padding);
  const sizes = input.map((size, i) => {
    const spread = size < 1 ? size : (size - 1) * (baseDilations?.[i] ?? 1) + 1;
    const edges = (padding?.[2 * i] ?? 0) + (padding?.[2 * i + 1] ?? 0);
    return slidingSize(plus(spread, edges), window[i], strides?.[i] ?? 1, dilations?.[i] ?? 1, 'VALID');
  });
  const shape = shapeOfParts(...sizes);
  return view.outputs.map(() => shape);
};

function dotParts(view: OperatorView) {
  const options = optionsOf(view, 'StablehloDotGeneralOptions');
  const [left, right] = view.inputShapes;
  if (!options || !left || !right) return null;
  const batch = axes(options.lhsBatchingDimensions).map((axis) => left[axis] ?? UNKNOWN);
  const contracted = axes(options.lhsContractingDimensions).map((axis) => left[axis] ?? UNKNOWN);
  const free = (shape: Shape, taken: readonly number[]) => shape.filter((_, i) => !taken.includes(i));
  const leftTaken = [...axes(options.lhsBatchingDimensions), ...axes(options.lhsContractingDimensions)];
  const rightTaken = [...axes(options.rhsBatchingDimensions), ...axes(options.rhsContractingDimensions)];
  return { contracted, shape: [...batch, ...free(left, leftTaken), ...free(right, rightTaken)] };
}

/** Batch axes, then the free axes of the left and of the right operand. */
export const dotGeneral: ShapeRule = (view) => [dotParts(view)?.shape ?? null];

/** Output elements times the contracted sizes. */
export const dotGeneralMacs: MacsRule = (view) => {
  const parts = dotParts(view);
  return parts ? countAtLeast(parts.shape) * countAtLeast(parts.contracted) : 0;
};

/** A convolution whose axes stand wherever the attributes say. */
export const convolution: ShapeRule = (view) => {
  const options = optionsOf(view, 'StablehloConvolutionOptions');
  const [input, filter] = view.inputShapes;
  if (!options || !input || !filter) return [null];
  const strides = numbers(options.windowStrides);
  const padding = numbers(options.padding);
  const inputDilation = numbers(options.lhsDilation);
  const filterDilation = numbers(options.rhsDilation);
  const inputAxes = axes(options.inputSpatialDimensions);
  const filterAxes = axes(options.kernelSpatialDimensions);
  const output: (number | null | undefined)[] = input.map(() => undefined);
  const batch = input[Number(options.inputBatchDimension)] ?? UNKNOWN;
  const groups = Math.max(Number(options.batchGroupCount), 1);
  output[Number(options.outputBatchDimension)] = batch < 0 ? UNKNOWN : batch / groups;
  output[Number(options.outputFeatureDimension)] = filter[Number(options.kernelOutputFeatureDimension)];
  for (const [i, axis] of axes(options.outputSpatialDimensions).entries()) {
    const size = input[inputAxes[i] ?? -1];
    const spread = size === undefined || size < 1 ? size : (size - 1) * (inputDilation?.[i] ?? 1) + 1;
    const edges = (padding?.[2 * i] ?? 0) + (padding?.[2 * i + 1] ?? 0);
    output[axis] = slidingSize(
      spread === undefined ? undefined : plus(spread, edges),
      filter[filterAxes[i] ?? -1],
      strides?.[i] ?? 1,
      filterDilation?.[i] ?? 1,
      'VALID',
    );
  }
  return [shapeOfParts(...output)];
};

/** Output elements times the filter's size per output channel. */
export const convolutionMacs: MacsRule = (view) => {
  const options = optionsOf(view, 'StablehloConvolutionOptions');
  const filter = view.inputShapes[1];
  const output = view.outputShapes[0];
  if (!options || !filter || !output) return 0;
  const channels = filter[Number(options.kernelOutputFeatureDimension)] ?? 1;
  const perOutput = count(filter) < 1 || channels < 1 ? 0 : count(filter) / channels;
  return times(countAtLeast(output), perOutput);
};
