import './common/node-version.js';

export {
  type ArchiveCheck,
  checkArchive,
  type Finding,
} from './archive/check-archive.js';
export type { CheckOptions } from './archive/check-options.js';
export { createArchive } from './archive/create-archive.js';
export { type CreatedPlan, createPlan } from './archive/create-plan.js';
export { createPool } from './archive/create-pool.js';
export { diffArchives } from './archive/diff-archives.js';
export type { Diff, DiffOptions } from './archive/diff-options.js';
export { mergeArchives } from './archive/merge-archives.js';
export { type MergedRanges, type MergeRangesOptions, mergeRanges } from './archive/merge-ranges.js';
export { type ArchiveReader, openArchive } from './archive/open-archive.js';
export type {
  ArchiveEntry,
  ArchiveInput,
  ArchiveOptions,
  CompressionLevel,
  CopyOptions,
  CreateArchiveOptions,
  DataEntry,
  DirectoryEntry,
  EntryContent,
  EntryOptions,
  FileEntry,
  FileEntryOptions,
  Inputs,
  MergeOptions,
  PredictSizeOptions,
  SelectionOptions,
  StreamEntry,
  StreamEntryOptions,
  SymlinkEntry,
} from './archive/options.js';
export type { Pool, PoolOptions } from './archive/pool.js';
export { predictSize } from './archive/predict-size.js';
export { type Preview, type PreviewedEntry, type PreviewOptions, preview } from './archive/preview.js';
export type { ReportOptions } from './archive/report-options.js';
export { ZipArchive } from './archive/zip-archive.js';
export type { AffectedReaders } from './check/rules/format-rule.js';
export type { RuleId } from './check/rules/rule-id.js';
export type { WrittenEntry } from './common/entry.js';
export { PzipError, type PzipErrorCode, type PzipErrorDetails, type SizedEntry } from './common/errors.js';
export type { SizeChange, SizeChanges, SizeTotal } from './common/size-changes.js';
export type { PzipWarning, PzipWarningCode } from './common/warnings.js';
export type { OnChange } from './compress/tasks.js';
export { isEngineAvailable } from './deflate/create-engine.js';
export type { EngineName } from './deflate/engine.js';
export type { DiffAspect, DiffEntry } from './diff/decide.js';
export type { Difference } from './diff/run-comparison.js';
export type { ArchiveOutput } from './output/open-sink.js';
export type { FileIdentity, RewritableSink, Scratch, Sink } from './output/sink.js';
export type { OutputStream } from './output/stream/open-stream.js';
export type { Progress } from './pipeline/progress.js';
export type { ArchiveResult } from './pipeline/run-options.js';
export type { ArchivedEntry } from './reader/archived-entry.js';
export type { ReuseCheck } from './reuse/reuse-task.js';
export { parseFileList } from './select/file-list.js';
export type {
  DuplicatePolicy,
  LevelRule,
  ModePolicy,
  Renaming,
  SelectionCounts,
  SelectOptions,
  SymlinkPolicy,
} from './select/select-options.js';
export type { SourceRange } from './shard/range-list.js';
export type { ShardNumber } from './shard/shard-number.js';
export type { StreamContent } from './sources/stream-content.js';
