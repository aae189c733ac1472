import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { rasterize } from '../../shared/rasterize.ts';
import { normalizeEmbeddings } from '../ml/embedding.ts';
import { classMeansHead, scoresOf } from '../ml/head.ts';
import { topIndexes } from '../ml/evaluate.ts';
import { Embedder } from './embedder.ts';
import { loadStarterModel, STARTER_FILES, type StarterModel } from './starter-model.ts';

const FOLDER = path.join(import.meta.dirname, '../../models/starter');

let starter: StarterModel;
beforeAll(async () => {
  starter = await loadStarterModel(FOLDER);
});

function meanOf(name: string): Float32Array {
  return starter.preTaught.get(name)?.mean ?? new Float32Array();
}

describe('the starter model that ships', () => {
  test('knows 291 categories, each with a mean and 24 embeddings', () => {
    expect(starter.preTaught.size).toBe(291);
    for (const { mean, embeddings } of starter.preTaught.values()) {
      expect(mean).toHaveLength(starter.embeddingSize);
      expect(embeddings).toHaveLength(24 * starter.embeddingSize);
    }
  });

  test('has embeddings of length 1 that lie near the mean of their category', () => {
    const origin = new Float32Array(starter.embeddingSize);
    const direction = normalizeEmbeddings(meanOf('cat').slice(), origin);
    const { embeddings = origin } = starter.preTaught.get('cat') ?? {};
    const first = embeddings.subarray(0, starter.embeddingSize);
    const squares = first.reduce((sum, x) => sum + x * x, 0);
    const cosine = first.reduce((sum, x, d) => sum + x * (direction[d] ?? 0), 0);
    expect(squares).toBeCloseTo(1, 5);
    expect(cosine).toBeGreaterThan(0.2);
  });

  test.each([
    ['cat', 'cat'],
    [' CAT ', 'cat'],
    ['Kitty', 'cat'],
    ['automobile', 'car'],
    ['Teddy Bear', 'teddy-bear'],
    ['eiffel tower', 'The Eiffel Tower'],
    ['anvil', null],
    ['', null],
  ])('finds for %o the category %o', (name, expected) => {
    expect(starter.findPreTaught(name)).toBe(expected);
  });

  test('recognises a circle among shapes', async () => {
    const angles = Array.from({ length: 30 }, (_, i) => 0.3 + (i * Math.PI) / 14.6);
    const xs = angles.map((angle) => 100 * Math.cos(angle));
    const ys = angles.map((angle) => 96 * Math.sin(angle));
    const embedder = await Embedder.create(starter.servingGraph, starter.network.planes);
    const embedding = normalizeEmbeddings(
      await embedder.embed(rasterize([[xs, ys]], { planes: starter.network.planes })),
      starter.center,
    );
    await embedder.close();
    const names = ['circle', 'square', 'triangle', 'line', 'zigzag'];
    const head = classMeansHead(names.map(meanOf));
    expect(names[topIndexes(scoresOf(head, embedding), 1)[0] ?? -1]).toBe('circle');
  });

  test('is served from less than 4 MB', () => {
    expect(starter.servingGraph.length).toBeLessThan(4e6);
  });
});

test('weights that are not those of the description are refused', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'starter-'));
  await cp(FOLDER, folder, { recursive: true });
  const file = path.join(folder, STARTER_FILES.weights);
  const bytes = await readFile(file);
  bytes.writeFloatLE(123, 400);
  await writeFile(file, bytes);
  await expect(loadStarterModel(folder)).rejects.toThrow('not those of its description');
  await rm(folder, { recursive: true });
});
