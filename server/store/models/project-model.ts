import type {
  CreationOptional,
  InferAttributes,
  InferCreationAttributes,
  Model,
  ModelStatic,
  Sequelize,
} from 'sequelize';
import { DataTypes } from 'sequelize';
import type { Role } from '../../../shared/participant.ts';
import type { TrainingStrategy } from '../../../shared/training-strategy.ts';

/** A row of `projects`. */
export interface ProjectModel extends Model<
  InferAttributes<ProjectModel>,
  InferCreationAttributes<ProjectModel>
> {
  id: CreationOptional<string>;
  /** Order of creation. */
  position: CreationOptional<string>;
  name: string;
  isPlayground: boolean;
  ownerToken: string;
  strategy: TrainingStrategy;
  modelVersionId: CreationOptional<string | null>;
  createdAt: CreationOptional<Date>;
}

/** A row of `project_roles`. */
export interface ProjectRoleModel extends Model<
  InferAttributes<ProjectRoleModel>,
  InferCreationAttributes<ProjectRoleModel>
> {
  projectId: string;
  participantId: string;
  role: Role;
}

export function defineProject(sequelize: Sequelize): ModelStatic<ProjectModel> {
  return sequelize.define<ProjectModel>('projects', {
    id: { type: DataTypes.UUID, primaryKey: true, defaultValue: DataTypes.UUIDV4 },
    position: { type: DataTypes.BIGINT, autoIncrement: true },
    name: { type: DataTypes.TEXT, allowNull: false },
    isPlayground: { type: DataTypes.BOOLEAN, allowNull: false },
    ownerToken: { type: DataTypes.TEXT, allowNull: false },
    strategy: { type: DataTypes.JSONB, allowNull: false },
    modelVersionId: DataTypes.UUID,
    createdAt: DataTypes.DATE,
  });
}

export function defineProjectRole(sequelize: Sequelize): ModelStatic<ProjectRoleModel> {
  return sequelize.define<ProjectRoleModel>('project_roles', {
    projectId: { type: DataTypes.UUID, primaryKey: true },
    participantId: { type: DataTypes.UUID, primaryKey: true },
    role: { type: DataTypes.TEXT, allowNull: false },
  });
}
