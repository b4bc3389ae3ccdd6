import { fileURLToPath } from 'node:url';
import webpack from 'webpack';

const path = fileURLToPath(new URL('dist/', import.meta.url));
const config = { mode: 'production', context: import.meta.dirname, entry: './main.js', output: { path, filename: 'main.js' } };
webpack(config, (error, stats) => {
  if (!error && !stats.hasErrors()) return;
  console.error(error ?? stats.toString('errors-only'));
  process.exitCode = 1;
});
