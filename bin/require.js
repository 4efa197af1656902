// What require('pzip') gives where Node.js cannot require() an ES module, which pzip is.
require('./node-version.js');
module.exports = require('../dist/command/api.js');
