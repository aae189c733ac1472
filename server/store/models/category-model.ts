import type {
  CreationOptional,
  InferAttributes,
  InferCreationAttributes,
  Model,
  ModelStatic,
  Sequelize,
} from 'sequelize';
import { DataTypes } from 'sequelize';

/** A row of `categories`. */
export interface CategoryModel extends Model<
  InferAttributes<CategoryModel>,
  InferCreationAttributes<CategoryModel>
> {
  id: CreationOptional<string>;
  /** Order of creation. */
  position: CreationOptional<string>;
  projectId: string;
  name: string;
  starterName: string | null;
  createdAt: CreationOptional<Date>;
}

export function defineCategory(sequelize: Sequelize): ModelStatic<CategoryModel> {
  return sequelize.define<CategoryModel>('categories', {
    id: { type: DataTypes.UUID, primaryKey: true, defaultValue: DataTypes.UUIDV4 },
    position: { type: DataTypes.BIGINT, autoIncrement: true },
    projectId: { type: DataTypes.UUID, allowNull: false },
    name: { type: DataTypes.TEXT, allowNull: false },
    starterName: DataTypes.TEXT,
    createdAt: DataTypes.DATE,
  });
}
