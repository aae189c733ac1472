import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dealSplits } from './deal-splits.ts';
import type { ExampleSource } from './example.ts';
import { Split } from './example.ts';
import { seededRandom, shuffle } from './random.ts';

interface Drawn {
  readonly categoryId: string;
  readonly authorId: string | null;
  readonly source: ExampleSource;
}

type Counts = Record<Split, number>;
const NONE: Counts = { train: 0, validation: 0, test: 0 };
type Placed = Drawn & { readonly split: Split };

/** A project's dataset in memory: what is dealt to it stays. */
class Dataset {
  readonly placed: Placed[] = [];
  readonly #categories = new Map<string, Counts>();
  readonly #authors = new Map<string, Counts>();

  add(...batch: Drawn[]): Split[] {
    const splits = dealSplits(batch, { categories: this.#categories, authors: this.#authors });
    batch.forEach((each, i) => this.place({ ...each, split: splits[i] ?? 'train' }));
    return splits;
  }

  place(...placed: Placed[]): void {
    for (const { authorId, categoryId, source, split } of placed) {
      if (source === 'feedback') continue;
      count(this.#categories, categoryId, split);
      if (authorId !== null) count(this.#authors, authorId, split);
    }
    this.placed.push(...placed);
  }

  /** So many drawings of one person, one by one. */
  draw(authorId: string | null, categoryId: string, count = 1): Split[] {
    return Array.from({ length: count }, () => this.add(drawn(authorId, categoryId))).flat();
  }

  ofCategory(categoryId: string): Counts {
    return this.#categories.get(categoryId) ?? NONE;
  }

  counts(): Counts {
    const total = { ...NONE };
    for (const counts of this.#categories.values())
      for (const split of Split.options) total[split] += counts[split];
    return total;
  }

  splitsOf(authorId: string): Split[] {
    const counts = this.#authors.get(authorId) ?? NONE;
    return Split.options.filter((split) => counts[split] > 0);
  }
}

function count(counts: Map<string, Counts>, key: string, split: Split): void {
  const before = counts.get(key) ?? NONE;
  counts.set(key, { ...before, [split]: before[split] + 1 });
}

function drawn(authorId: string | null, categoryId = 'cat', source: ExampleSource = 'drawn') {
  return { authorId, categoryId, source };
}

const CATEGORIES = ['cat', 'dog', 'fish', 'house', 'tree'];
const BEGINNERS = ['ann', 'bob', 'cleo', 'dan'];

/** Four people have begun: 40 drawings of 5 categories, all of which train. */
function begun(): Dataset {
  const dataset = new Dataset();
  for (const author of BEGINNERS)
    for (const category of CATEGORIES) dataset.draw(author, category, 2);
  return dataset;
}

/** Eight people have drawn ten times each, all of which train: there is room for whole hands. */
function manyHands(): Dataset {
  const dataset = new Dataset();
  for (const author of [...BEGINNERS, 'eve', 'finn', 'gus', 'hana'])
    for (const category of [...CATEGORIES, ...CATEGORIES])
      dataset.place({ ...drawn(author, category), split: 'train' });
  return dataset;
}

/** By how many points each share is above 80, 10 and 10 per cent. */
function points(counts: Counts): Counts {
  const total = Math.max(1, counts.train + counts.validation + counts.test);
  const of = (split: Split, target: number) => (100 * counts[split] - target * total) / total;
  return { train: of('train', 80), validation: of('validation', 10), test: of('test', 10) };
}

function pointsOff(dataset: Dataset): number {
  return Math.max(...Object.values(points(dataset.counts())).map(Math.abs));
}

/** Whether one more example on this side would take the shares out of their bounds, or leaves them so. */
function breaksShares(before: Counts, side: Split): boolean {
  const after = points({ ...before, [side]: before[side] + 1 });
  const starved = side === 'train' ? Math.min(after.validation, after.test) : after.train;
  return after[side] > 5 || starved < -5;
}

/** The drawings of a class, all mixed up: pupils by name, one turn a drawing. */
function mixedUp(drawings: readonly number[], seed: number): [pupil: string, category: string][] {
  const random = seededRandom(seed);
  const turns = drawings.flatMap((count, n) => Array<string>(count).fill(`pupil ${n}`));
  return shuffle(turns, random).map((pupil) => [
    pupil,
    CATEGORIES[Math.floor(random() * CATEGORIES.length)] ?? 'cat',
  ]);
}

describe('with fewer than five authors', () => {
  const someone = fc.constantFrom(null, 'ann', 'bob', 'cleo', 'dan');

  test('the first 8 of a category train, then of every ten 8 train, 1 validates, 1 tests', () => {
    const drawings = fc.array(fc.tuple(someone, fc.constantFrom('cat', 'dog')), { maxLength: 120 });
    fc.assert(
      fc.property(drawings, (given) => {
        const dataset = new Dataset();
        for (const [author, category] of given) dataset.draw(author, category);
        for (const category of ['cat', 'dog']) {
          const splits = dataset.placed.filter((d) => d.categoryId === category);
          const expected = splits.map((_, n) => {
            const place = (n - 8) % 10;
            if (n < 8 || place < 8) return 'train';
            return place === 8 ? 'validation' : 'test';
          });
          expect(splits.map(({ split }) => split)).toEqual(expected);
        }
      }),
    );
  });

  test('a batch is dealt as its examples would be one by one', () => {
    const [batched, single] = [new Dataset(), new Dataset()];
    const batch = Array.from({ length: 60 }, (_, n) => drawn(n % 2 ? 'ann' : 'bob'));
    batched.add(...batch);
    for (const one of batch) single.add(one);
    expect(batched.placed).toEqual(single.placed);
    expect(batched.counts()).toEqual({ train: 50, validation: 5, test: 5 });
  });
});

describe('from the fifth author on', () => {
  test('new authors go whole to where most is lacking', () => {
    const dataset = manyHands();
    const drawTen = (author: string) =>
      new Set([...CATEGORIES, ...CATEGORIES].flatMap((name) => dataset.draw(author, name)));
    expect(drawTen('ida')).toEqual(new Set(['validation']));
    expect(drawTen('jon')).toEqual(new Set(['test']));
    expect(drawTen('kim')).toEqual(new Set(['train']));
  });

  test('a hand that is known stays on its side', () => {
    const dataset = manyHands();
    dataset.draw('ida', 'cat', 8);
    dataset.draw('jon', 'dog', 8);
    expect(dataset.draw('ida', 'dog')).toEqual(['validation']);
    expect(dataset.draw('jon', 'cat')).toEqual(['test']);
    expect(new Set(dataset.draw('ann', 'cat', 10))).toEqual(new Set(['train']));
  });

  /** A class of 30 who draw 5 to 20 times each, beside the four who have begun. */
  function drawInClass(seed: number): { readonly dataset: Dataset; readonly pupils: string[] } {
    const dataset = begun();
    const random = seededRandom(seed);
    const drawings = Array.from({ length: 30 }, () => 5 + Math.floor(random() * 16));
    for (const [pupil, category] of mixedUp(drawings, seed)) dataset.draw(pupil, category);
    return { dataset, pupils: drawings.map((_, n) => `pupil ${n}`) };
  }

  test('a class of 30 lies pupil by pupil on one side', () => {
    const { dataset, pupils } = drawInClass(5);
    const sides = pupils.map((pupil) => dataset.splitsOf(pupil));
    expect(sides.filter((splits) => splits.length > 1)).toEqual([]);
    expect(new Set(sides.flat())).toEqual(new Set(Split.options));
    expect(new Set(BEGINNERS.flatMap((author) => dataset.splitsOf(author)))).toEqual(
      new Set(['train']),
    );
    expect(pointsOff(dataset)).toBeLessThanOrEqual(5);
  });

  test('classes are judged by hands that were not trained on, with few exceptions', () => {
    let [mixed, heldOut, known] = [0, 0, 0];
    for (let seed = 0; seed < 20; seed++) {
      const { dataset, pupils } = drawInClass(seed);
      mixed += pupils.filter((pupil) => dataset.splitsOf(pupil).length > 1).length;
      const judging = dataset.placed.filter(({ split }) => split !== 'train');
      heldOut += judging.length;
      known += judging.filter((d) => dataset.splitsOf(d.authorId ?? '').includes('train')).length;
    }
    expect(mixed / 20).toBeLessThan(4);
    expect(known / heldOut).toBeLessThan(0.2);
  });

  /** Whether a drawing went where the earlier ones of its author lie, or had a reason not to. */
  function isWhereItMayBe(dataset: Dataset, pupil: string, category: string): boolean {
    const [own, ...others] = dataset.splitsOf(pupil);
    const [project, taught] = [dataset.counts(), dataset.ofCategory(category)];
    const [split] = dataset.draw(pupil, category);
    if (own === undefined || others.length > 0 || split === own) return true;
    const isUntaught = taught.train <= taught.validation + taught.test;
    return breaksShares(project, own) || (own !== 'train' && isUntaught);
  }

  test('nobody leaves their side while the shares stay within 5 points, and they do', () => {
    const drawings = fc.array(fc.integer({ min: 10, max: 40 }), { minLength: 30, maxLength: 30 });
    fc.assert(
      fc.property(drawings, fc.integer(), (counts, seed) => {
        const dataset = begun();
        dataset.draw('eve', 'cat');
        for (const [pupil, category] of mixedUp(counts, seed))
          expect(isWhereItMayBe(dataset, pupil, category)).toBe(true);
        // Whole sketches cannot be nearer than one sketch.
        expect(pointsOff(dataset)).toBeLessThanOrEqual(5 + 100 / dataset.placed.length);
      }),
      { numRuns: 50 },
    );
  });

  test('a category that only a hand kept from training draws is learnt all the same', () => {
    const dataset = manyHands();
    expect(dataset.draw('ida', 'cat')).toEqual(['validation']);
    expect(dataset.draw('ida', 'yak', 8)).toEqual(Array(8).fill('train'));
  });

  test('a category that somebody else has begun takes nothing from a hand apart', () => {
    const dataset = manyHands();
    dataset.draw('ida', 'cat');
    dataset.draw('ann', 'yak', 2);
    expect(dataset.draw('ida', 'yak')).toEqual(['validation']);
  });

  test('a batch goes whole to one side, or by the counter where it fits none', () => {
    const dataset = manyHands();
    const batch = (author: string, size: number) =>
      dataset.add(
        ...CATEGORIES.flatMap((name) => Array<Drawn>(size / 5).fill(drawn(author, name))),
      );
    expect(new Set(batch('ida', 10))).toEqual(new Set(['validation']));
    expect(new Set(batch('jon', 10))).toEqual(new Set(['test']));
    const before = dataset.counts();
    batch('kim', 500);
    expect(pointsOff(dataset)).toBeLessThanOrEqual(5);
    expect(dataset.counts().test).toBeGreaterThan(before.test);
  });

  test('what nobody in particular has drawn is dealt by the counter', () => {
    const expected = [...Array<Split>(16).fill('train'), 'validation', 'test'];
    expect(manyHands().draw(null, 'owl', 18)).toEqual(expected);
  });
});

test('feedback always trains and says nothing of the hand of its author', () => {
  const dataset = manyHands();
  const feedback = drawn('ida', 'cat', 'feedback');
  expect(dataset.add(feedback, drawn('ida'), feedback)).toEqual(['train', 'validation', 'train']);
  expect(dataset.draw('ida', 'dog')).toEqual(['validation']);
});
