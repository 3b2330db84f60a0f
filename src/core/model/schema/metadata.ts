/** The schema of TFLite model metadata (file identifier M001, version 1.5): what a model says about its inputs and outputs. */
import { compileSchema } from '../codec/compiled-schema';
import { enumeration, scalar, string, strings, table, tables as list, union, vector } from './field';
import type { EnumValueIn, TableIn } from './typing';

const tables = {
  AssociatedFile: {
    name: string(0),
    description: string(1),
    type: enumeration(2, 'AssociatedFileType'),
    locale: string(3),
    version: string(4),
  },
  FeatureProperties: {},
  ImageSize: {
    width: scalar(0, 'uint32'),
    height: scalar(1, 'uint32'),
  },
  ImageProperties: {
    colorSpace: enumeration(0, 'ColorSpaceType'),
    defaultSize: table(1, 'ImageSize'),
  },
  BoundingBoxProperties: {
    index: vector(0, 'uint32'),
    type: enumeration(1, 'BoundingBoxType'),
    coordinateType: enumeration(2, 'CoordinateType'),
  },
  AudioProperties: {
    sampleRate: scalar(0, 'uint32'),
    channels: scalar(1, 'uint32'),
  },
  ValueRange: {
    min: scalar(0, 'int32'),
    max: scalar(1, 'int32'),
  },
  Content: {
    contentProperties: union(0, 'ContentProperties'),
    range: table(2, 'ValueRange'),
  },
  NormalizationOptions: {
    mean: vector(0, 'float32'),
    std: vector(1, 'float32'),
  },
  ScoreCalibrationOptions: {
    scoreTransformation: enumeration(0, 'ScoreTransformationType'),
    defaultScore: scalar(1, 'float32'),
  },
  ScoreThresholdingOptions: {
    globalScoreThreshold: scalar(0, 'float32'),
  },
  BertTokenizerOptions: {
    vocabFile: list(0, 'AssociatedFile'),
  },
  SentencePieceTokenizerOptions: {
    sentencePieceModel: list(0, 'AssociatedFile'),
    vocabFile: list(1, 'AssociatedFile'),
  },
  RegexTokenizerOptions: {
    delimRegexPattern: string(0),
    vocabFile: list(1, 'AssociatedFile'),
  },
  ProcessUnit: {
    options: union(0, 'ProcessUnitOptions'),
  },
  Stats: {
    max: vector(0, 'float32'),
    min: vector(1, 'float32'),
  },
  TensorGroup: {
    name: string(0),
    tensorNames: strings(1),
  },
  TensorMetadata: {
    name: string(0),
    description: string(1),
    dimensionNames: strings(2),
    content: table(3, 'Content'),
    processUnits: list(4, 'ProcessUnit'),
    stats: table(5, 'Stats'),
    associatedFiles: list(6, 'AssociatedFile'),
  },
  CustomMetadata: {
    name: string(0),
    data: vector(1, 'uint8', 16),
  },
  SubGraphMetadata: {
    name: string(0),
    description: string(1),
    inputTensorMetadata: list(2, 'TensorMetadata'),
    outputTensorMetadata: list(3, 'TensorMetadata'),
    associatedFiles: list(4, 'AssociatedFile'),
    inputProcessUnits: list(5, 'ProcessUnit'),
    outputProcessUnits: list(6, 'ProcessUnit'),
    inputTensorGroups: list(7, 'TensorGroup'),
    outputTensorGroups: list(8, 'TensorGroup'),
    customMetadata: list(9, 'CustomMetadata'),
  },
  ModelMetadata: {
    name: string(0),
    description: string(1),
    version: string(2),
    subgraphMetadata: list(3, 'SubGraphMetadata'),
    author: string(4),
    license: string(5),
    associatedFiles: list(6, 'AssociatedFile'),
    minParserVersion: string(7),
  },
} as const;

const enumValues = {
  AssociatedFileType: {
    UNKNOWN: 0,
    DESCRIPTIONS: 1,
    TENSOR_AXIS_LABELS: 2,
    TENSOR_VALUE_LABELS: 3,
    TENSOR_AXIS_SCORE_CALIBRATION: 4,
    VOCABULARY: 5,
    SCANN_INDEX_FILE: 6,
  },
  ColorSpaceType: { UNKNOWN: 0, RGB: 1, GRAYSCALE: 2 },
  BoundingBoxType: { UNKNOWN: 0, BOUNDARIES: 1, UPPER_LEFT: 2, CENTER: 3 },
  CoordinateType: { RATIO: 0, PIXEL: 1 },
  ScoreTransformationType: { IDENTITY: 0, LOG: 1, INVERSE_LOGISTIC: 2 },
} as const;

const enumStorage = {
  AssociatedFileType: 'int8',
  ColorSpaceType: 'int8',
  BoundingBoxType: 'int8',
  CoordinateType: 'int8',
  ScoreTransformationType: 'int8',
} as const;

const unionMembers = {
  ContentProperties: ['FeatureProperties', 'ImageProperties', 'BoundingBoxProperties', 'AudioProperties'],
  ProcessUnitOptions: [
    'NormalizationOptions',
    'ScoreCalibrationOptions',
    'ScoreThresholdingOptions',
    'BertTokenizerOptions',
    'SentencePieceTokenizerOptions',
    'RegexTokenizerOptions',
  ],
} as const;

interface MetadataShape {
  readonly tables: typeof tables;
  readonly enumValues: typeof enumValues;
  readonly unionMembers: typeof unionMembers;
}

export type MetadataTable<T extends keyof typeof tables> = TableIn<MetadataShape, T>;
export type AssociatedFileType = EnumValueIn<MetadataShape, 'AssociatedFileType'>;

export const metadataSchema = compileSchema({ tables, enumValues, enumStorage, unionMembers });
