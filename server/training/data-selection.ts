import { seededRandom, shuffle } from '../../shared/random.ts';
import type { TrainingData } from '../../shared/training-strategy.ts';
import type { DatasetExample } from '../domain/ports.ts';

export interface Selection {
  readonly data: TrainingData;
  /** The newest example that the promoted version's training saw, or null: all are new. */
  readonly seenUntil: string | null;
  readonly seed: number;
}

/**
 * The examples of a run, in their order. Only the training split is selected from: what a version is
 * judged on is always the whole of validation and test.
 */
export function selectExamples(
  examples: readonly DatasetExample[],
  selection: Selection,
): DatasetExample[] {
  const isLearnt = learntBy(examples, selection);
  return examples.filter((example) => example.split !== 'train' || isLearnt(example));
}

function learntBy(
  examples: readonly DatasetExample[],
  { data, seenUntil, seed }: Selection,
): (example: DatasetExample) => boolean {
  switch (data.kind) {
    case 'all':
      return () => true;
    case 'sources': {
      const sources = new Set(data.sources);
      return ({ source }) => sources.has(source);
    }
    case 'authors': {
      const authorIds = new Set<string | null>(data.authorIds);
      return ({ authorId }) => authorIds.has(authorId);
    }
    case 'new_and_replay': {
      const isNew = ({ createdAt }: DatasetExample): boolean =>
        seenUntil === null || createdAt > seenUntil;
      const older = examples.filter((example) => example.split === 'train' && !isNew(example));
      const replayed = replay(older, data.replayPerCategory, seed);
      return (example) => isNew(example) || replayed.has(example.id);
    }
  }
}

/** Ids of so many random examples of each category; the same for the same seed. */
function replay(
  examples: readonly DatasetExample[],
  perCategory: number,
  seed: number,
): ReadonlySet<string> {
  const counts = new Map<string, number>();
  const chosen = new Set<string>();
  for (const { id, categoryId } of shuffle([...examples], seededRandom(seed))) {
    const count = counts.get(categoryId) ?? 0;
    if (count >= perCategory) continue;
    counts.set(categoryId, count + 1);
    chosen.add(id);
  }
  return chosen;
}
