/** The target of a symbolic link: whether it is valid, and whether it points outside the extraction directory. */
import { quote } from '../common/errors.js';
import type { Report } from './findings.js';

/** PATH_MAX of Linux, without its NUL. */
const LONGEST_TARGET = 4095;

export function checkLinkTarget(content: Buffer, name: string, position: number, report: Report): void {
  const fault = faultOf(content);
  const target = content.toString();
  if (fault !== undefined) report('link-target', position, fault);
  else if (leadsOut(name, target)) report('link-outside', position, `it points to ${quote(target)}`);
}

function faultOf(content: Buffer): string | undefined {
  if (content.length === 0) return 'its target is empty';
  if (content.includes(0)) return 'its target contains a NUL character';
  return content.length > LONGEST_TARGET ? `its target is ${content.length} bytes long` : undefined;
}

/** Resolves the target as a system would if no directory on the way is a link. */
function leadsOut(name: string, target: string): boolean {
  if (/^(?:[/\\]|[A-Za-z]:)/.test(target)) return true;
  let depth = depthOf(name);
  for (const component of target.split(/[/\\]/)) {
    if (component === '' || component === '.') continue;
    depth += component === '..' ? -1 : 1;
    if (depth < 0) return true;
  }
  return false;
}

/** Components of the directory that an entry is in. */
function depthOf(name: string): number {
  return name.split('/').filter((component) => component !== '' && component !== '.').length - 1;
}
