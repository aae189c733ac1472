import { z } from 'zod';

/** One thing a sketch can show: one of the model's classes. */
export const Category = z.object({
  id: z.uuid(),
  projectId: z.uuid(),
  name: z.string(),
  /** Known to the starter model under this or an alias, so it works without own examples. */
  preTaught: z.boolean(),
  /** People's examples, deleted ones not counted. */
  examples: z.number().int(),
  createdAt: z.iso.datetime(),
});
export type Category = z.infer<typeof Category>;
