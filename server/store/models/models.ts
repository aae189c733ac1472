import type { ModelStatic, Sequelize } from 'sequelize';
import type { CanvasModel } from './canvas-model.ts';
import { defineCanvas } from './canvas-model.ts';
import type { CategoryModel } from './category-model.ts';
import { defineCategory } from './category-model.ts';
import type { EmbeddingModel, ExampleModel } from './example-model.ts';
import { defineEmbedding, defineExample } from './example-model.ts';
import type { FeedbackModel } from './feedback-model.ts';
import { defineFeedback } from './feedback-model.ts';
import type { ModelVersionModel } from './model-version-model.ts';
import { defineModelVersion } from './model-version-model.ts';
import type { ParticipantModel } from './participant-model.ts';
import { defineParticipant } from './participant-model.ts';
import type { ProjectModel, ProjectRoleModel } from './project-model.ts';
import { defineProject, defineProjectRole } from './project-model.ts';
import type { TrainingRunModel } from './training-run-model.ts';
import { defineTrainingRun } from './training-run-model.ts';

/** The models of one connection pool. */
export interface Models {
  readonly participant: ModelStatic<ParticipantModel>;
  readonly project: ModelStatic<ProjectModel>;
  readonly projectRole: ModelStatic<ProjectRoleModel>;
  readonly canvas: ModelStatic<CanvasModel>;
  readonly category: ModelStatic<CategoryModel>;
  readonly example: ModelStatic<ExampleModel>;
  readonly embedding: ModelStatic<EmbeddingModel>;
  readonly feedback: ModelStatic<FeedbackModel>;
  readonly trainingRun: ModelStatic<TrainingRunModel>;
  readonly modelVersion: ModelStatic<ModelVersionModel>;
}

/**
 * Made by `define`, not as classes: a class would be bound to the pool that was opened last, and a
 * process may hold two.
 */
export function defineModels(sequelize: Sequelize): Models {
  return {
    participant: defineParticipant(sequelize),
    project: defineProject(sequelize),
    projectRole: defineProjectRole(sequelize),
    canvas: defineCanvas(sequelize),
    category: defineCategory(sequelize),
    example: defineExample(sequelize),
    embedding: defineEmbedding(sequelize),
    feedback: defineFeedback(sequelize),
    trainingRun: defineTrainingRun(sequelize),
    modelVersion: defineModelVersion(sequelize),
  };
}
