import type { ModelVersionRecord } from '../domain/learning-ports.ts';
import type { BlobStore, EmbeddedExample } from '../domain/ports.ts';
import { selectCategories } from '../inference/head-columns.ts';
import { readHead } from '../inference/project-model.ts';
import type { Head } from '../ml/head.ts';
import { isRecognised } from './evaluate-head.ts';
import type { PairedOutcome } from './promotion.ts';

/** A head with the categories of its columns. */
interface Classifier {
  readonly head: Head;
  readonly categories: readonly { readonly id: string }[];
}

/**
 * How the candidate and the served version judge the same sketches, of the categories that both
 * know, when asked for these categories alone.
 */
export async function compareWithServed(
  blobs: BlobStore,
  served: ModelVersionRecord,
  { examples, ...candidate }: Classifier & { readonly examples: readonly EmbeddedExample[] },
): Promise<PairedOutcome[]> {
  const ids = new Set(served.categories.map(({ id }) => id));
  const shared = candidate.categories.map(({ id }) => id).filter((id) => ids.has(id));
  const current = { head: await readHead(blobs, served), categories: served.categories };
  const [newer, older] = [restrict(candidate, shared), restrict(current, shared)];
  return examples
    .filter(({ categoryId }) => shared.includes(categoryId))
    .map((example) => ({
      categoryId: example.categoryId,
      isCandidateRight: isRecognised(newer.head, newer.categories, example),
      isCurrentRight: isRecognised(older.head, older.categories, example),
    }));
}

function restrict({ head, categories }: Classifier, ids: readonly string[]): Classifier {
  const columns = ids.map((id) => categories.findIndex((category) => category.id === id));
  return { head: selectCategories(head, columns), categories: ids.map((id) => ({ id })) };
}
