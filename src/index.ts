import './node-version.js';

export type { OnChange } from './compress/task.js';
export { createArchive, type PreviewedEntry, previewArchive } from './create-archive.js';
export { createPool, type Pool, type PoolOptions } from './create-pool.js';
export { isEngineAvailable } from './deflate/create-engine.js';
export type { EngineName } from './deflate/engine.js';
export type { WrittenEntry } from './entry.js';
export { PzipError, type PzipErrorCode, type PzipErrorDetails } from './errors.js';
export { parseFileList } from './input/file-list.js';
export type {
  LevelRule,
  ModePolicy,
  Renaming,
  SelectionCounts,
  SelectOptions,
  SymlinkPolicy,
} from './input/select-options.js';
export type { StreamContent } from './input/stream-content.js';
export type {
  ArchiveEntry,
  ArchiveOptions,
  ArchiveResult,
  CompressionLevel,
  CreateArchiveOptions,
  DataEntry,
  DirectoryEntry,
  EntryContent,
  EntryOptions,
  FileEntry,
  FileEntryOptions,
  Inputs,
  SelectionOptions,
  StreamEntry,
  StreamEntryOptions,
  SymlinkEntry,
} from './options.js';
export type { ArchiveOutput } from './output/open-sink.js';
export type { OutputStream } from './output/open-stream.js';
export { type PredictSizeOptions, predictSize } from './predict-size.js';
export type { Progress } from './progress.js';
export type { PzipWarning, PzipWarningCode } from './warnings.js';
export { ZipArchive } from './zip-archive.js';
