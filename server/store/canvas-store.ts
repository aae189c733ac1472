import { Op } from 'sequelize';
import type { Canvas } from '../../shared/project.ts';
import type { CanvasStore } from '../domain/ports.ts';
import type { Database } from './database.ts';
import type { CanvasModel } from './models/canvas-model.ts';
import { positionBefore, toPage } from './page.ts';
import { isUuid } from './uuid.ts';

/** Canvases in Postgres; their documents are kept by the canvas log. */
export function createCanvasStore({ models }: Database): CanvasStore {
  return {
    create: async (canvas) => {
      const row = await models.canvas.create(canvas);
      return present(row);
    },
    find: async (canvasId) => {
      const row = isUuid(canvasId) ? await models.canvas.findByPk(canvasId) : null;
      return row && present(row);
    },
    list: async (projectId, page) => {
      const rows = await models.canvas.findAll({
        where: { projectId, position: { [Op.lt]: positionBefore(page) } },
        order: [['position', 'DESC']],
        limit: page.limit + 1,
      });
      return toPage(rows, page.limit, present);
    },
  };
}

function present(row: CanvasModel): Canvas {
  const { id, projectId, name, mode, generation, createdAt } = row;
  return { id, projectId, name, mode, generation, createdAt: createdAt.toISOString() };
}
