import { beforeAll, describe, expect, test } from 'vitest';
import type { BlobStore } from '../domain/ports.ts';
import { initialState, type Network } from '../ml/network.ts';
import { PATHS } from '../paths.ts';
import {
  decodeBackbone,
  encodeBackbone,
  readBackbone,
  type BackboneModel,
} from './backbone-blob.ts';
import { backboneIdOf, loadStarterModel, type StarterModel } from './starter-model.ts';

const NETWORK: Network = {
  pixels: 32,
  planes: 2,
  blocks: [
    { channels: 8, stride: 2 },
    { channels: 12, stride: 1 },
  ],
  categories: 3,
};

function someBackbone(seed = 1): BackboneModel {
  const state = initialState(NETWORK, seed);
  const center = Float32Array.from({ length: 12 }, (_, i) => i / 7);
  return { backboneId: backboneIdOf(state), network: NETWORK, state, center };
}

/** With a byte changed, counted from the end where it is negative. */
function changed(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  const index = at < 0 ? copy.length + at : at;
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}

describe('a stored backbone', () => {
  test('comes back as it was, also from the middle of a larger buffer', () => {
    const backbone = someBackbone();
    const bytes = encodeBackbone(backbone);
    const padded = new Uint8Array(bytes.length + 3);
    padded.set(bytes, 3);
    expect(decodeBackbone(bytes)).toEqual(backbone);
    expect(decodeBackbone(padded.subarray(3))).toEqual(backbone);
  });

  test('comes back with both branches', () => {
    const network: Network = { ...NETWORK, planes: 7, pathBlocks: [{ channels: 4, stride: 2 }] };
    const state = initialState(network, 1);
    const center = new Float32Array(4 + 12).fill(0.5);
    const backbone = { backboneId: backboneIdOf(state), network, state, center };
    expect(decodeBackbone(encodeBackbone(backbone))).toEqual(backbone);
  });

  test('has a branch along the path only where its rasters have the path', () => {
    const network: Network = { ...NETWORK, pathBlocks: [{ channels: 4, stride: 2 }] };
    const backbone = { ...someBackbone(), network };
    expect(() => encodeBackbone(backbone)).toThrow('seven planes');
  });

  test('has the same bytes every time', () => {
    expect(encodeBackbone(someBackbone())).toEqual(encodeBackbone(someBackbone()));
  });

  const bytes = encodeBackbone(someBackbone());
  test.each([
    ['nothing', new Uint8Array(), 'not a backbone'],
    ['something else', new TextEncoder().encode('x'.repeat(400)), 'not a backbone'],
    ['another format', changed(bytes, 4), 'format 0'],
    ['cut off', bytes.slice(0, -4), 'cut off or changed'],
    ['cut off in its first bytes', bytes.slice(0, 20), 'not a backbone'],
    ['with a changed weight', changed(bytes, 900), 'cut off or changed'],
    ['with a changed center', changed(bytes, -1), 'cut off or changed'],
    ['with a changed description', changed(bytes, 60), 'cut off or changed'],
  ])('is refused when it is %s', (_what, given, reason) => {
    expect(() => decodeBackbone(given)).toThrow(reason);
  });

  test('is refused when its weights are of another network', () => {
    const network = { ...NETWORK, categories: 4 };
    const written = encodeBackbone({ ...someBackbone(), network });
    expect(() => decodeBackbone(written)).toThrow('do not fit the network');
  });

  test('is refused when its weights are of another backbone', () => {
    const written = encodeBackbone({ ...someBackbone(), state: initialState(NETWORK, 2) });
    expect(() => decodeBackbone(written)).toThrow('of another backbone');
  });
});

describe('the backbone of a model version', () => {
  let starter: StarterModel;
  beforeAll(async () => {
    starter = await loadStarterModel(PATHS.starterModel);
  });
  const backbone = someBackbone();
  const stored = new Map([['backbones/a', encodeBackbone(backbone)]]);
  const blobs: Pick<BlobStore, 'get'> = { get: async (key) => stored.get(key) ?? null };

  test("is the starter model's where it has none of its own", async () => {
    const { backboneId } = starter;
    const version = { backboneId, backboneKey: null };
    expect(await readBackbone({ starter, blobs }, version)).toBe(starter);
    expect(await readBackbone({ starter, blobs }, null)).toBe(starter);
  });

  test('is read from its blob', async () => {
    const version = { backboneId: backbone.backboneId, backboneKey: 'backbones/a' };
    expect(await readBackbone({ starter, blobs }, version)).toEqual(backbone);
  });

  test.each([
    ['of an earlier starter model', null, 'earlier starter model'],
    ['whose blob is gone', 'backbones/b', 'not in the store any more'],
  ])('%s is unavailable, and says what to do', async (_what, backboneKey, reason) => {
    const reading = readBackbone({ starter, blobs }, { backboneId: 'other', backboneKey });
    await expect(reading).rejects.toMatchObject({ code: 'model.unavailable' });
    await expect(reading).rejects.toThrow(reason);
    await expect(reading).rejects.toThrow('Train again');
  });

  test('is refused when its blob holds another one', async () => {
    const reading = readBackbone(
      { starter, blobs },
      { backboneId: 'other', backboneKey: 'backbones/a' },
    );
    await expect(reading).rejects.toThrow('damaged in the store');
  });
});
