import type { Tape } from '../autodiff.ts';
import type { Value } from '../onnx-graph.ts';

/** Features of each row laid end to end: some [batch, channels] to one. */
export function concatenateFeatures(tape: Tape, parts: readonly Value[]): Value {
  const { graph } = tape;
  if (parts.length === 1 && parts[0]) return parts[0];
  return tape.record(parts, graph.concat(parts, 1), (gradient, isWanted) => {
    let end = 0;
    return parts.map((part) => {
      const start = end;
      end += part.shape[1] ?? 0;
      return isWanted(part) ? graph.slice(gradient, [start, end], 1) : null;
    });
  });
}
