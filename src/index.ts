export { createArchive, type PreviewedEntry, previewArchive } from './create-archive.js';
export type { EngineName } from './deflate/engine.js';
export type { WrittenEntry } from './entry.js';
export { PzipError, type PzipErrorCode, type PzipErrorDetails } from './errors.js';
export { parseFileList } from './input/file-list.js';
export type { LevelRule, ModePolicy, Renaming, SelectionCounts, SymlinkPolicy } from './input/select-options.js';
export type {
  ArchiveOptions,
  ArchiveResult,
  CompressionLevel,
  CreateArchiveOptions,
  EntryOptions,
  FileEntryOptions,
} from './options.js';
export type { ArchiveOutput } from './output/open-sink.js';
export type { Progress } from './progress.js';
export type { PzipWarning, PzipWarningCode } from './warnings.js';
export { ZipArchive } from './zip-archive.js';
