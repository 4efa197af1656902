/** Writes a small file beside an archive: a reader finds the old one or the complete new one. */
import { renameSync } from 'node:fs';
import { removeLeftovers } from './remove-leftovers.js';
import { TemporaryFile } from './temporary.js';

/** @param mode permission bits */
export async function replaceFile(path: string, buffers: readonly Uint8Array[], mode: number): Promise<void> {
  const temporary = new TemporaryFile(path, 0o600);
  try {
    let position = 0;
    for (const bytes of buffers) {
      await temporary.file.write(bytes, position);
      position += bytes.length;
    }
    temporary.file.chmod(mode);
    await temporary.close();
    renameSync(temporary.path, path);
    temporary.forget();
  } catch (error) {
    await temporary.close().catch(() => {});
    await temporary.remove();
    temporary.forget();
    throw error;
  }
  await removeLeftovers(path);
}
