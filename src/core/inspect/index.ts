/** Questions about a model, answered as plain data. */
export { archiveConstants } from './archive';
export { byteItems, groupBytes } from './bytes';
export { channelStatistics, outlierChannels } from './channels';
export { compareTensors } from './difference';
export { exportSteps, exportTensor } from './export';
export { filterPictures } from './filters';
export { openedModels } from './opened-models';
export { describeOperator } from './operators';
export { scaleTable } from './scales';
export { stepRunner } from '../steps';
export { summarize } from './summary';
export { statisticsOf, surveyTensor, tensorStatistics } from './survey';
export { describeTensor } from './tensors';
export { tensorValuesPage } from './values';
