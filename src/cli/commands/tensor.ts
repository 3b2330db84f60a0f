import {
  formatBytes,
  formatCount,
  formatDb,
  formatNumber,
  formatPercent,
  formatShape,
} from '../../core/format';
import { compareTensors, describeTensor, surveyTensor } from '../../core/inspect';
import type { TensorDetails, TensorDifference, TensorFigures } from '../../core/inspect/types';
import { finish } from '../../core/steps';
import { REPORT_VERSION } from '../../core/report/json';
import type { Command } from '../command';
import { openModelFile, tensorIndex } from '../files';
import { alignRows } from '../text';

export const tensorCommand: Command = {
  name: 'tensor',
  summary: 'Figures of one tensor: type, scales, range, channels, zeros, outliers.',
  usage: 'tensor MODEL --tensor NAME|INDEX [--subgraph N] [--original MODEL] [--json]',
  details:
    'Figures of values are those of the real values: scale * (q - zero point) where a tensor is quantized.',
  options: [
    { name: 'tensor', value: 'NAME|INDEX', help: 'The tensor.' },
    { name: 'subgraph', value: 'N', help: 'Its subgraph (preset 0).' },
    {
      name: 'original',
      value: 'MODEL',
      help: 'Also say how far it is from the tensor of the same name in this model.',
    },
  ],
  models: [1, 1],
  async run(input) {
    const wanted = input.required('tensor');
    const subgraph = input.whole('subgraph', 0, 0);
    const { name, model } = await openModelFile(input.models[0]!);
    const index = tensorIndex(model, subgraph, wanted);
    const details = describeTensor(model, subgraph, index);
    const figures =
      details.isConstant && details.texts === null ? finish(surveyTensor(model, subgraph, index)) : null;
    const originalPath = input.text('original');
    let difference: TensorDifference | null = null;
    if (originalPath !== null) {
      const original = await openModelFile(originalPath);
      const place = {
        model: original.model,
        subgraph,
        index: tensorIndex(original.model, subgraph, details.name),
      };
      difference = finish(compareTensors(place, { model, subgraph, index }));
    }
    return {
      json: {
        version: REPORT_VERSION,
        model: name,
        subgraph,
        ...details,
        figures: figures && figuresToJson(figures),
        difference: difference && {
          ...difference,
          sqnrDb: Number.isFinite(difference.sqnrDb) ? difference.sqnrDb : null,
          identical: difference.sqnrDb === Infinity,
        },
      },
      text: toText(details, figures, difference),
    };
  },
};

function figuresToJson({ histogram, channels, outliers, ...figures }: TensorFigures) {
  const { count, min, max, mean, standardDeviation, zeros, nonFinite, outlierShare } = figures;
  return {
    ...{ count, min, max, mean, standardDeviation, zeros, nonFinite, outlierShare, outliers },
    histogram: { ...histogram, counts: Array.from(histogram.counts) },
    channels: channels && {
      axis: channels.axis,
      min: Array.from(channels.min),
      max: Array.from(channels.max),
      mean: Array.from(channels.mean),
    },
  };
}

function toText(
  details: TensorDetails,
  figures: TensorFigures | null,
  difference: TensorDifference | null,
): string {
  const { name, index, dtype, shape, elements, sizeBytes, encoding, formula, producer, consumers } = details;
  const rows = [
    ['Tensor', `${index} ${name}`],
    ['Type', `${dtype} ${formatShape(shape)}`],
    ['Elements', `${formatCount(elements)}, ${formatBytes(sizeBytes)}, ${encoding}`],
    ...(formula === null ? [] : [['Value', formula]]),
    ['Made by', producer !== null ? `operator ${producer}` : details.isConstant ? 'the file' : 'the caller'],
    [
      'Read by',
      consumers.length === 0
        ? 'nothing'
        : `operator${consumers.length === 1 ? '' : 's'} ${consumers.join(', ')}`,
    ],
  ];
  if (figures) {
    const { min, max, mean, standardDeviation, zeros, count, nonFinite, outlierShare, channels } = figures;
    rows.push(
      ['Range', `${formatNumber(min)} to ${formatNumber(max)}`],
      ['Mean', `${formatNumber(mean)}, standard deviation ${formatNumber(standardDeviation)}`],
      ['Zeros', formatPercent(count === 0 ? 0 : zeros / count)],
      ['Outside ±4σ', formatPercent(outlierShare, 2)],
      ...(nonFinite > 0 ? [['Not finite', formatCount(nonFinite)]] : []),
      ...(channels ? [['Channels', `${channels.min.length} along axis ${channels.axis}`]] : []),
    );
  }
  if (difference) {
    const { sqnrDb, maxAbsError, worst } = difference;
    rows.push(
      ['SQNR', sqnrDb === Infinity ? 'equal' : formatDb(sqnrDb)],
      ['Most off', `${formatNumber(maxAbsError)} at element ${worst.index}`],
    );
  }
  return alignRows(rows);
}
