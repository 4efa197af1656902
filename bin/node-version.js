// Read by every Node.js that there is, so the syntax is that of the oldest.
var numbers = process.versions.node.split('.');
var message = ['pzip needs Node.js 20.15 or newer; this is ', process.versions.node].join('');
if (numbers[0] < 20 || (numbers[0] === '20' && numbers[1] < 15)) {
  // A program gets an error to catch; the command says it in one line.
  if (!require.main || require.main.filename !== require.resolve('./pzip.js')) throw new Error(message);
  console.error(message);
  process.exit(1);
}
