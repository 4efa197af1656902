import { fstatSync } from 'node:fs';
import type { ExactIdentity } from './file/identity.js';

/** `pzip - . > out.zip` writes to a file as well, and it must not go into itself. */
export function fileBehind(stream: object): ExactIdentity {
  const fd = 'fd' in stream && typeof stream.fd === 'number' ? stream.fd : undefined;
  return fd === undefined ? { dev: -1n, ino: -1n } : fstatSync(fd, { bigint: true });
}
