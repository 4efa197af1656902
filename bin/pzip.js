#!/usr/bin/env node
const { loadCached } = require('../dist/command/code-cache.js');

loadCached(require.resolve('../dist/command/main.js'), require).start(process.argv.slice(2));
