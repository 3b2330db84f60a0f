/** Weights whose ranges make an 8-bit scale coarse for most of them. */
import { formatNumber, formatPercent, plural } from '../format';
import { DEAD_BELOW, deadChannels, isDead } from './dead-channels';
import type { Layer } from './layers';
import type { LintRule } from './types';
import { counted, operatorWords } from './words';

/** Channels this many times smaller than the largest keep fewer than three steps to each side. */
const LARGEST_RATIO = 50;
/** A weight beyond this many times the root mean square of its channel's weights (zeros left out) is alone. */
const LARGEST_DEVIATION = 30;

/** Layers with one scale for channels of very different ranges. */
export const outlierChannelsRule: LintRule = {
  name: 'outlier-channels',
  title: "Channels too small for the layer's scale",
  explanation:
    'Where a layer has one scale for all of its weights, channels of much smaller weights than the largest channel keep only a few steps.',
  look({ graph, layers }) {
    const hits = layers.flatMap((layer) => {
      const small = hasOneScale(layer) ? smallChannels(layer) : 0;
      return small > 0 ? [{ layer, small }] : [];
    });
    if (hits.length === 0) return [];
    hits.sort((a, b) => b.small / b.layer.channels - a.small / a.layer.channels);
    const worst = hits[0]!;
    const total = hits.reduce((sum, { small }) => sum + small, 0);
    const isStored = worst.layer.scales !== null;
    const share = worst.small / worst.layer.channels;
    return [
      {
        severity: isStored && share > 0.02 ? 'warning' : 'hint',
        message: `${counted(total, 'output channel', 'is', 'are')} over ${LARGEST_RATIO} times smaller than the largest of the layer, in ${plural(hits.length, 'layer')} with one scale for all weights: 8 bits leave at most two steps to each side. Worst is ${operatorWords(graph, worst.layer.operator)}: ${worst.small} of ${worst.layer.channels} channels (${formatPercent(share, 0)}).`,
        advice: isStored
          ? 'Quantize again from the float model with one scale per channel (granularity: channel).'
          : "Quantize with one scale per channel (granularity: channel). TensorFlow's own converter gives FULLY_CONNECTED one scale for all channels; equalizing the layers helps there.",
        operators: hits.map(({ layer }) => layer.operator),
      },
    ];
  },
};

/** One scale as stored; of float layers FULLY_CONNECTED, which the official converter gives one scale. */
function hasOneScale({ scales, kind, channels }: Layer): boolean {
  return channels > 1 && (scales === null ? kind === 'FULLY_CONNECTED' : scales.length === 1);
}

function smallChannels({ spread: { largest }, isFinite }: Layer): number {
  if (!isFinite) return 0;
  const top = largest.reduce((most, value) => Math.max(most, value), 0);
  return largest.reduce(
    (sum, value) => sum + (value >= DEAD_BELOW && value * LARGEST_RATIO < top ? 1 : 0),
    0,
  );
}

/** Channels in which one weight is far larger than all others. */
export const outlierWeightsRule: LintRule = {
  name: 'outlier-weights',
  title: 'Single large weights',
  explanation:
    'One weight far beyond the others of its channel sets the scale for all of them, which then keep only a few steps.',
  look({ graph, layers }) {
    const hits = layers.flatMap((layer) => {
      const channels = outlierChannels(layer);
      return channels.count > 0 ? [{ layer, ...channels }] : [];
    });
    if (hits.length === 0) return [];
    hits.sort((a, b) => b.worst - a.worst);
    const first = hits[0]!;
    const total = hits.reduce((sum, { count }) => sum + count, 0);
    return [
      {
        severity: 'hint',
        message: `${counted(total, 'output channel', 'holds', 'hold')} a weight over ${LARGEST_DEVIATION} times as large as the channel's others are on average; it sets their scale. Worst is channel ${first.channel} of ${operatorWords(graph, first.layer.operator)}: ${formatNumber(first.worst, 2)} times, so that an average weight there is ${formatNumber(127 / first.worst, 2)} steps large in int8.`,
        advice:
          first.layer.scales === null
            ? 'Choose clipping of weights (least squared error) when quantizing; it is kept only where the outputs are closer. int4 suffers most.'
            : 'Quantize again from the float model with clipping of weights.',
        operators: hits.map(({ layer }) => layer.operator),
      },
    ];
  },
};

function outlierChannels({ spread: { largest, rms }, isFinite, channels }: Layer) {
  let [count, worst, channel] = [0, 0, 0];
  for (let c = 0; isFinite && c < channels; c++) {
    if (largest[c]! < DEAD_BELOW) continue;
    const ratio = largest[c]! / rms[c]!;
    if (ratio <= LARGEST_DEVIATION) continue;
    count++;
    if (ratio > worst) [worst, channel] = [ratio, c];
  }
  return { count, worst, channel };
}

/** Weights that are no numbers. */
export const brokenWeightsRule: LintRule = {
  name: 'broken-weights',
  title: 'Weights that are not finite',
  explanation:
    'A weight that is NaN or infinite spoils every output that depends on it and cannot be quantized.',
  look({ graph, layers }) {
    const broken = layers.filter(({ isFinite }) => !isFinite);
    if (broken.length === 0) return [];
    return [
      {
        severity: 'warning',
        message: `${counted(broken.length, 'layer', 'holds', 'hold')} weights that are NaN or infinite, first ${operatorWords(graph, broken[0]!.operator)}.`,
        advice: 'Train or convert the model again; these layers stay float when quantizing.',
        operators: broken.map(({ operator }) => operator),
      },
    ];
  },
};

/** Zeros stored like any other weight. */
export const storedZerosRule: LintRule = {
  name: 'stored-zeros',
  title: 'Zeros stored in full',
  explanation:
    'Pruned weights that are stored densely take as many bytes and as much time as others; only the compressed file is smaller.',
  look({ graph, layers }) {
    const hits = layers.flatMap((layer) => {
      // Dead channels have a rule of their own.
      const size = (layer.channels - deadChannels(layer)) * layer.depth;
      const zeros =
        size - layer.spread.nonZeros.reduce((sum, one, c) => sum + (isDead(layer, c) ? 0 : one), 0);
      const isDense = graph.subgraph.tensors[layer.constant]!.sparsity === null;
      return isDense && size >= SMALL_LAYER && zeros > FEW_ZEROS * size ? [{ layer, zeros, size }] : [];
    });
    const zeros = hits.reduce((sum, one) => sum + one.zeros, 0);
    const size = hits.reduce((sum, one) => sum + one.size, 0);
    const all = layers.reduce((sum, { channels, depth }) => sum + channels * depth, 0);
    if (hits.length === 0 || zeros < 0.1 * all) return [];
    hits.sort((a, b) => b.zeros - a.zeros);
    return [
      {
        severity: 'hint',
        message: `${formatPercent(zeros / size, 0)} of the weights of ${plural(hits.length, 'layer')} are zeros stored like any other weight: they make neither the file smaller nor the model faster, only a compressed download.`,
        advice:
          'Judge such pruning by the size as gzip. Bytes and time are saved only where whole channels of zeros are taken out.',
        operators: hits.map(({ layer }) => layer.operator),
      },
    ];
  },
};

const SMALL_LAYER = 256;
const FEW_ZEROS = 0.4;
