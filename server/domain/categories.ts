import { AppError } from '../../shared/errors.ts';
import { MAX_CATEGORIES_PER_PROJECT } from '../../shared/limits.ts';
import type { Access } from './access.ts';
import type { Predictor } from './learning-ports.ts';
import type { Announcer, CategoryRecord, CategoryStore, PageOf, PageRequest } from './ports.ts';
import { pageOf } from './paging.ts';
import type { Action } from './policies.ts';
import type { TrainingRuns } from './training-runs.ts';

interface CategoryPorts {
  readonly categories: CategoryStore;
  readonly predictor: Predictor;
  readonly announcer: Announcer;
  readonly access: Access;
  readonly trainingRuns: TrainingRuns;
}

/** What a project can tell apart. */
export class Categories {
  readonly #ports: CategoryPorts;

  constructor(ports: CategoryPorts) {
    this.#ports = ports;
  }

  /** Throws `category.name_taken`, `category.too_many`. */
  async create(participantId: string, projectId: string, name: string): Promise<CategoryRecord> {
    await this.#ports.access.toProject(participantId, projectId, 'category:add');
    const existing = await this.#ports.categories.list(projectId);
    if (existing.length >= MAX_CATEGORIES_PER_PROJECT)
      throw new AppError(
        'category.too_many',
        `A project has at most ${MAX_CATEGORIES_PER_PROJECT} categories. Delete one first.`,
        { limit: MAX_CATEGORIES_PER_PROJECT },
      );
    const starterName = this.#freeStarterName(name, existing);
    const category = await this.#ports.categories.create({ projectId, name, starterName });
    await this.#announceChange(projectId);
    return category;
  }

  /** In the order in which they came. */
  async list(
    participantId: string,
    projectId: string,
    page: PageRequest,
  ): Promise<PageOf<CategoryRecord>> {
    await this.#ports.access.toProject(participantId, projectId, 'project:read');
    return pageOf(await this.#ports.categories.list(projectId), page);
  }

  /** Renames it, or switches the shipped examples of its name off or on again. */
  async change(
    participantId: string,
    categoryId: string,
    change: { readonly name?: string | undefined; readonly preTaught?: boolean | undefined },
  ): Promise<CategoryRecord> {
    const category = await this.#find(participantId, categoryId, 'category:change');
    const { projectId } = category;
    const others = (await this.#ports.categories.list(projectId)).filter(
      ({ id }) => id !== categoryId,
    );
    const starterName = this.#starterNameAfter(category, change, others);
    const { name } = change;
    const changed = await this.#ports.categories.update(categoryId, { name, starterName });
    await this.#announceChange(projectId);
    return changed;
  }

  /** Deletes it with its examples. */
  async remove(participantId: string, categoryId: string): Promise<void> {
    const { projectId } = await this.#find(participantId, categoryId, 'category:delete');
    await this.#ports.categories.remove(categoryId);
    await this.#announceChange(projectId);
  }

  async #find(participantId: string, categoryId: string, action: Action): Promise<CategoryRecord> {
    const category = await this.#ports.categories.find(categoryId);
    if (!category)
      throw new AppError(
        'category.unknown',
        'There is no such category; it may have been deleted.',
      );
    await this.#ports.access.toProject(participantId, category.projectId, action);
    return category;
  }

  #starterNameAfter(
    category: CategoryRecord,
    change: { readonly name?: string | undefined; readonly preTaught?: boolean | undefined },
    others: readonly CategoryRecord[],
  ): string | null {
    const name = change.name ?? category.name;
    // Who has switched it off by hand does not want it back because of a new name.
    const wasSwitchedOff =
      category.starterName === null &&
      this.#ports.predictor.findStarterCategory(category.name) !== null;
    if (!(change.preTaught ?? !wasSwitchedOff)) return null;
    const starterName = this.#freeStarterName(name, others);
    if (change.preTaught && starterName === null)
      throw new AppError(
        'request.invalid',
        `"${name}" cannot be pre-taught: the starter model does not know it, or another category is it already.`,
      );
    return starterName;
  }

  /** Two categories with the same shipped examples could not be told apart: the first has them. */
  #freeStarterName(name: string, others: readonly CategoryRecord[]): string | null {
    const starterName = this.#ports.predictor.findStarterCategory(name);
    return others.some((other) => other.starterName === starterName) ? null : starterName;
  }

  async #announceChange(projectId: string): Promise<void> {
    this.#ports.predictor.forget(projectId);
    this.#ports.announcer.categoriesChanged(projectId);
    await this.#ports.trainingRuns.requestAfter('revision', projectId);
  }
}
