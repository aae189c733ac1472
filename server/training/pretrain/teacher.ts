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

/** A network that says what it takes augmented sketches for. */
export class Teacher {
  readonly #session: InferenceSession;
  readonly #network: Network;

  private constructor(session: InferenceSession, network: Network) {
    this.#session = session;
    this.#network = network;
  }

  static async create(network: Network, state: NetworkState): Promise<Teacher> {
    return new Teacher(await createSession(classifier(network, state)), network);
  }

  /** The batch with targets half of the label, half of what the teacher sees in the same raster. */
  async teach(batch: Batch): Promise<Batch> {
    const { pixels, planes } = this.#network;
    const count = batch.rasters.length / (planes * pixels * pixels);
    const raster = new Tensor('uint8', batch.rasters, [count, planes, pixels, pixels]);
    const { probabilities } = await this.#session.run({ raster });
    if (!(probabilities?.data instanceof Float32Array))
      throw new Error('The teacher gave no probabilities.');
    const taught = probabilities.data;
    const targets = batch.targets.map(
      (label, i) => label + TEACHER_SHARE * ((taught[i] ?? 0) - label),
    );
    return { ...batch, targets };
  }

  async close(): Promise<void> {
    await this.#session.release();
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
