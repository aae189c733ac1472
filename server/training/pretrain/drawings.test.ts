import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readDrawings, type DrawingFolder } from './drawings.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'drawings-'));
});
afterEach(() => rm(folder, { recursive: true }));

function line(word: string, x: number, key = 'strokes'): string {
  return `${JSON.stringify({
    word,
    [key]: [
      [
        [x, 1],
        [2, 3],
      ],
      [[4], [5]],
    ],
  })}\n`;
}

async function read(prefix = '', perCategory = 100): Promise<DrawingFolder> {
  return readDrawings(folder, { prefix, perCategory });
}

describe('a folder of Quick Draw files', () => {
  test('is read plain or gzipped, in our words or in theirs', async () => {
    await writeFile(path.join(folder, 'dog.ndjson'), line('dog', 10, 'drawing'));
    await writeFile(path.join(folder, 'cat.ndjson.gz'), gzipSync(line('cat', 20)));
    await writeFile(path.join(folder, 'all-val.ndjson'), line('dog', 30) + line('unknown', 1));
    const { names, training, validation } = await read();
    expect(names).toEqual(['cat', 'dog']);
    expect([training.count, validation.count]).toEqual([2, 1]);
    expect(Array.from(validation.categoryOf)).toEqual([1]);
    const [first, second] = validation.strokesOf(0);
    expect(first).toEqual([Float32Array.of(30, 1), Float32Array.of(2, 3)]);
    expect(second).toEqual([Float32Array.of(4), Float32Array.of(5)]);
  });

  test('takes raw drawings with times', async () => {
    const raw = {
      word: 'dog',
      drawing: [
        [
          [1.5, 2],
          [3, 4],
          [0, 16],
        ],
      ],
    };
    await writeFile(path.join(folder, 'dog.ndjson'), `${JSON.stringify(raw)}\n`.repeat(2));
    const { training } = await read();
    expect(training.strokesOf(0)).toEqual([[Float32Array.of(1.5, 2), Float32Array.of(3, 4)]]);
  });

  test('without validation files every twentieth drawing validates', async () => {
    const lines = Array.from({ length: 40 }, (_, i) => line('cat', i)).join('');
    await writeFile(path.join(folder, 'cat.ndjson'), lines);
    const { training, validation } = await read();
    expect([training.count, validation.count]).toEqual([38, 2]);
  });

  test('never trains on fixtures, nor on files of another prefix', async () => {
    await writeFile(path.join(folder, 'qd-a.ndjson'), line('cat', 1).repeat(2));
    await writeFile(path.join(folder, 'qd-fixture.ndjson'), line('harp', 1));
    await writeFile(path.join(folder, 'other.ndjson'), line('anvil', 1));
    expect((await read('qd')).names).toEqual(['cat']);
  });

  test('takes so many of each category and leaves out what cannot be drawn', async () => {
    const empty = `${JSON.stringify({ word: 'cat', strokes: [[[], []]] })}\n`;
    await writeFile(path.join(folder, 'cat.ndjson'), empty + line('cat', 1).repeat(9));
    const { training, validation } = await read('', 4);
    expect(training.count + validation.count).toBe(4);
  });

  test('with a line that is no drawing is refused by its name', async () => {
    await writeFile(path.join(folder, 'cat.ndjson'), `${line('cat', 1)}{"word":7}\n`);
    await expect(read()).rejects.toThrow('cat.ndjson has a line that is no drawing: {"word":7}');
  });

  test('that has nothing to train on is refused', async () => {
    await expect(read()).rejects.toThrow('There are no drawings to train on');
  });
});
