import type { CanvasVersion } from '../../shared/canvas-version.ts';
import type { Category } from '../../shared/category.ts';
import type { Example, ExampleSource, Split } from '../../shared/example.ts';
import type { Participant, Role } from '../../shared/participant.ts';
import type { Canvas, CanvasMode } from '../../shared/project.ts';
import type { StrokeColumns } from '../../shared/stroke.ts';
import type { TrainingStrategy, TrainingStrategyChange } from '../../shared/training-strategy.ts';
import type { CategoryEmbeddings, ExampleEmbeddings, SeenExamples } from './embedding-ports.ts';
import type { Whereabouts } from './standing.ts';

/** The interfaces the domain needs, in its own types. Adapters implement them. */

/** A project as it is stored; the role in it depends on who asks. */
export interface ProjectRecord {
  readonly id: string;
  readonly name: string;
  readonly isPlayground: boolean;
  readonly ownerToken: string;
  readonly strategy: TrainingStrategy;
  readonly modelVersionId: string | null;
  readonly createdAt: string;
}

/** A page of a list, newest first unless said otherwise; the cursor is opaque. */
export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}
export interface PageOf<T> {
  readonly items: T[];
  readonly nextCursor: string | null;
}

export interface ParticipantStore {
  create(participant: Omit<Participant, 'id'>): Promise<Participant>;
  find(participantId: string): Promise<Participant | null>;
  update(participantId: string, change: Partial<Omit<Participant, 'id'>>): Promise<Participant>;
}

export interface NewProject {
  readonly name: string;
  readonly isPlayground: boolean;
  /** Null for the system's. */
  readonly ownerId: string | null;
  readonly ownerToken: string;
  readonly canvas: { readonly name: string; readonly mode: CanvasMode };
}

/** What somebody was granted in the project of the place he is at. */
export interface Grant {
  readonly projectId: string;
  readonly isPlayground: boolean;
  readonly role: Role | null;
}

export interface ProjectStore {
  /** Project, first canvas and the owner's role, in one transaction. */
  create(project: NewProject): Promise<ProjectRecord>;
  find(projectId: string): Promise<ProjectRecord | null>;
  findPlayground(): Promise<ProjectRecord | null>;
  findByOwnerToken(token: string): Promise<ProjectRecord | null>;
  /** Those the participant has a role in, and the Playground first. */
  list(participantId: string, page: PageRequest): Promise<PageOf<ProjectRecord>>;
  /** Of a strategy the given parts are replaced, whatever is changed at the same time. */
  update(
    projectId: string,
    change: { name?: string | undefined; strategy?: TrainingStrategyChange | undefined },
  ): Promise<ProjectRecord>;
  remove(projectId: string): Promise<void>;
  roleOf(projectId: string, participantId: string): Promise<Role | null>;
  /** Never lowers a role. */
  grantRole(projectId: string, participantId: string, role: Role): Promise<void>;
  /** Raises or lowers a role, or takes it away by null. */
  setRole(projectId: string, participantId: string, role: Role | null): Promise<void>;
  /** What was granted to each at his place, in one question; null where the place is gone. */
  grantsOf(whereabouts: readonly Whereabouts[]): Promise<(Grant | null)[]>;
}

export interface CategoryRecord extends Category {
  /** Name in the starter model whose shipped embeddings stand in, or null. */
  readonly starterName: string | null;
}

export interface CategoryStore {
  /** Throws `category.name_taken` (names compare without case). */
  create(category: {
    readonly projectId: string;
    readonly name: string;
    readonly starterName: string | null;
  }): Promise<CategoryRecord>;
  find(categoryId: string): Promise<CategoryRecord | null>;
  /** In order of creation. */
  list(projectId: string): Promise<CategoryRecord[]>;
  update(
    categoryId: string,
    change: { name?: string | undefined; starterName?: string | null | undefined },
  ): Promise<CategoryRecord>;
  remove(categoryId: string): Promise<void>;
}

export interface CanvasStore {
  create(canvas: {
    readonly projectId: string;
    readonly name: string;
    readonly mode: CanvasMode;
  }): Promise<Canvas>;
  find(canvasId: string): Promise<Canvas | null>;
  list(projectId: string, page: PageRequest): Promise<PageOf<Canvas>>;
}

/** An example to be stored; its blobs are written already. */
export interface NewExample {
  readonly id: string;
  readonly projectId: string;
  readonly categoryId: string;
  readonly authorId: string | null;
  readonly source: ExampleSource;
  readonly canvasId: string | null;
  readonly sketchId: string | null;
  readonly predictedCategoryId: string | null;
  readonly predictedConfidence: number | null;
  readonly modelVersionId: string | null;
  /** SHA-256 of the strokes, hex. */
  readonly contentHash: string;
  readonly strokesKey: string;
  readonly imageKey: string;
  /** 32x32 grey bytes. */
  readonly raster: Uint8Array;
  readonly backboneId: string;
  /** Views x embedding size; the first view is the sketch itself, the others are augmented. */
  readonly embeddings: Float32Array;
}

export interface ExampleRecord extends Example {
  readonly strokesKey: string;
  readonly imageKey: string;
  readonly isDeleted: boolean;
}

export interface ExampleFilter extends PageRequest {
  readonly categoryId?: string | undefined;
  readonly source?: ExampleSource | undefined;
  readonly split?: Split | undefined;
}

/** What a trainer reads of an example. */
export interface EmbeddedExample {
  readonly exampleId: string;
  readonly categoryId: string;
  readonly split: Split;
  /** Views x embedding size. */
  readonly embeddings: Float32Array;
  /** The same for copies of one drawing; absent where nobody asks which those are. */
  readonly contentHash?: string | undefined;
}

/** An example with all that decides whether, and as what, a run learns from it. */
export interface DatasetExample {
  readonly id: string;
  readonly categoryId: string;
  readonly split: Split;
  readonly source: ExampleSource;
  readonly authorId: string | null;
  readonly createdAt: string;
  /** SHA-256 of the strokes, hex. */
  readonly contentHash: string;
  readonly strokesKey: string;
  readonly isDeleted: boolean;
}

export interface ExampleStore {
  /**
   * All or nothing, of one project. Splits are given here: feedback trains, the others by
   * `dealSplits`. Throws `dataset.too_large`.
   */
  add(examples: readonly NewExample[]): Promise<ExampleRecord[]>;
  /** Also finds deleted ones (`isDeleted`). */
  find(exampleId: string): Promise<ExampleRecord | null>;
  list(projectId: string, filter: ExampleFilter): Promise<PageOf<ExampleRecord>>;
  update(
    exampleId: string,
    change: { categoryId?: string | undefined; isDeleted?: boolean | undefined },
  ): Promise<ExampleRecord>;
  /** Of each category's newest that train and are not deleted, oldest first. */
  newestEmbeddings(seen: SeenExamples): Promise<CategoryEmbeddings[]>;
  /** How many of each category there are embeddings of, of whatever split, deleted ones not counted. */
  countEmbedded(seen: SeenExamples): Promise<ReadonlyMap<string, number>>;
  /** All of a project, deleted ones, too, oldest first. */
  dataset(projectId: string): Promise<DatasetExample[]>;
  /** Embeddings of these examples, deleted or not, where the backbone has seen them. */
  embeddingsOf(exampleIds: readonly string[], backboneId: string): Promise<ExampleEmbeddings[]>;
  /** Replaces those that the backbone has of them; examples that are gone are passed over. */
  addEmbeddings(backboneId: string, embedded: readonly ExampleEmbeddings[]): Promise<void>;
  /** Of a backbone that no model version stands on; otherwise nothing happens. */
  removeEmbeddings(backboneId: string): Promise<void>;
  /** How many joined the dataset since a time, deleted ones not counted. */
  countSince(projectId: string, since: string | null): Promise<number>;
  /** Which of these blob keys belong to no example, model version or run, for the sweep. */
  unreferencedBlobKeys(keys: readonly string[]): Promise<string[]>;
}

/** Bytes under a key: letters, digits, `-`, `.`, and `/` between folders. */
export interface BlobStore {
  put(key: string, bytes: Uint8Array, contentType: string): Promise<void>;
  /** Null where there is none. */
  get(key: string): Promise<Uint8Array | null>;
  delete(key: string): Promise<void>;
  list(prefix: string): Promise<{ readonly key: string; readonly modifiedAt: Date }[]>;
  /** Throws `blobs.unavailable` when the store cannot be reached. */
  check(): Promise<void>;
}

/** A sketch as its canvas has it now. */
export interface SketchInk {
  readonly strokes: StrokeColumns[];
  readonly authorIds: readonly string[];
  readonly revision: number;
}

/** The open canvases, for the domain. */
export interface CanvasInk {
  /** The sketch's strokes, live ink left out; null when there is no such sketch. Loads the canvas if need be. */
  findSketch(canvasId: string, sketchId: string): Promise<SketchInk | null>;
  /** Marks it for everybody by a change of the document, logged like any other. */
  confirmSketch(canvasId: string, sketchId: string, categoryId: string | null): Promise<void>;
}

/** A canvas' document at one time, in the hub's own encoding. */
export interface CanvasState {
  readonly bytes: Uint8Array;
  /** How many strokes it shows. */
  readonly strokes: number;
}

/** A version to be kept. */
export interface NewCanvasVersion {
  readonly canvasId: string;
  readonly name: string;
  /** Null: nobody asked for it. */
  readonly createdBy: string | null;
  /** Kept before a restore or a renewal: the oldest of these make place for new ones. */
  readonly isAutomatic: boolean;
  readonly state: CanvasState;
}

export interface CanvasVersionStore {
  /**
   * Keeps a version. Where there are `MAX_VERSIONS_PER_CANVAS`, an automatic one takes the place of
   * the oldest automatic one; else `canvas_version.too_many` is thrown. Throws also `canvas.unknown`.
   */
  create(version: NewCanvasVersion): Promise<CanvasVersion>;
  find(versionId: string): Promise<CanvasVersion | null>;
  list(canvasId: string, page: PageRequest): Promise<PageOf<CanvasVersion>>;
  /** Throws `canvas_version.unknown` when it is gone, and an error when it is damaged. */
  readState(versionId: string): Promise<Uint8Array>;
  remove(versionId: string): Promise<void>;
}

/** The documents of canvases, for their history. A canvas that nobody has open is loaded. */
export interface CanvasDocuments {
  capture(canvasId: string): Promise<CanvasState>;
  /**
   * Makes the canvas look like that state by a change like any other. `keep` gets what was there
   * before; when it throws, nothing is changed.
   */
  restore(
    canvasId: string,
    state: Uint8Array,
    keep: (before: CanvasState) => Promise<void>,
  ): Promise<void>;
  /** Begins the document anew with what it shows; `keep` as for `restore`. */
  renew(canvasId: string, keep: (before: CanvasState) => Promise<void>): Promise<void>;
}

/** The rooms of canvases, for the domain. */
export interface OpenCanvases {
  /** The canvas has been deleted: sends everybody on it away. */
  forgetCanvas(canvasId: string): Promise<void>;
}

/** What the page should hear about; sent by the socket.io transport. */
export interface Announcer {
  categoriesChanged(projectId: string): void;
  /** With how many examples its category has now. */
  exampleAdded(example: Example, categoryExamples: number): void;
  exampleRemoved(example: Example, categoryExamples: number): void;
  /** The dataset is changed, but a run was not asked for, or nobody was told. */
  followUpFailed(projectId: string, error: unknown): void;
}
