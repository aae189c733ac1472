import type { Category } from '../../shared/category.ts';
import type { Canvas, Project } from '../../shared/project.ts';
import type { TrainingRun } from '../../shared/training-run.ts';
import { eventually } from './eventually.ts';
import type { HttpSession } from './http-session.ts';
import type { SketchStrokes } from './sketch-source.ts';

interface List<T> {
  readonly items: T[];
}

/** A new project with its canvas and categories. */
export async function createProject(
  session: HttpSession,
  name: string,
  categoryNames: readonly string[],
): Promise<{ project: Project; canvas: Canvas; categories: Category[] }> {
  const project = await session.post<Project>('/projects', { name });
  const canvases = await session.get<List<Canvas>>(`/projects/${project.id}/canvases`);
  const [canvas] = canvases.items;
  if (!canvas) throw new Error('A new project has no canvas.');
  const categories: Category[] = [];
  for (const categoryName of categoryNames)
    categories.push(
      await session.post<Category>(`/projects/${project.id}/categories`, { name: categoryName }),
    );
  return { project, canvas, categories };
}

/** Sends examples in one request. */
export async function addExamples(
  session: HttpSession,
  projectId: string,
  examples: readonly { readonly categoryId: string; readonly strokes: SketchStrokes }[],
): Promise<string[]> {
  const reply = await session.post<{ examples: { id: string }[] }>(
    `/projects/${projectId}/examples`,
    { examples },
  );
  return reply.examples.map(({ id }) => id);
}

/** Waits until nothing is left to be trained; the project as it is then. */
export async function learnt(session: HttpSession, projectId: string): Promise<Project> {
  return eventually(async () => {
    const runs = await session.get<List<TrainingRun>>(`/projects/${projectId}/training-runs`);
    const project = await session.get<Project>(`/projects/${projectId}`);
    const newest = runs.items[0];
    if (newest?.state !== 'succeeded' || project.modelVersionId !== newest.modelVersionId)
      throw new Error(`The newest run is ${newest?.state ?? 'none'}: ${newest?.reason ?? ''}`);
    return project;
  }, 30_000);
}
