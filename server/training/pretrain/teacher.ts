/**
 * A trained model as a teacher (Hinton, Vinyals and Dean, "Distilling the knowledge in a neural
 * network", 2015; Furlanello and others, "Born-again neural networks", 2018): what it takes a
 * sketch for tells more than the label does, above all of a sketch that has only begun.
 */
import { Tensor, type InferenceSession } from 'onnxruntime-node';
import { createSession } from '../../inference/session.ts';
import { headOf } from '../../ml/head.ts';
import { embeddingSizeOf, type Network, type NetworkState } from '../../ml/network.ts';
import { OnnxGraph } from '../../ml/onnx-graph.ts';
import { embeddingOf } from '../../ml/serving-graph.ts';
import type { Batch } from '../network-trainer.ts';

/** How much of a target is the teacher's word; the rest is the label. */
const TEACHER_SHARE = 0.5;
const ANY_BATCH = -1;

/** A network with its weights. */
export interface TrainedNetwork {
  readonly network: Network;
  readonly state: NetworkState;
}

/** One network, or several of which the mean is taken, that say what they take sketches for. */
export class Teacher {
  readonly #sessions: readonly InferenceSession[];
  /** What all of them take. */
  readonly #raster: Pick<Network, 'pixels' | 'planes'>;

  private constructor(sessions: readonly InferenceSession[], { pixels, planes }: Network) {
    this.#sessions = sessions;
    this.#raster = { pixels, planes };
  }

  /** Throws where the networks take different rasters. */
  static async create(
    first: TrainedNetwork,
    ...others: readonly TrainedNetwork[]
  ): Promise<Teacher> {
    const { pixels, planes } = first.network;
    for (const { network } of others) {
      if (network.pixels !== pixels || network.planes !== planes)
        throw new Error('All teachers must see the same of a sketch.');
    }
    const sessions = [first, ...others].map(async ({ network, state }) =>
      createSession(classifier(network, state)),
    );
    return new Teacher(await Promise.all(sessions), first.network);
  }

  /** The batch with targets half of the label, half of what is seen in the same raster. */
  async teach(batch: Batch): Promise<Batch> {
    const { pixels, planes } = this.#raster;
    const count = batch.rasters.length / (planes * pixels * pixels);
    const raster = new Tensor('uint8', batch.rasters, [count, planes, pixels, pixels]);
    const targets = batch.targets.map((label) => (1 - TEACHER_SHARE) * label);
    for (const session of this.#sessions) {
      const { probabilities } = await session.run({ raster });
      if (!(probabilities?.data instanceof Float32Array))
        throw new Error('The teacher gave no probabilities.');
      const share = TEACHER_SHARE / this.#sessions.length;
      probabilities.data.forEach((taught, i) => (targets[i] = (targets[i] ?? 0) + share * taught));
    }
    return { ...batch, targets };
  }

  async close(): Promise<void> {
    for (const session of this.#sessions) await session.release();
  }
}

/** `raster` uint8 [N, planes, pixels, pixels] to `probabilities` float [N, categories]. */
function classifier(network: Network, state: NetworkState): Uint8Array {
  const graph = new OnnxGraph();
  const { categories } = network;
  const { weights, bias } = headOf(network, state);
  const inputs = [
    embeddingOf(graph, network, state),
    graph.tensor('headWeights', [embeddingSizeOf(network), categories], weights),
    graph.tensor('headBias', [categories], bias),
  ];
  const output = { shape: [ANY_BATCH, categories] };
  const logits = graph.node('Gemm', inputs, output);
  graph.output(
    'probabilities',
    graph.node('Softmax', [logits], { ...output, attributes: { axis: 1 } }),
  );
  return graph.toBytes();
}
