import { z } from 'zod';
import { AppError } from '../../shared/errors.ts';
import type { Example, ExampleSource } from '../../shared/example.ts';
import type { StrokeColumns } from '../../shared/stroke.ts';
import { isJudgeable } from '../../shared/stroke.ts';
import type { TrainingRun } from '../../shared/training-run.ts';
import type { Access } from './access.ts';
import type { ExampleBlobs } from './example-blobs.ts';
import type { Embedded, Predictor } from './learning-ports.ts';
import type {
  Announcer,
  CategoryStore,
  ExampleFilter,
  ExampleRecord,
  ExampleStore,
  NewExample,
  PageOf,
} from './ports.ts';
import type { Action } from './policies.ts';
import type { DatasetChange, TrainingRuns } from './training-runs.ts';

interface ExamplePorts {
  readonly categories: CategoryStore;
  readonly examples: ExampleStore;
  readonly exampleBlobs: ExampleBlobs;
  readonly predictor: Predictor;
  readonly announcer: Announcer;
  readonly access: Access;
  readonly trainingRuns: TrainingRuns;
}

/** A sketch that somebody wants in the dataset. */
export interface OfferedExample {
  readonly categoryId: string;
  readonly strokes: readonly StrokeColumns[];
}

/** Where examples come from. */
export interface Provenance {
  readonly projectId: string;
  readonly authorId: string;
  readonly source: ExampleSource;
  readonly canvasId: string | null;
  readonly sketchId: string | null;
  readonly predictedCategoryId: string | null;
  readonly predictedConfidence: number | null;
  readonly modelVersionId: string | null;
}

const StoredStrokes = z.object({ strokes: z.array(z.array(z.array(z.number()))) });

/** The dataset of a project. */
export class Examples {
  readonly #ports: ExamplePorts;

  constructor(ports: ExamplePorts) {
    this.#ports = ports;
  }

  /** Examples sent over HTTP, all or nothing. */
  async send(
    participantId: string,
    projectId: string,
    offered: readonly OfferedExample[],
  ): Promise<Example[]> {
    await this.#ports.access.toProject(participantId, projectId, 'example:add');
    const { examples } = await this.add(offered, {
      projectId,
      authorId: participantId,
      source: 'api',
      canvasId: null,
      sketchId: null,
      predictedCategoryId: null,
      predictedConfidence: null,
      modelVersionId: null,
    });
    return examples;
  }

  /** Adds examples of whoever was found to be allowed to, and trains if the strategy says so. */
  async add(
    offered: readonly OfferedExample[],
    from: Provenance,
  ): Promise<{ readonly examples: Example[]; readonly trainingRun: TrainingRun | null }> {
    await this.#assertUsable(offered, from.projectId);
    const sketches = offered.map(({ strokes }) => strokes);
    const embedded = await this.#ports.predictor.embed(from.projectId, sketches);
    const stored = await this.#ports.exampleBlobs.put(from.projectId, sketches);
    const rows = offered.map(({ categoryId }, i): NewExample => {
      const [blobs, views] = [stored[i], embedded[i]];
      if (!blobs || !views) throw new Error('An example has lost its blobs or embeddings.');
      return { ...from, ...blobs, ...networkColumns(views), categoryId };
    });
    let examples: ExampleRecord[];
    try {
      examples = await this.#ports.examples.add(rows);
    } catch (error) {
      await this.#ports.exampleBlobs.remove(stored);
      throw error;
    }
    const change = from.source === 'feedback' ? 'correction' : 'examples';
    const trainingRun = await this.#tell(examples, 'exampleAdded', change);
    return { examples, trainingRun };
  }

  async list(
    participantId: string,
    projectId: string,
    filter: ExampleFilter,
  ): Promise<PageOf<Example>> {
    await this.#ports.access.toProject(participantId, projectId, 'project:read');
    return this.#ports.examples.list(projectId, filter);
  }

  /** Moves an example to another category of its project, or brings a deleted one back. */
  async change(
    participantId: string,
    exampleId: string,
    change: { readonly categoryId?: string | undefined; readonly deleted?: false | undefined },
  ): Promise<Example> {
    const before = await this.#find(participantId, exampleId, 'example:change');
    if (before.isDeleted && change.deleted === undefined) throw unknownExample();
    const { categoryId } = change;
    if (categoryId) await this.#assertCategories([categoryId], before.projectId);
    const after = await this.#ports.examples.update(exampleId, {
      categoryId,
      isDeleted: change.deleted,
    });
    if (!before.isDeleted) await this.#announce([before], 'exampleRemoved');
    await this.#tell([after], 'exampleAdded', 'revision');
    return after;
  }

  /** Takes an example out of the dataset; `change` brings it back. */
  async remove(participantId: string, exampleId: string): Promise<void> {
    await this.#find(participantId, exampleId, 'example:change');
    await this.withdraw(exampleId);
  }

  /**
   * As `remove`, for whoever was found to be allowed to. May be done again: what is not in the
   * dataset stays out of it, and nobody hears of it twice.
   */
  async withdraw(exampleId: string): Promise<void> {
    const before = await this.#ports.examples.find(exampleId);
    if (!before || before.isDeleted) return;
    const example = await this.#ports.examples.update(exampleId, { isDeleted: true });
    await this.#tell([example], 'exampleRemoved', 'revision');
  }

  /** Undoes `withdraw`. */
  async bringBack(exampleId: string): Promise<void> {
    const before = await this.#ports.examples.find(exampleId);
    if (!before?.isDeleted) return;
    const example = await this.#ports.examples.update(exampleId, { isDeleted: false });
    await this.#tell([example], 'exampleAdded', 'revision');
  }

  async image(participantId: string, exampleId: string): Promise<Uint8Array> {
    const { imageKey } = await this.#find(participantId, exampleId, 'project:read');
    return this.#ports.exampleBlobs.get(imageKey);
  }

  async strokes(participantId: string, exampleId: string): Promise<z.infer<typeof StoredStrokes>> {
    const { strokesKey } = await this.#find(participantId, exampleId, 'project:read');
    const bytes = await this.#ports.exampleBlobs.get(strokesKey);
    return StoredStrokes.parse(JSON.parse(new TextDecoder().decode(bytes)));
  }

  async #find(participantId: string, exampleId: string, action: Action): Promise<ExampleRecord> {
    const example = await this.#ports.examples.find(exampleId);
    if (!example) throw unknownExample();
    const isOwn = example.authorId === participantId && action === 'example:change';
    await this.#ports.access.toProject(
      participantId,
      example.projectId,
      isOwn ? 'example:add' : action,
    );
    return example;
  }

  async #assertUsable(offered: readonly OfferedExample[], projectId: string): Promise<void> {
    await this.#assertCategories(
      offered.map(({ categoryId }) => categoryId),
      projectId,
    );
    const empty = offered.findIndex(({ strokes }) => !isJudgeable(strokes));
    if (empty >= 0)
      throw new AppError(
        'sketch.empty',
        'There is nothing to see but a dot. Draw some more first.',
        {
          index: empty,
        },
      );
  }

  async #assertCategories(categoryIds: readonly string[], projectId: string): Promise<void> {
    const categories = await this.#ports.categories.list(projectId);
    const known = new Set(categories.map(({ id }) => id));
    const index = categoryIds.findIndex((id) => !known.has(id));
    if (index >= 0)
      throw new AppError('category.unknown', 'This project has no such category.', { index });
  }

  async #tell(
    examples: readonly ExampleRecord[],
    event: 'exampleAdded' | 'exampleRemoved',
    change: DatasetChange,
  ): Promise<TrainingRun | null> {
    const [first] = examples;
    if (!first) return null;
    const { projectId } = first;
    this.#ports.predictor.forget(projectId);
    // The run is asked for first: it is what people wait for.
    const trainingRun = await this.#afterStoring(projectId, () =>
      this.#ports.trainingRuns.requestAfter(change, projectId),
    );
    await this.#announce(examples, event);
    return trainingRun;
  }

  async #announce(
    examples: readonly ExampleRecord[],
    event: 'exampleAdded' | 'exampleRemoved',
  ): Promise<void> {
    const [first] = examples;
    if (!first) return;
    await this.#afterStoring(first.projectId, async () => {
      const categories = await this.#ports.categories.list(first.projectId);
      const counts = new Map(categories.map((category) => [category.id, category.examples]));
      for (const example of examples)
        this.#ports.announcer[event](example, counts.get(example.categoryId) ?? 0);
    });
  }

  /**
   * What follows a change of the dataset that is stored already: whoever read a refusal now would
   * send the same again, and it would be stored twice.
   */
  async #afterStoring<T>(projectId: string, follow: () => Promise<T>): Promise<T | null> {
    try {
      return await follow();
    } catch (error) {
      this.#ports.announcer.followUpFailed(projectId, error);
      return null;
    }
  }
}

function networkColumns({ raster, backboneId, embeddings }: Embedded): Embedded {
  return { raster, backboneId, embeddings };
}

function unknownExample(): AppError {
  return new AppError('example.unknown', 'There is no such example; it may have been deleted.');
}
