import { afterEach, describe, expect, test } from 'vitest';
import { initialState, parametersOf, type Network, type NetworkState } from '../../ml/network.ts';
import { Teacher } from './teacher.ts';

const NETWORK: Network = {
  pixels: 32,
  planes: 1,
  blocks: [
    { channels: 4, stride: 2 },
    { channels: 8, stride: 2 },
  ],
  categories: 3,
};
const SKETCHES = 2;
/** So certain that the others get exactly 0, not the smallest number there is. */
const CERTAIN = 200;

/** A network that takes every sketch for this category. */
function certainOf(category: number): NetworkState {
  const state = initialState(NETWORK, 1);
  const bias = parametersOf(NETWORK).at(-1)?.offset ?? 0;
  state.weights[bias + category] = CERTAIN;
  return state;
}

const batch = {
  rasters: new Uint8Array(SKETCHES * NETWORK.pixels ** 2).fill(200),
  targets: Float32Array.of(1, 0, 0, 0, 1, 0),
  dropout: new Float32Array(SKETCHES * 8).fill(1),
};

describe('a teacher', () => {
  let teacher: Teacher | null = null;
  afterEach(() => teacher?.close());

  test('who takes a sketch for something else gets half of the target', async () => {
    teacher = await Teacher.create(NETWORK, certainOf(2));
    const taught = await teacher.teach(batch);
    expect([...taught.targets]).toEqual([0.5, 0, 0.5, 0, 0.5, 0.5]);
  });

  test('who sees fewer planes of a sketch than the student is shown its part of them', async () => {
    const state = initialState(NETWORK, 1);
    teacher = await Teacher.create(NETWORK, state);
    const size = NETWORK.pixels ** 2;
    const rasters = new Uint8Array(SKETCHES * 2 * size);
    for (let i = 0; i < SKETCHES; i++) rasters.fill(200, 2 * i * size, (2 * i + 1) * size);
    const taught = await teacher.teach({ ...batch, rasters });
    expect(taught.targets).toEqual((await teacher.teach(batch)).targets);
    expect(taught.rasters).toBe(rasters);
  });

  test('who agrees with the label leaves it, and never touches sketches or dropout', async () => {
    teacher = await Teacher.create(NETWORK, certainOf(0));
    const taught = await teacher.teach(batch);
    expect([...taught.targets.slice(0, 3)]).toEqual([1, 0, 0]);
    expect(taught.rasters).toBe(batch.rasters);
    expect(taught.dropout).toBe(batch.dropout);
    expect([...batch.targets]).toEqual([1, 0, 0, 0, 1, 0]);
  });

  test('who doubts shares its half among all categories, and targets still add up to 1', async () => {
    teacher = await Teacher.create(NETWORK, initialState(NETWORK, 1));
    const { targets } = await teacher.teach(batch);
    expect(targets.every((target) => target > 0)).toBe(true);
    for (const start of [0, 3]) {
      const sum = targets.slice(start, start + 3).reduce((a, b) => a + b);
      expect(sum).toBeCloseTo(1, 5);
    }
  });
});
