import type {
  CreationOptional,
  InferAttributes,
  InferCreationAttributes,
  Model,
  ModelStatic,
  Sequelize,
} from 'sequelize';
import { DataTypes } from 'sequelize';
import type { CanvasMode } from '../../../shared/project.ts';

/** A row of `canvases`. */
export interface CanvasModel extends Model<
  InferAttributes<CanvasModel>,
  InferCreationAttributes<CanvasModel>
> {
  id: CreationOptional<string>;
  /** Order of creation. */
  position: CreationOptional<string>;
  projectId: string;
  name: string;
  mode: CanvasMode;
  /** Rises when the document begins anew. */
  generation: CreationOptional<number>;
  createdAt: CreationOptional<Date>;
}

export function defineCanvas(sequelize: Sequelize): ModelStatic<CanvasModel> {
  return sequelize.define<CanvasModel>('canvases', {
    id: { type: DataTypes.UUID, primaryKey: true, defaultValue: DataTypes.UUIDV4 },
    position: { type: DataTypes.BIGINT, autoIncrement: true },
    projectId: { type: DataTypes.UUID, allowNull: false },
    name: { type: DataTypes.TEXT, allowNull: false },
    mode: { type: DataTypes.TEXT, allowNull: false },
    generation: { type: DataTypes.INTEGER, allowNull: false, defaultValue: 1 },
    createdAt: DataTypes.DATE,
  });
}
