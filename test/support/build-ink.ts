import type { InkStroke } from '../../shared/stroke-codec.ts';

/** A short stroke of a participant, beginning at (x, y). */
export function buildInk(
  authorId: string,
  at: { x: number; y: number } = { x: 0, y: 0 },
): InkStroke {
  return {
    style: { tool: 'pen', color: '#1f1d1a', width: 4 },
    authorId,
    startedAt: 1_700_000_000_000,
    points: {
      xs: [at.x, at.x + 10, at.x + 20],
      ys: [at.y, at.y + 5, at.y],
      ts: [0, 16, 33],
      pressures: [0.4, 0.6, 0.8].map((pressure) => Math.round(pressure * 255) / 255),
    },
  };
}
