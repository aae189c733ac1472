import type {
  CreationOptional,
  InferAttributes,
  InferCreationAttributes,
  Model,
  ModelStatic,
  Sequelize,
} from 'sequelize';
import { DataTypes } from 'sequelize';
import type { Hyperparameters, Layers } from '../../../shared/hyperparameters.ts';
import type { TrainingProgress, TrainingRunState } from '../../../shared/training-run.ts';
import type { LeastExamples, TrainingData } from '../../../shared/training-strategy.ts';

/** A row of `training_runs`, which is the queue. */
export interface TrainingRunModel extends Model<
  InferAttributes<TrainingRunModel>,
  InferCreationAttributes<TrainingRunModel>
> {
  id: CreationOptional<string>;
  /** Order of creation. */
  position: CreationOptional<string>;
  projectId: string;
  state: TrainingRunState;
  layers: Layers;
  hyperparameters: Hyperparameters;
  data: TrainingData;
  leastExamples: LeastExamples;
  rebuildOf: string | null;
  progress: TrainingProgress;
  reason: string | null;
  /** Who works on it and until when it is his; both null unless it is running. */
  trainerId: string | null;
  leaseUntil: Date | null;
  /** How often it has been claimed since it last advanced, but for claims that were given back. */
  attempts: number;
  isCancelRequested: boolean;
  createdAt: CreationOptional<Date>;
  requestedAt: CreationOptional<Date>;
  finishedAt: Date | null;
}

export function defineTrainingRun(sequelize: Sequelize): ModelStatic<TrainingRunModel> {
  return sequelize.define<TrainingRunModel>('training_runs', {
    id: { type: DataTypes.UUID, primaryKey: true, defaultValue: DataTypes.UUIDV4 },
    position: { type: DataTypes.BIGINT, autoIncrement: true },
    projectId: { type: DataTypes.UUID, allowNull: false },
    state: { type: DataTypes.TEXT, allowNull: false },
    layers: { type: DataTypes.TEXT, allowNull: false },
    hyperparameters: { type: DataTypes.JSONB, allowNull: false },
    data: { type: DataTypes.JSONB, allowNull: false },
    leastExamples: { type: DataTypes.JSONB, allowNull: false },
    rebuildOf: DataTypes.UUID,
    progress: { type: DataTypes.JSONB, allowNull: false },
    reason: DataTypes.TEXT,
    trainerId: DataTypes.TEXT,
    leaseUntil: DataTypes.DATE,
    attempts: { type: DataTypes.INTEGER, allowNull: false },
    isCancelRequested: { type: DataTypes.BOOLEAN, allowNull: false },
    createdAt: DataTypes.DATE,
    requestedAt: DataTypes.DATE,
    finishedAt: DataTypes.DATE,
  });
}
