#!/usr/bin/env node
require('./node-version.js');
var debug = process.env.PZIP_DEBUG;
if (debug && debug !== '0') require('./debug.js');
else require('../dist/command/main.js').start(process.argv.slice(2));
