/** Judging each sketch by a head that was made without it, where few are held out. */
import type { EmbeddedExample } from '../domain/ports.ts';
import { classMeansHead, scoresOf, type Head } from '../ml/head.ts';
import { headExamples } from '../ml/head-examples.ts';
import type { Judgement } from '../ml/judgements.ts';
import { decideLabel } from '../ml/unknown.ts';
import { teach, type HeadDataset, type TaughtCategory } from './head-dataset.ts';
import { trainHead, type HeadTraining } from './train-head.ts';

/** Each part costs a training; where there are many examples, fewer parts leave enough of them. */
const FOLDS = { few: 5, many: 3 } as const;
const MANY_SKETCHES = 300;
/**
 * Rows x categories x embedding size up to which the folds train heads (20 categories of 50 examples
 * and what ships of them); for more, class means have to do.
 */
const AFFORDABLE = 6e6;

/** How the folds' heads are trained; those of the head that is judged. */
export type FoldTraining = Pick<HeadTraining, 'steps' | 'settings'> & {
  /** Aborted when nobody needs the judgements any more; its reason is thrown. */
  readonly signal?: AbortSignal;
};

/**
 * Each fifth, or of many sketches each third, is judged by a head of the others. It is trained as
 * the served one is, but on the sketches without their variations, and has the temperature and the rule for "?" of the head that
 * is judged. A category of which nothing is left then cannot be recognised, so its sketches tell
 * nothing and are left out.
 */
export async function crossValidate(
  dataset: HeadDataset,
  head: Head,
  training: FoldTraining = {},
): Promise<Judgement[]> {
  const folds = foldsOf(dataset.examples);
  const judgements: Judgement[] = [];
  for (const fold of folds) {
    training.signal?.throwIfAborted();
    const known = withoutFold(dataset, new Set(fold));
    const ofOthers = await foldHead(known, dataset.embeddingSize, { head, training });
    const ids = known.map(({ id }) => id);
    judgements.push(...judgeAll(ofOthers, { ids, dataset }, fold));
  }
  return judgements;
}

/**
 * Parts with as equal shares of each category as can be. Copies of one drawing are in one part: a
 * head that has learnt from a copy would only have to remember.
 */
function foldsOf(examples: readonly EmbeddedExample[]): EmbeddedExample[][] {
  const parts = examples.length < MANY_SKETCHES ? FOLDS.few : FOLDS.many;
  const folds = Array.from({ length: parts }, (): EmbeddedExample[] => []);
  const shares = new Map<string, number[]>();
  const foldOfDrawing = new Map<string, number>();
  for (const example of examples) {
    const { categoryId, contentHash: drawing = example.exampleId } = example;
    const share = shares.get(categoryId) ?? Array<number>(parts).fill(0);
    const fold = foldOfDrawing.get(drawing) ?? share.indexOf(Math.min(...share));
    share[fold] = (share[fold] ?? 0) + 1;
    shares.set(categoryId, share);
    foldOfDrawing.set(drawing, fold);
    folds[fold]?.push(example);
  }
  return folds;
}

function withoutFold(
  { categories, examples, embeddingSize }: HeadDataset,
  fold: ReadonlySet<EmbeddedExample>,
): TaughtCategory[] {
  const others = examples.filter((example) => !fold.has(example));
  return teach(categories, others, embeddingSize);
}

async function foldHead(
  known: readonly TaughtCategory[],
  embeddingSize: number,
  { head, training }: { readonly head: Head; readonly training: FoldTraining },
): Promise<Head> {
  const { temperature, unknown } = head;
  const { signal, ...settings } = training;
  const examples = headExamples(known, embeddingSize);
  const { means, support, embeddings } = examples;
  const isAffordable = embeddings.length * known.length <= AFFORDABLE;
  const made = isAffordable
    ? await trainHead({
        ...{ ...examples, ...settings, temperature },
        onStep: () => signal?.throwIfAborted(),
      })
    : classMeansHead(means, temperature, { support });
  return { ...made, unknown };
}

export interface Judged {
  /** Categories of the head's columns. */
  readonly ids: readonly string[];
  /** Its categories, in their order, are those of the judgements. */
  readonly dataset: Pick<HeadDataset, 'categories'>;
}

/** Judges each example by the sketch itself, not by its variations; those of other categories are left out. */
export function judgeAll(
  head: Head,
  { ids, dataset }: Judged,
  examples: readonly EmbeddedExample[],
): Judgement[] {
  const places = new Map(dataset.categories.map(({ id }, place) => [id, place]));
  const columns = new Set(ids);
  const size = ids.length > 0 ? head.weights.length / ids.length : 0;
  return examples.flatMap(({ exampleId, categoryId, embeddings }): Judgement[] => {
    const actual = places.get(categoryId);
    if (actual === undefined || !columns.has(categoryId)) return [];
    const embedding = embeddings.subarray(0, size);
    const confidences = scoresOf(head, embedding);
    const scores = new Float32Array(places.size);
    ids.forEach((id, column) => (scores[places.get(id) ?? 0] = confidences[column] ?? 0));
    const isUnknown = decideLabel(head, embedding, confidences) === null;
    return [{ exampleId, actual, scores, isUnknown }];
  });
}
