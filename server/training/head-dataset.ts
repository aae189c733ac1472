import type { CategoryRecord, EmbeddedExample } from '../domain/ports.ts';
import type { BackboneModel } from '../inference/backbone-blob.ts';
import type { StarterModel } from '../inference/starter-model.ts';
import { VIEWS } from '../inference/views.ts';
import type { KnownCategory, PreTaughtCategory } from '../ml/head-examples.ts';
import { embeddingSizeOf } from '../ml/network.ts';

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
  /** Left out, because they could not be read. */
  readonly withoutEmbedding: number;
}

/** More rows than this do not make a head better, only slower: large datasets give fewer views. */
const MAX_ROWS = 20_000;

export interface DatasetParts {
  readonly backbone: BackboneModel;
  readonly starter: StarterModel;
  readonly categories: readonly Pick<CategoryRecord, 'id' | 'name' | 'starterName'>[];
  /** Embedded by the backbone. */
  readonly examples: readonly EmbeddedExample[];
  readonly withoutEmbedding: number;
  /** Whether the variations of each example are learnt from, too, or the sketch alone. */
  readonly isVaried: boolean;
}

/** Puts the examples together by category; what ships fits the starter's backbone alone. */
export function headDataset({ backbone, starter, ...parts }: DatasetParts): HeadDataset {
  const embeddingSize = embeddingSizeOf(backbone.network);
  const isStarter = backbone.backboneId === starter.backboneId;
  const teachable = parts.categories.map(({ id, name, starterName }) => ({
    id,
    name,
    preTaught: (isStarter && starterName !== null && starter.preTaught.get(starterName)) || null,
  }));
  const training = parts.examples.filter(({ split }) => split === 'train');
  const most = parts.isVaried ? VIEWS : 1;
  const views = Math.min(most, Math.max(1, Math.floor(MAX_ROWS / training.length)));
  const categories = teach(teachable, training, views * embeddingSize);
  const ids = new Set(categories.map(({ id }) => id));
  return {
    embeddingSize,
    categories,
    examples: parts.examples.filter(({ categoryId }) => ids.has(categoryId)),
    withoutEmbedding: parts.withoutEmbedding,
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
