import type {
  CreationOptional,
  InferAttributes,
  InferCreationAttributes,
  Model,
  ModelStatic,
  Sequelize,
} from 'sequelize';
import { DataTypes } from 'sequelize';
import type { ExampleSource, Split } from '../../../shared/example.ts';

/** A row of `examples`. */
export interface ExampleModel extends Model<
  InferAttributes<ExampleModel>,
  InferCreationAttributes<ExampleModel>
> {
  id: string;
  /** Order of creation. */
  position: CreationOptional<string>;
  projectId: string;
  categoryId: string;
  authorId: string | null;
  source: ExampleSource;
  split: Split;
  canvasId: string | null;
  sketchId: string | null;
  predictedCategoryId: string | null;
  predictedConfidence: number | null;
  modelVersionId: string | null;
  contentHash: string;
  strokesKey: string;
  imageKey: string;
  raster: Buffer;
  deletedAt: CreationOptional<Date | null>;
  createdAt: CreationOptional<Date>;
}

/** A row of `embeddings`. */
export interface EmbeddingModel extends Model<
  InferAttributes<EmbeddingModel>,
  InferCreationAttributes<EmbeddingModel>
> {
  exampleId: string;
  backboneId: string;
  /** Views x embedding size, 32-bit floats, little-endian. */
  vectors: Buffer;
}

export function defineExample(sequelize: Sequelize): ModelStatic<ExampleModel> {
  return sequelize.define<ExampleModel>('examples', {
    id: { type: DataTypes.UUID, primaryKey: true },
    position: { type: DataTypes.BIGINT, autoIncrement: true },
    projectId: { type: DataTypes.UUID, allowNull: false },
    categoryId: { type: DataTypes.UUID, allowNull: false },
    authorId: DataTypes.UUID,
    source: { type: DataTypes.TEXT, allowNull: false },
    split: { type: DataTypes.TEXT, allowNull: false },
    canvasId: DataTypes.UUID,
    sketchId: DataTypes.UUID,
    predictedCategoryId: DataTypes.UUID,
    predictedConfidence: DataTypes.REAL,
    modelVersionId: DataTypes.UUID,
    contentHash: { type: DataTypes.TEXT, allowNull: false },
    strokesKey: { type: DataTypes.TEXT, allowNull: false },
    imageKey: { type: DataTypes.TEXT, allowNull: false },
    raster: { type: DataTypes.BLOB, allowNull: false },
    deletedAt: DataTypes.DATE,
    createdAt: DataTypes.DATE,
  });
}

export function defineEmbedding(sequelize: Sequelize): ModelStatic<EmbeddingModel> {
  return sequelize.define<EmbeddingModel>('embeddings', {
    exampleId: { type: DataTypes.UUID, primaryKey: true },
    backboneId: { type: DataTypes.TEXT, primaryKey: true },
    vectors: { type: DataTypes.BLOB, allowNull: false },
  });
}
