import type { Tape } from '../autodiff.ts';
import type { Value } from '../onnx-graph.ts';

/** The mean of each channel: [batch, channels, height, width] to [batch, channels]. */
export function globalAveragePool(tape: Tape, input: Value): Value {
  const { graph } = tape;
  const [batch = 0, channels = 0, height = 0, width = 0] = input.shape;
  const output = graph.node('ReduceMean', [input, graph.integers([2, 3])], {
    shape: [batch, channels],
    attributes: { keepdims: 0 },
  });
  return tape.record([input], output, (gradient) => {
    const share = graph.node('Mul', [gradient, graph.scalar(1 / (height * width))], {
      shape: gradient.shape,
    });
    const pixel = graph.reshape(share, [batch, channels, 1, 1]);
    return [graph.node('Expand', [pixel, graph.integers(input.shape)], { shape: input.shape })];
  });
}
