import type { Network, NetworkState } from '../../ml/network.ts';
import type { Batch } from '../network-trainer.ts';
import { Classifier } from './classifier.ts';

/** How much of a target is the teacher's word; the rest is the label. */
const TEACHER_SHARE = 0.5;

/**
 * A trained model as a teacher (Hinton, Vinyals and Dean, "Distilling the knowledge in a neural
 * network", 2015; Furlanello and others, "Born-again neural networks", 2018): what it takes a
 * sketch for tells more than the label does, above all of a sketch that has only begun.
 */
export class Teacher {
  readonly #classifier: Classifier;

  private constructor(classifier: Classifier) {
    this.#classifier = classifier;
  }

  static async create(network: Network, state: NetworkState): Promise<Teacher> {
    return new Teacher(await Classifier.create(network, state));
  }

  /** The batch with targets half of the label, half of what the teacher sees in the same raster. */
  async teach(batch: Batch): Promise<Batch> {
    const taught = await this.#classifier.classify(this.#seen(batch));
    const targets = batch.targets.map(
      (label, i) => label + TEACHER_SHARE * ((taught[i] ?? 0) - label),
    );
    return { ...batch, targets };
  }

  /** The first planes of each raster: all, or those that the teacher was trained on. */
  #seen({ rasters, targets }: Batch): Uint8Array {
    const { pixels, planes, categories } = this.#classifier.network;
    const [count, size] = [targets.length / categories, planes * pixels ** 2];
    const length = rasters.length / count;
    if (length === size) return rasters;
    const seen = new Uint8Array(count * size);
    for (let i = 0; i < count; i++)
      seen.set(rasters.subarray(i * length, i * length + size), i * size);
    return seen;
  }

  async close(): Promise<void> {
    await this.#classifier.close();
  }
}
