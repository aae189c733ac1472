import type { CanvasDoc } from '../../shared/canvas-doc.ts';

/**
 * The key under which a document holds a sketch. Clients choose it, and some write UUIDs in
 * capitals; the database has it in small letters.
 */
export function findSketchKey({ sketches }: CanvasDoc, sketchId: string): string {
  if (sketches.has(sketchId)) return sketchId;
  const id = sketchId.toLowerCase();
  return [...sketches.keys()].find((key) => key.toLowerCase() === id) ?? sketchId;
}
