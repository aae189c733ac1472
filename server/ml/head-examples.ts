/**
 * What a head learns from: people's examples, and for pre-taught categories the embeddings that
 * ship with the starter model, which count less and less as people's examples come in.
 */

/** What ships of a pre-taught category; normalized embeddings, row after row. */
export interface PreTaughtCategory {
  readonly mean: Float32Array;
  readonly embeddings: Float32Array;
}

/** What is known of a category: at least one of the two. */
export interface KnownCategory {
  /** For each example of people the normalized embeddings of its views, row after row. */
  readonly own: readonly Float32Array[];
  readonly preTaught: PreTaughtCategory | null;
}

/** Rows to train a head on, with the means it starts from. */
export interface HeadExamples {
  readonly embeddings: Float32Array;
  /** For each row the index of its category. */
  readonly categoryOf: Int32Array;
  readonly weights: Float32Array;
  readonly means: readonly Float32Array[];
  /** How many examples each mean is made of, shipped ones and people's. */
  readonly support: Float32Array;
}

/**
 * How many shipped embeddings one example of people counts for. Measured on sketches that a
 * pre-taught project of 20 categories had wrong: with 8 one correction is enough for each of
 * them, with 1 for only 9 of 15; accuracy on other sketches stays the same.
 */
const OWN_WEIGHT = 8;

/** Weight of each shipped embedding of a category that has `own` examples of people. */
export function priorWeight(shipped: number, own: number): number {
  return shipped / (shipped + OWN_WEIGHT * own);
}

/** Puts together what is known of all categories, in their order. */
export function headExamples(
  categories: readonly KnownCategory[],
  embeddingSize: number,
): HeadExamples {
  const rows = categories.flatMap((category, index) =>
    weightedRows(category, embeddingSize).map((row) => ({ ...row, index })),
  );
  const embeddings = new Float32Array(rows.length * embeddingSize);
  rows.forEach(({ embedding }, i) => embeddings.set(embedding, i * embeddingSize));
  return {
    embeddings,
    categoryOf: Int32Array.from(rows, ({ index }) => index),
    weights: Float32Array.from(rows, ({ weight }) => weight),
    means: categories.map((category) => meanOf(category, embeddingSize)),
    support: Float32Array.from(categories, ({ own, preTaught }) => {
      const shipped = (preTaught?.embeddings.length ?? 0) / embeddingSize;
      return own.length + shipped;
    }),
  };
}

interface WeightedRow {
  readonly embedding: Float32Array;
  readonly weight: number;
}

function weightedRows({ own, preTaught }: KnownCategory, size: number): WeightedRow[] {
  const shipped = rowsOf(preTaught?.embeddings ?? new Float32Array(), size);
  const weight = priorWeight(shipped.length, own.length);
  return [...shipped.map((embedding) => ({ embedding, weight })), ...ownRows(own, size)];
}

/** The views of an example share its weight. */
function ownRows(own: readonly Float32Array[], size: number): WeightedRow[] {
  return own.flatMap((example) => {
    const views = rowsOf(example, size);
    return views.map((embedding) => ({ embedding, weight: OWN_WEIGHT / views.length }));
  });
}

function rowsOf(embeddings: Float32Array, size: number): Float32Array[] {
  return Array.from({ length: embeddings.length / size }, (_, i) =>
    embeddings.subarray(i * size, (i + 1) * size),
  );
}

/** The shipped mean stands for many more drawings than are shipped, but weighs like those. */
function meanOf({ own, preTaught }: KnownCategory, size: number): Float32Array {
  const rows = ownRows(own, size);
  if (preTaught) {
    const shipped = preTaught.embeddings.length / size;
    rows.push({ embedding: preTaught.mean, weight: shipped * priorWeight(shipped, own.length) });
  }
  const total = rows.reduce((sum, { weight }) => sum + weight, 0);
  const mean = new Float32Array(size);
  for (const { embedding, weight } of rows) {
    for (let d = 0; d < size; d++) {
      mean[d] = (mean[d] ?? 0) + ((embedding[d] ?? 0) * weight) / total;
    }
  }
  return mean;
}
