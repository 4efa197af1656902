// With PZIP_DEBUG the command runs as compiled, module by module, and stacks name the files of src and their lines.
process.setSourceMapsEnabled(true);
import('../dist/cli/main.js').then(({ start }) => start(process.argv.slice(2)));
