import { adamW } from './adam.ts';
import { Tape } from './autodiff.ts';
import { OnnxGraph } from './onnx-graph.ts';
import { crossEntropy } from './operators/cross-entropy.ts';
import { linear } from './operators/linear.ts';

/** How strongly a trained head is held near the class means it starts from. */
const HEAD_PULL = 0.001;

export interface HeadSizes {
  readonly examples: number;
  readonly embeddingSize: number;
  readonly categories: number;
}

/**
 * One full-batch step of training a head as an ONNX graph: Adam on the weighted cross-entropy plus
 * half the squared distance to `anchor` times the pull.
 *
 * Inputs: `embeddings` [examples, size], `targets` [examples, categories] (a row's sum is the
 * example's weight), `rates` [4] as for Adam, and as flat vectors of weights, then biases:
 * `weights`, `anchor`, `mean`, `square`, `decay`. Outputs: `next_weights`, `next_mean`,
 * `next_square` and `loss`.
 */
export function headStepGraph({ examples, embeddingSize, categories }: HeadSizes): Uint8Array {
  const graph = new OnnxGraph();
  const kernel = embeddingSize * categories;
  const shape = [kernel + categories];
  const [flat, anchor, mean, square, decay] = [
    graph.input('weights', shape),
    graph.input('anchor', shape),
    graph.input('mean', shape),
    graph.input('square', shape),
    graph.input('decay', shape),
  ];
  const input = graph.input('embeddings', [examples, embeddingSize]);
  const targets = graph.input('targets', [examples, categories]);
  const rates = graph.input('rates', [4]);

  const weights = graph.reshape(graph.slice(flat, [0, kernel]), [embeddingSize, categories]);
  const bias = graph.slice(flat, [kernel, kernel + categories]);
  const tape = new Tape(graph);
  const loss = crossEntropy(tape, linear(tape, { input, weights, bias }), targets);
  const gradients = tape.gradients(loss, [weights, bias]);
  const slope = graph.concat(
    gradients.map((gradient, i) => graph.reshape(gradient, [i === 0 ? kernel : categories])),
  );
  const away = graph.node('Sub', [flat, anchor], { shape });
  const pull = graph.node('Mul', [away, graph.scalar(HEAD_PULL)], { shape });
  const gradient = graph.node('Add', [slope, pull], { shape });
  const next = adamW(graph, { weights: flat, gradient, mean, square, decay, rates });
  graph.output('next_weights', next.weights);
  graph.output('next_mean', next.mean);
  graph.output('next_square', next.square);
  graph.output('loss', loss);
  return graph.toBytes();
}
