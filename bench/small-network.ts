import type { Network } from '../server/ml/network.ts';

/**
 * A network that TensorFlow.js can train in seconds a step, and by whose serving time that of the
 * starter model is told on machines of different speed.
 */
export const SMALL_NETWORK: Network = {
  pixels: 32,
  planes: 1,
  blocks: [16, 32, 64, 128].map((channels) => ({ channels, stride: 2 })),
  categories: 20,
};
