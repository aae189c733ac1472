import { AppError } from '../../shared/errors.ts';
import type { Confusion, ModelVersion } from '../../shared/model-version.ts';
import type { Access } from './access.ts';
import type { ModelVersionRecord, ModelVersionStore, Predictor } from './learning-ports.ts';
import type { PageOf, PageRequest } from './ports.ts';
import type { Action } from './policies.ts';

interface ModelVersionPorts {
  readonly modelVersions: ModelVersionStore;
  readonly predictor: Predictor;
  readonly access: Access;
}

/** The numbered models of a project: which is served, and how to take one along. */
export class ModelVersions {
  readonly #ports: ModelVersionPorts;

  constructor(ports: ModelVersionPorts) {
    this.#ports = ports;
  }

  async list(
    participantId: string,
    projectId: string,
    page: PageRequest,
  ): Promise<PageOf<ModelVersion>> {
    await this.#ports.access.toProject(participantId, projectId, 'project:read');
    return this.#ports.modelVersions.list(projectId, page);
  }

  async get(participantId: string, modelVersionId: string): Promise<ModelVersion> {
    return this.#find(participantId, modelVersionId, 'project:read');
  }

  /** What its test sketches were taken for. */
  async confusion(participantId: string, modelVersionId: string): Promise<Confusion> {
    const { id, categories } = await this.#find(participantId, modelVersionId, 'project:read');
    return (
      (await this.#ports.modelVersions.confusionOf(id)) ?? {
        categories: [...categories],
        cells: [],
      }
    );
  }

  /** Serves that version from now on, everywhere: the way forward and the way back. */
  async promote(participantId: string, modelVersionId: string): Promise<ModelVersion> {
    const chosen = await this.#find(participantId, modelVersionId, 'model_version:promote');
    const { projectId } = chosen;
    await this.#ports.predictor.assertServable(chosen);
    const version = await this.#ports.modelVersions.promote(modelVersionId);
    this.#ports.predictor.forget(projectId);
    return version;
  }

  /** The whole network as standard ONNX. */
  async exportOnnx(participantId: string, modelVersionId: string): Promise<Uint8Array> {
    const version = await this.#find(participantId, modelVersionId, 'project:read');
    return this.#ports.predictor.exportOnnx(version);
  }

  async #find(
    participantId: string,
    modelVersionId: string,
    action: Action,
  ): Promise<ModelVersionRecord> {
    const version = await this.#ports.modelVersions.find(modelVersionId);
    if (!version) throw new AppError('model_version.unknown', 'There is no such model version.');
    await this.#ports.access.toProject(participantId, version.projectId, action);
    return version;
  }
}
