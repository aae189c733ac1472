import type { Tape } from '../autodiff.ts';
import type { Value } from '../onnx-graph.ts';

/** The mean of each channel: [batch, pixels, channels] to [batch, channels]. */
export function globalAveragePool(tape: Tape, input: Value): Value {
  const { graph } = tape;
  const [batch = 0, pixels = 0, channels = 0] = input.shape;
  const output = graph.node('ReduceMean', [input, graph.integers([1])], {
    shape: [batch, channels],
    attributes: { keepdims: 0 },
  });
  return tape.record([input], output, (gradient) => {
    const share = graph.node('Mul', [gradient, graph.scalar(1 / pixels)], {
      shape: gradient.shape,
    });
    const pixel = graph.reshape(share, [batch, 1, channels]);
    return [graph.node('Expand', [pixel, graph.integers(input.shape)], { shape: input.shape })];
  });
}
