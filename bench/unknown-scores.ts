/** Numbers that might tell known sketches from unknown ones, for comparison with the rule for "?". */
import type { StarterModel } from '../server/inference/starter-model.ts';
import { normalizeEmbeddings } from '../server/ml/embedding.ts';
import { logitsOf, scoresOf, type Head } from '../server/ml/head.ts';

export interface ScoredProject {
  readonly head: Head;
  /** Pre-taught categories of the head's columns. */
  readonly names: readonly string[];
  readonly known: readonly Float32Array[];
  readonly unknown: readonly Float32Array[];
}

export interface Scored {
  readonly known: readonly number[];
  readonly unknown: readonly number[];
}

/** Higher for what is known. */
type Score = (embedding: Float32Array) => number;

function scored({ known, unknown }: ScoredProject, score: Score): Scored {
  return { known: known.map(score), unknown: unknown.map(score) };
}

type OtherScore = (project: ScoredProject, starter: StarterModel) => Scored;

export const OTHER_SCORES: Readonly<Record<string, OtherScore>> = {
  'largest confidence': (project) =>
    scored(project, (embedding) => largest(scoresOf(project.head, embedding), 1)),
  'margin of the confidences': (project) =>
    scored(project, (embedding) => {
      const scores = scoresOf(project.head, embedding);
      return largest(scores, 1) - largest(scores, 2);
    }),
  'largest logit': (project) =>
    scored(project, (embedding) => largest(logitsOf(project.head, embedding), 1)),
  'energy of the logits': (project) =>
    scored(project, (embedding) => {
      const logits = logitsOf(project.head, embedding);
      return Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
    }),
  'cosine to the nearest mean': (project) => {
    const means = rowsOf(project.head.means, project.head.bias.length);
    return scored(project, (embedding) => largest(cosines(means, embedding), 1));
  },
  'cosine to the nearest shipped embedding': (project, starter) => {
    const shipped = shippedRows(project, starter);
    return scored(project, (embedding) => largest(cosines(shipped, embedding), 1));
  },
  'cosine to the fifth nearest shipped embedding': (project, starter) => {
    const shipped = shippedRows(project, starter);
    return scored(project, (embedding) => largest(cosines(shipped, embedding), 5));
  },
  'nearest mean against that of all other pre-taught ones': (project, starter) => {
    const means = rowsOf(project.head.means, project.head.bias.length);
    const others = [...starter.preTaught]
      .filter(([name]) => !project.names.includes(name))
      .map(([, { mean }]) => normalizeEmbeddings(mean.slice(), new Float32Array(mean.length)));
    return scored(
      project,
      (embedding) => largest(cosines(means, embedding), 1) - largest(cosines(others, embedding), 1),
    );
  },
};

/** The n-th largest number. */
function largest(numbers: ArrayLike<number>, n: number): number {
  return Array.from(numbers).sort((a, b) => b - a)[n - 1] ?? 0;
}

function cosines(rows: readonly Float32Array[], embedding: Float32Array): number[] {
  return rows.map((row) => {
    let sum = 0;
    for (let d = 0; d < row.length; d++) sum += (row[d] ?? 0) * (embedding[d] ?? 0);
    return sum;
  });
}

function rowsOf(numbers: Float32Array, count: number): Float32Array[] {
  const size = numbers.length / count;
  return Array.from({ length: count }, (_, i) => numbers.subarray(i * size, (i + 1) * size));
}

function shippedRows({ names }: ScoredProject, starter: StarterModel): Float32Array[] {
  return names.flatMap((name) => {
    const embeddings = starter.preTaught.get(name)?.embeddings ?? new Float32Array();
    return rowsOf(embeddings, embeddings.length / starter.embeddingSize);
  });
}
