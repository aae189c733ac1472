import { Tensor } from 'onnxruntime-node';
import { createSession } from '../../server/inference/session.ts';

/** A tensor to feed: its numbers and its shape. */
export type Feed = readonly [numbers: Float32Array | Uint8Array, shape: readonly number[]];

export type Outputs = Readonly<Record<string, Float32Array>>;

/** Runs a graph on the CPU as often as wanted; `close` it after. */
export async function openGraph(model: Uint8Array): Promise<{
  run: (feeds: Readonly<Record<string, Feed>>) => Promise<Outputs>;
  close: () => Promise<void>;
}> {
  const session = await createSession(model);
  return {
    run: async (feeds) => {
      const tensors = Object.entries(feeds).map(([name, [numbers, shape]]) => [
        name,
        toTensor(numbers, shape),
      ]);
      const outputs = await session.run(Object.fromEntries(tensors) as Record<string, Tensor>);
      return Object.fromEntries(
        Object.entries(outputs).map(([name, { data }]) => [
          name,
          Float32Array.from(data as Float32Array),
        ]),
      );
    },
    close: () => session.release(),
  };
}

/** Runs a graph once. */
export async function runGraph(
  model: Uint8Array,
  feeds: Readonly<Record<string, Feed>>,
): Promise<Outputs> {
  const graph = await openGraph(model);
  const outputs = await graph.run(feeds);
  await graph.close();
  return outputs;
}

function toTensor(numbers: Float32Array | Uint8Array, shape: readonly number[]): Tensor {
  return numbers instanceof Uint8Array
    ? new Tensor('uint8', numbers, shape)
    : new Tensor('float32', numbers, shape);
}

/** How far two arrays differ at most. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs((a[i] ?? NaN) - (b[i] ?? NaN));
    largest = Number.isNaN(difference) ? Infinity : Math.max(largest, difference);
  }
  return largest;
}
