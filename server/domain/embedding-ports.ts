/** Embeddings of an example, to be stored or as they are. */
export interface ExampleEmbeddings {
  readonly exampleId: string;
  /** Views x embedding size. */
  readonly embeddings: Float32Array;
}

/** Those of an example of a category. */
export interface CategoryEmbeddings extends ExampleEmbeddings {
  readonly categoryId: string;
}

/** What a backbone has seen of categories; no more than so many examples of each are looked at. */
export interface SeenExamples {
  readonly categoryIds: readonly string[];
  readonly backboneId: string;
  readonly atMost: number;
}
