import type { Migration } from './migration.ts';

/**
 * Embeddings are a cache, and those so far are of strokes that were not smoothed. Servers and trainers
 * make them anew where they are missing.
 */
export const smoothedStrokes: Migration = {
  name: '202611301100-smoothed-strokes',
  up: ({ query }) => query('delete from embeddings'),
  down: async () => {},
};
