import type {
  ModelVersionStore,
  TrainingRunClaims,
  TrainingRunStore,
} from '../domain/learning-ports.ts';
import type { FeedbackStore } from '../domain/feedback-ports.ts';
import type {
  CanvasStore,
  CategoryStore,
  ExampleStore,
  ParticipantStore,
  ProjectStore,
} from '../domain/ports.ts';
import { createCanvasStore } from './canvas-store.ts';
import { createCategoryStore } from './category-store.ts';
import type { Database } from './database.ts';
import { withDatabaseErrors } from './database-errors.ts';
import { createExampleStore } from './example-store.ts';
import { createFeedbackStore } from './feedback-store.ts';
import { createModelVersionStore } from './model-version-store.ts';
import { createParticipantStore } from './participant-store.ts';
import { createProjectStore } from './project-store.ts';
import { createTrainingRunClaims } from './training-run-claims.ts';
import { createTrainingRunStore } from './training-run-store.ts';

/** Everything the domain stores in Postgres. */
export interface Stores {
  readonly participants: ParticipantStore;
  readonly projects: ProjectStore;
  readonly categories: CategoryStore;
  readonly canvases: CanvasStore;
  readonly examples: ExampleStore;
  readonly feedback: FeedbackStore;
  readonly trainingRuns: TrainingRunStore;
  readonly claims: TrainingRunClaims;
  readonly modelVersions: ModelVersionStore;
}

/** The stores of an open database. Failures of the database become errors of the project here. */
export function openStores(database: Database): Stores {
  return {
    participants: withDatabaseErrors(createParticipantStore(database)),
    projects: withDatabaseErrors(createProjectStore(database)),
    categories: withDatabaseErrors(createCategoryStore(database)),
    canvases: withDatabaseErrors(createCanvasStore(database)),
    examples: withDatabaseErrors(createExampleStore(database)),
    feedback: withDatabaseErrors(createFeedbackStore(database)),
    trainingRuns: withDatabaseErrors(createTrainingRunStore(database)),
    claims: withDatabaseErrors(createTrainingRunClaims(database)),
    modelVersions: withDatabaseErrors(createModelVersionStore(database)),
  };
}
