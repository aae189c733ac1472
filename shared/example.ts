import { z } from 'zod';

export const ExampleSource = z.enum(['drawn', 'feedback', 'import', 'api']);
export type ExampleSource = z.infer<typeof ExampleSource>;

export const Split = z.enum(['train', 'validation', 'test']);
export type Split = z.infer<typeof Split>;

/** A sketch with a category that may be trained on. */
export const Example = z.object({
  id: z.uuid(),
  projectId: z.uuid(),
  categoryId: z.uuid(),
  authorId: z.uuid().nullable(),
  source: ExampleSource,
  split: Split,
  canvasId: z.uuid().nullable(),
  sketchId: z.uuid().nullable(),
  createdAt: z.iso.datetime(),
});
export type Example = z.infer<typeof Example>;
