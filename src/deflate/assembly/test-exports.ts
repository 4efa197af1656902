/**
 * The entry of the debug build: what index.ts exports, and the internal functions and addresses that tests call and
 * read directly (test/deflate/debug-module.ts).
 */

export { estimateCost } from './block-splitter';
export { blockCount, blockStart, histogramOf, split } from './block-splitter-optimal';
export {
  distanceCodeCount,
  literalCodeCount,
  PRECODE_ITEMS,
  PRECODE_LENGTHS,
  precodeItemCount,
  precodeLengthCount,
  prepareHeader,
} from './block-writer';
export { detectDataType } from './data-type';
export { failedFile, failedLine, failedMessage, startChecks } from './debug';
export { buildCode, buildFixedCode } from './huffman';
export * from './index';
export { matchScore } from './match-common';
export * from './memory-map';
export { optimizeForRle } from './optimize-for-rle';
export { packMatch } from './sequences';
export { setSymbolCosts } from './symbol-costs';
export { entropyTerm, log2, shortLog2 } from './tables';
export { isUnprofitable, maxUsefulDistance, startLiteralCost } from './useful-distance';
