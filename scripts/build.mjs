// Builds everything into dist/: the page (client/), server.js and trainer.js.
import { build as buildBundles } from 'esbuild';
import { build as buildPage } from 'vite';
import { BUNDLES } from './bundles.mjs';
import { ROOT } from './steps.mjs';

process.chdir(ROOT);
await Promise.all([buildBundles(BUNDLES), buildPage({ logLevel: 'warn' })]);
