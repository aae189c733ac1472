import { z } from 'zod';

const Block = z.object({
  channels: z.number().int().positive(),
  stride: z.union([z.literal(1), z.literal(2)]),
});

/** A network as it is stored beside its numbers. */
export const NetworkDescription = z
  .object({
    pixels: z.number().int().positive(),
    /** Models from before there were several have one. */
    planes: z.union([z.literal(1), z.literal(2), z.literal(6), z.literal(7)]).default(1),
    blocks: z.array(Block).readonly(),
    /** Models from before there were any have none. */
    pathBlocks: z.array(Block).readonly().exactOptional(),
    categories: z.number().int().positive(),
  })
  .refine(({ blocks, pathBlocks = [] }) => blocks.length + pathBlocks.length > 0, {
    message: 'A network has blocks.',
  })
  .refine(({ planes, pathBlocks = [] }) => pathBlocks.length === 0 || planes === 7, {
    message: 'Only rasters of seven planes have the path.',
  });
