import { defineConfig } from 'vitest/config';

// Tests lie beside the code; whole-system tests are in test/. One run, one report.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          environment: 'node',
          include: [
            '{shared,server,scripts}/**/*.test.ts',
            'client/{drawing,services}/**/*.test.ts',
          ],
          globalSetup: ['test/support/postgres-setup.ts'],
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        oxc: false,
        esbuild: {
          tsconfigRaw: {
            compilerOptions: { experimentalDecorators: true, useDefineForClassFields: false },
          },
        },
        test: {
          name: 'elements',
          environment: 'happy-dom',
          include: ['client/{elements,controllers}/**/*.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'system',
          environment: 'node',
          include: ['test/**/*.test.ts'],
          globalSetup: ['test/support/postgres-setup.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
