import { Tensor, type InferenceSession } from 'onnxruntime-node';
import { createSession } from '../../inference/session.ts';
import { headOf } from '../../ml/head.ts';
import { embeddingSizeOf, type Network, type NetworkState } from '../../ml/network.ts';
import { OnnxGraph } from '../../ml/onnx-graph.ts';
import { embeddingOf } from '../../ml/serving-graph.ts';

const ANY_BATCH = -1;

/** A network with the head it was pre-trained with: rasters in, probabilities of categories out. */
export class Classifier {
  readonly #session: InferenceSession;
  readonly network: Network;

  private constructor(session: InferenceSession, network: Network) {
    this.#session = session;
    this.network = network;
  }

  static async create(network: Network, state: NetworkState): Promise<Classifier> {
    return new Classifier(await createSession(classifierGraph(network, state)), network);
  }

  /** One row of probabilities a raster, of rasters laid end to end. */
  async classify(rasters: Uint8Array): Promise<Float32Array> {
    const { pixels, planes } = this.network;
    const count = rasters.length / (planes * pixels * pixels);
    const raster = new Tensor('uint8', rasters, [count, planes, pixels, pixels]);
    const { probabilities } = await this.#session.run({ raster });
    if (!(probabilities?.data instanceof Float32Array))
      throw new Error('The network gave no probabilities.');
    return probabilities.data;
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}

/** `raster` uint8 [N, planes, pixels, pixels] to `probabilities` float [N, categories]. */
function classifierGraph(network: Network, state: NetworkState): Uint8Array {
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
