#!/usr/bin/env node
require('./node-version.js');
require('../dist/command/main.js').start(process.argv.slice(2));
