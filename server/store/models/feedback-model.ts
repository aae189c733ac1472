import type {
  CreationOptional,
  InferAttributes,
  InferCreationAttributes,
  Model,
  ModelStatic,
  Sequelize,
} from 'sequelize';
import { DataTypes } from 'sequelize';

/** A row of `feedback`. */
export interface FeedbackModel extends Model<
  InferAttributes<FeedbackModel>,
  InferCreationAttributes<FeedbackModel>
> {
  id: CreationOptional<string>;
  canvasId: string;
  sketchId: string;
  sketchRevision: number;
  participantId: string;
  verdict: 'right' | 'wrong';
  categoryId: string;
  exampleId: string | null;
  trainingRunId: string | null;
  modelVersionId: string | null;
  createdAt: CreationOptional<Date>;
}

export function defineFeedback(sequelize: Sequelize): ModelStatic<FeedbackModel> {
  return sequelize.define<FeedbackModel>('feedback', {
    id: { type: DataTypes.UUID, primaryKey: true, defaultValue: DataTypes.UUIDV4 },
    canvasId: { type: DataTypes.UUID, allowNull: false },
    sketchId: { type: DataTypes.UUID, allowNull: false },
    // Revisions begin at the Unix time in ms at which a canvas was loaded: beyond 32 bits.
    sketchRevision: { type: DataTypes.BIGINT, allowNull: false },
    participantId: { type: DataTypes.UUID, allowNull: false },
    verdict: { type: DataTypes.TEXT, allowNull: false },
    categoryId: { type: DataTypes.UUID, allowNull: false },
    exampleId: DataTypes.UUID,
    trainingRunId: DataTypes.UUID,
    modelVersionId: DataTypes.UUID,
    createdAt: DataTypes.DATE,
  });
}
