import { bool, enumeration, enums, scalar, string, vector } from './field';

/** Options of the builtin operators (union BuiltinOptions2). */
export const option2Tables = {
  StablehloGatherOptions: {
    offsetDims: vector(0, 'int64'),
    collapsedSliceDims: vector(1, 'int64'),
    startIndexMap: vector(2, 'int64'),
    indexVectorDim: scalar(3, 'int64'),
    sliceSizes: vector(4, 'int64'),
    indicesAreSorted: bool(5),
  },
  StablehloTransposeOptions: {
    permutation: vector(0, 'int64'),
  },
  StablehloDotGeneralOptions: {
    lhsBatchingDimensions: vector(0, 'int64'),
    rhsBatchingDimensions: vector(1, 'int64'),
    lhsContractingDimensions: vector(2, 'int64'),
    rhsContractingDimensions: vector(3, 'int64'),
    precisionConfig: enums(4, 'StablehloPrecisionConfig'),
  },
  StablehloReduceWindowOptions: {
    windowDimensions: vector(0, 'int64'),
    windowStrides: vector(1, 'int64'),
    baseDilations: vector(2, 'int64'),
    windowDilations: vector(3, 'int64'),
    padding: vector(4, 'int64'),
    bodySubgraphIndex: scalar(5, 'int32'),
  },
  StablehloWhileOptions: {
    condSubgraphIndex: scalar(0, 'int32'),
    bodySubgraphIndex: scalar(1, 'int32'),
  },
  StablehloSortOptions: {
    dimension: scalar(0, 'int64'),
    isStable: bool(1),
    comparatorSubgraphIndex: scalar(2, 'int32'),
  },
  StablehloConcatenateOptions: {
    dimension: scalar(0, 'int64'),
  },
  StablehloBroadcastInDimOptions: {
    broadcastDimensions: vector(0, 'int64'),
  },
  StablehloCompareOptions: {
    comparisonDirection: enumeration(0, 'StablehloComparisonDirection'),
    compareType: enumeration(1, 'StablehloComparisonType'),
  },
  StablehloDynamicSliceOptions: {
    sliceSizes: vector(0, 'int64'),
  },
  StablehloPadOptions: {
    edgePaddingLow: vector(0, 'int64'),
    edgePaddingHigh: vector(1, 'int64'),
    interiorPadding: vector(2, 'int64'),
  },
  StablehloIotaOptions: {
    iotaDimension: scalar(0, 'int64'),
  },
  StablehloCustomCallOptions: {
    callTargetName: string(0),
    hasSideEffect: bool(1),
    backendConfig: string(2),
    apiVersion: scalar(3, 'int32'),
    calledComputations: vector(4, 'int32'),
    customAttributes: vector(5, 'uint8'),
  },
  StablehloReduceOptions: {
    dimensions: vector(0, 'int64'),
    bodySubgraphIndex: scalar(1, 'int32'),
  },
  StablehloSliceOptions: {
    startIndices: vector(0, 'int64'),
    limitIndices: vector(1, 'int64'),
    strides: vector(2, 'int64'),
  },
  StablehloConvolutionOptions: {
    windowStrides: vector(0, 'int64'),
    padding: vector(1, 'int64'),
    lhsDilation: vector(2, 'int64'),
    rhsDilation: vector(3, 'int64'),
    windowReversal: vector(4, 'bool'),
    inputBatchDimension: scalar(5, 'int64'),
    inputFeatureDimension: scalar(6, 'int64'),
    inputSpatialDimensions: vector(7, 'int64'),
    kernelInputFeatureDimension: scalar(8, 'int64'),
    kernelOutputFeatureDimension: scalar(9, 'int64'),
    kernelSpatialDimensions: vector(10, 'int64'),
    outputBatchDimension: scalar(11, 'int64'),
    outputFeatureDimension: scalar(12, 'int64'),
    outputSpatialDimensions: vector(13, 'int64'),
    featureGroupCount: scalar(14, 'int64'),
    batchGroupCount: scalar(15, 'int64'),
    precisionConfig: enums(16, 'StablehloPrecisionConfig'),
  },
  StablehloScatterOptions: {
    indicesAreSorted: bool(0),
    updateWindowDims: vector(1, 'int64'),
    insertedWindowDims: vector(2, 'int64'),
    scatterDimsToOperandDims: vector(3, 'int64'),
    indexVectorDim: scalar(4, 'int64'),
    uniqueIndices: bool(5),
    updateComputationSubgraphIndex: scalar(6, 'int32'),
  },
  StablehloCaseOptions: {
    branchSubgraphIndices: vector(0, 'int32'),
  },
  StablehloRngBitGeneratorOptions: {
    algorithm: enumeration(0, 'RngAlgorithm'),
  },
  DilateOptions: {},
  ReduceWindowOptions: {
    reduceFunction: enumeration(0, 'ReduceWindowFunction'),
  },
  StableHLOCompositeOptions: {
    name: string(0),
    decompositionSubgraphIndex: scalar(1, 'int32'),
    compositeAttributes: vector(2, 'uint8'),
    compositeAttributesFormat: enumeration(3, 'CustomOptionsFormat'),
    version: scalar(4, 'int32'),
  },
  StablehloShiftLeftOptions: {},
} as const;
