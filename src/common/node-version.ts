/**
 * Imported ahead of everything else: an older Node gets a message instead of an error about something that it lacks. So that
 * such a Node gets as far as this, no module imports by name what newer ones have added to Node's own modules.
 */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 15)) {
  throw new Error(`pzip needs Node.js 20.15 or newer; this is ${process.versions.node}`);
}
