import type {
  CreationOptional,
  InferAttributes,
  InferCreationAttributes,
  Model,
  ModelStatic,
  Sequelize,
} from 'sequelize';
import { DataTypes } from 'sequelize';
import type { Hyperparameters } from '../../../shared/hyperparameters.ts';
import type {
  ConfusionCell,
  ModelMetrics,
  PromotionReason,
} from '../../../shared/model-version.ts';
import type { TrainingData } from '../../../shared/training-strategy.ts';

/** A row of `model_versions`. */
export interface ModelVersionModel extends Model<
  InferAttributes<ModelVersionModel>,
  InferCreationAttributes<ModelVersionModel>
> {
  id: CreationOptional<string>;
  /** Order of creation. */
  position: CreationOptional<string>;
  projectId: string;
  /** Counts from 1 in each project. */
  number: number;
  layers: string;
  trainingRunId: string | null;
  hyperparameters: Hyperparameters;
  data: TrainingData;
  promotionReason: PromotionReason;
  backboneId: string;
  backboneKey: string | null;
  headKey: string;
  snapshotKey: string | null;
  confusion: ConfusionCell[];
  categories: { id: string; name: string }[];
  metrics: ModelMetrics;
  createdAt: CreationOptional<Date>;
}

export function defineModelVersion(sequelize: Sequelize): ModelStatic<ModelVersionModel> {
  return sequelize.define<ModelVersionModel>('model_versions', {
    id: { type: DataTypes.UUID, primaryKey: true, defaultValue: DataTypes.UUIDV4 },
    position: { type: DataTypes.BIGINT, autoIncrement: true },
    projectId: { type: DataTypes.UUID, allowNull: false },
    number: { type: DataTypes.INTEGER, allowNull: false },
    layers: { type: DataTypes.TEXT, allowNull: false },
    trainingRunId: DataTypes.UUID,
    backboneId: { type: DataTypes.TEXT, allowNull: false },
    hyperparameters: { type: DataTypes.JSONB, allowNull: false },
    data: { type: DataTypes.JSONB, allowNull: false },
    promotionReason: { type: DataTypes.TEXT, allowNull: false },
    backboneKey: DataTypes.TEXT,
    headKey: { type: DataTypes.TEXT, allowNull: false },
    snapshotKey: DataTypes.TEXT,
    confusion: { type: DataTypes.JSONB, allowNull: false },
    categories: { type: DataTypes.JSONB, allowNull: false },
    metrics: { type: DataTypes.JSONB, allowNull: false },
    createdAt: DataTypes.DATE,
  });
}
