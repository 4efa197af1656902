export { PzipError, type PzipErrorCode, type PzipErrorDetails } from './errors.js';
