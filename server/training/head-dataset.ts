import type { CategoryStore, EmbeddedExample, ExampleStore } from '../domain/ports.ts';
import { findPreTaught } from '../inference/project-model.ts';
import type { StarterModel } from '../inference/starter-model.ts';
import type { KnownCategory, PreTaughtCategory } from '../ml/head-examples.ts';

/** A category and what ships of it. */
export interface TeachableCategory {
  readonly id: string;
  readonly name: string;
  readonly preTaught: PreTaughtCategory | null;
}

/** A category of which something is known. */
export type TaughtCategory = TeachableCategory & KnownCategory;

/** What a head learns from and is tested on. */
export interface HeadDataset {
  readonly embeddingSize: number;
  /** As the training split knows them, in order of creation. */
  readonly categories: readonly TaughtCategory[];
  /** People's examples of these categories, of all splits, oldest first. */
  readonly examples: readonly EmbeddedExample[];
  /** Left out, because this backbone has not seen them. */
  readonly withoutEmbedding: number;
}

export interface DatasetPorts {
  readonly starter: StarterModel;
  readonly categories: CategoryStore;
  readonly examples: ExampleStore;
}

/** More rows than this do not make a head better, only slower: large datasets give fewer views. */
const MAX_ROWS = 20_000;

/** Reads a project's dataset as embeddings. */
export async function readHeadDataset(
  { starter, ...stores }: DatasetPorts,
  projectId: string,
): Promise<HeadDataset> {
  const [all, embedded] = await Promise.all([
    stores.categories.list(projectId),
    stores.examples.embeddings(projectId, starter.backboneId),
  ]);
  const { embeddingSize } = starter;
  const teachable = all.map((category) => ({
    id: category.id,
    name: category.name,
    preTaught: findPreTaught(starter, category),
  }));
  const training = embedded.filter(({ split }) => split === 'train');
  const views = Math.max(1, Math.floor(MAX_ROWS / training.length));
  const categories = teach(teachable, training, views * embeddingSize);
  const ids = new Set(categories.map(({ id }) => id));
  return {
    embeddingSize,
    categories,
    examples: embedded.filter(({ categoryId }) => ids.has(categoryId)),
    withoutEmbedding: all.reduce((sum, { examples }) => sum + examples, 0) - embedded.length,
  };
}

/** Those of which anything is known, with at most so many numbers of each example. */
export function teach(
  categories: readonly TeachableCategory[],
  examples: readonly EmbeddedExample[],
  maxNumbers: number,
): TaughtCategory[] {
  const own = new Map(categories.map(({ id }): [string, Float32Array[]] => [id, []]));
  for (const { categoryId, embeddings } of examples)
    own.get(categoryId)?.push(embeddings.subarray(0, maxNumbers));
  return categories
    .map((category) => ({ ...category, own: own.get(category.id) ?? [] }))
    .filter((category) => category.own.length > 0 || category.preTaught !== null);
}
