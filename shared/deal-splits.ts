/**
 * Which split a new example goes to, for good. Feedback always trains and is looked at no further.
 * Of the others the first 8 of a category train, then of every ten 8 train, 1 validates, 1 tests.
 *
 * People draw in ways of their own, so what a model does with hands that it was trained on says too
 * much. From its fifth author on, a project therefore keeps hands apart: an author's examples go
 * whole to one split, as long as the project's shares stay within 5 points of 80, 10 and 10.
 */
import type { Example } from './example.ts';
import { Split } from './example.ts';

/** How many examples were dealt to each split, feedback apart. */
export type SplitCounts = Readonly<Record<Split, number>>;

/** What has been dealt in a project, feedback apart. */
export interface Dealt {
  /** By category. */
  readonly categories: ReadonlyMap<string, SplitCounts>;
  /** By author. */
  readonly authors: ReadonlyMap<string, SplitCounts>;
}

/** What decides about the split of an example. */
type DealableExample = Pick<Example, 'categoryId' | 'authorId' | 'source'>;

/** In per cent. */
const TARGET: SplitCounts = { train: 80, validation: 10, test: 10 };
/** How far a share may be off, in points. */
const TOLERANCE = 5;
const AUTHORS_TO_KEEP_APART = 5;
const NONE: SplitCounts = { train: 0, validation: 0, test: 0 };

/** The splits of new examples of one project, in their order. */
export function dealSplits(examples: readonly DealableExample[], dealt: Dealt): Split[] {
  const table = new Table(dealt);
  const left = new Map<string | null, number>();
  const counted = examples.filter(({ source }) => source !== 'feedback');
  for (const { authorId } of counted) left.set(authorId, (left.get(authorId) ?? 0) + 1);
  return examples.map((example) => {
    if (example.source === 'feedback') return 'train';
    const count = left.get(example.authorId) ?? 0;
    left.set(example.authorId, count - 1);
    return table.deal(example, count);
  });
}

/** The split that the counter of a category gives to its next example. */
function splitByCount({ train, validation, test }: SplitCounts): Split {
  const nth = train + validation + test;
  // Counted by what is owed, not by the place: what authors were given whole is made up for.
  if (validation < Math.floor((nth - 6) / 10)) return 'validation';
  return test < Math.floor((nth - 7) / 10) ? 'test' : 'train';
}

/** What has been dealt while a batch is. */
class Table {
  readonly #categories: Map<string, SplitCounts>;
  readonly #authors: Map<string, SplitCounts>;
  #project = NONE;

  constructor({ categories, authors }: Dealt) {
    this.#categories = new Map(categories);
    this.#authors = new Map(authors);
    for (const counts of categories.values()) this.#project = sum(this.#project, counts);
  }

  /** Deals the first of so many examples that its author has in the rest of the batch. */
  deal({ authorId, categoryId }: DealableExample, left: number): Split {
    const counts = this.#categories.get(categoryId) ?? NONE;
    const side = authorId === null ? null : this.#sideOf(authorId, left);
    const split = side !== null && canSpare(counts, side) ? side : this.#byCount(counts);
    this.#categories.set(categoryId, plus(counts, split, 1));
    this.#project = plus(this.#project, split, 1);
    if (authorId !== null) this.#authors.set(authorId, plus(this.#of(authorId), split, 1));
    return split;
  }

  /** Where so many examples of an author go; null where the counter decides. */
  #sideOf(authorId: string, examples: number): Split | null {
    const own = this.#of(authorId);
    this.#authors.set(authorId, own);
    if (!this.#keepsHandsApart()) return null;
    if (totalOf(own) === 0) return this.#sideOfNew(examples);
    return sidesOf(own).find((side) => hasRoom(this.#project, side, examples)) ?? null;
  }

  /** The side that lacks most once everybody has drawn as much as people do here on average. */
  #sideOfNew(examples: number): Split | null {
    const known = [...this.#authors.values()].filter((counts) => totalOf(counts) > 0);
    const average = Math.ceil(totalOf(known.reduce(sum, NONE)) / known.length);
    const expected = known.reduce((counts, own) => {
      const [side = 'train'] = sidesOf(own);
      return plus(counts, side, Math.max(0, average - totalOf(own)));
    }, this.#project);
    const lacking = [...Split.options].sort((a, b) => points(expected, a) - points(expected, b));
    const hasRoomFor = (side: Split): boolean =>
      hasRoom(this.#project, side, examples) &&
      hasRoom(expected, side, Math.max(average, examples));
    return lacking.find(hasRoomFor) ?? null;
  }

  #byCount(counts: SplitCounts): Split {
    const split = splitByCount(counts);
    const isFree = !this.#keepsHandsApart() || hasRoom(this.#project, split, 1);
    return isFree ? split : 'train';
  }

  #of(authorId: string): SplitCounts {
    return this.#authors.get(authorId) ?? NONE;
  }

  #keepsHandsApart(): boolean {
    return this.#authors.size >= AUTHORS_TO_KEEP_APART;
  }
}

/**
 * The splits that the examples of somebody known may go to, the best first. A hand that was trained
 * on goes on training; one that was not is kept from it.
 */
function sidesOf({ train, validation, test }: SplitCounts): readonly Split[] {
  if (train > 0) return ['train'];
  return validation >= test ? ['validation', 'test'] : ['test', 'validation'];
}

/** Whether the shares stay within their bounds if so many examples go to one side. */
function hasRoom(project: SplitCounts, side: Split, examples: number): boolean {
  const after = plus(project, side, examples);
  // Early on validation and test are both empty, so that neither may wait for the other.
  const givers = Split.options.filter((split) => (split === 'train') !== (side === 'train'));
  return (
    points(after, side) <= TOLERANCE && givers.every((split) => points(after, split) >= -TOLERANCE)
  );
}

/** By how many points the share of a split is above its target. */
function points(counts: SplitCounts, split: Split): number {
  // In whole numbers up to the division, so that a share at its very bound is not beyond it.
  const total = Math.max(1, totalOf(counts));
  return (100 * counts[split] - TARGET[split] * total) / total;
}

/** A category never has less to learn from than to be judged on, so that it can be learnt at all. */
function canSpare({ train, validation, test }: SplitCounts, side: Split): boolean {
  return side === 'train' || train > validation + test;
}

function plus(counts: SplitCounts, side: Split, examples: number): SplitCounts {
  return { ...counts, [side]: counts[side] + examples };
}

function sum(a: SplitCounts, b: SplitCounts): SplitCounts {
  return {
    train: a.train + b.train,
    validation: a.validation + b.validation,
    test: a.test + b.test,
  };
}

function totalOf({ train, validation, test }: SplitCounts): number {
  return train + validation + test;
}
