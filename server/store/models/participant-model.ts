import type {
  CreationOptional,
  InferAttributes,
  InferCreationAttributes,
  Model,
  ModelStatic,
  Sequelize,
} from 'sequelize';
import { DataTypes } from 'sequelize';

/** A row of `participants`. */
export interface ParticipantModel extends Model<
  InferAttributes<ParticipantModel>,
  InferCreationAttributes<ParticipantModel>
> {
  id: CreationOptional<string>;
  nickname: string;
  color: string;
}

export function defineParticipant(sequelize: Sequelize): ModelStatic<ParticipantModel> {
  return sequelize.define<ParticipantModel>('participants', {
    id: { type: DataTypes.UUID, primaryKey: true, defaultValue: DataTypes.UUIDV4 },
    nickname: { type: DataTypes.TEXT, allowNull: false },
    color: { type: DataTypes.TEXT, allowNull: false },
  });
}
