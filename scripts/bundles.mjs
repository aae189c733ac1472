/** How esbuild bundles the processes; packages stay in node_modules. */
export const BUNDLES = {
  entryPoints: {
    server: 'server/main.ts',
    trainer: 'server/training/main.ts',
    'snapshot-check': 'server/sync/snapshot-check-main.ts',
    'device-probe': 'server/training/device/probe-main.ts',
  },
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  sourcemap: true,
  logLevel: 'warning',
};
