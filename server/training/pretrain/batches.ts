import { RASTER_PIXELS } from '../../../shared/limits.ts';
import { seededRandom, shuffle } from '../../../shared/random.ts';
import { rasterize, type Planes } from '../../../shared/rasterize.ts';
import { augmentLineWidth, augmentStrokes, type Augmentation } from '../../ml/augment.ts';
import type { Batch } from '../network-trainer.ts';
import type { Drawings } from './drawings.ts';

const LABEL_SMOOTHING = 0.05;
const DROPOUT = 0.1;

export interface BatchOptions {
  readonly drawings: Drawings;
  readonly augmentation: Augmentation;
  /** Of the rasters. */
  readonly planes: Planes;
  readonly batch: number;
  readonly categories: number;
  readonly embeddingSize: number;
  readonly seed: number;
}

/** Augmented batches without end, every drawing once an epoch; the seed fixes all of it. */
export function* batchesOf(options: BatchOptions): Generator<Batch, never> {
  const random = seededRandom(options.seed);
  const { drawings, augmentation, planes, batch, categories, embeddingSize } = options;
  const rasterBytes = planes * RASTER_PIXELS * RASTER_PIXELS;
  let queue: number[] = [];
  for (;;) {
    const rasters = new Uint8Array(batch * rasterBytes);
    const targets = new Float32Array(batch * categories).fill(LABEL_SMOOTHING / categories);
    for (let i = 0; i < batch; i++) {
      if (queue.length === 0) queue = shuffledIndexes(drawings.count, random);
      const index = queue.pop() ?? 0;
      const strokes = augmentStrokes(drawings.strokesOf(index), augmentation, random);
      const lineWidth = augmentLineWidth(augmentation, random);
      rasters.set(rasterize(strokes, { lineWidth, planes }), i * rasterBytes);
      const target = i * categories + (drawings.categoryOf[index] ?? 0);
      targets[target] = (targets[target] ?? 0) + 1 - LABEL_SMOOTHING;
    }
    const dropout = new Float32Array(batch * embeddingSize);
    for (let i = 0; i < dropout.length; i++) {
      dropout[i] = random() < DROPOUT ? 0 : 1 / (1 - DROPOUT);
    }
    yield { rasters, targets, dropout };
  }
}

function shuffledIndexes(count: number, random: () => number): number[] {
  return shuffle(
    Array.from({ length: count }, (_, i) => i),
    random,
  );
}
