import { z } from 'zod';

/** A network as it is stored beside its numbers. */
export const NetworkDescription = z.object({
  pixels: z.number().int().positive(),
  /** Models from before there were several have one. */
  planes: z.union([z.literal(1), z.literal(2), z.literal(6)]).default(1),
  blocks: z
    .array(
      z.object({
        channels: z.number().int().positive(),
        stride: z.union([z.literal(1), z.literal(2)]),
      }),
    )
    .min(1)
    .readonly(),
  categories: z.number().int().positive(),
});
