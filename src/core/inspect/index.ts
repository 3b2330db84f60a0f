/** Questions about a model, answered as plain data. */
export { openedModels } from './opened-models';
export { describeOperator } from './operators';
export { statisticsOf, tensorStatistics } from './statistics';
export { summarize } from './summary';
export { describeTensor } from './tensors';
export { exportTensor, tensorValuesPage } from './values';
