import type { RouteReply } from '../../shared/api.ts';
import type { Api } from './api.ts';

/** Somebody whose examples are in a dataset. */
export interface ExampleAuthor {
  readonly id: string;
  readonly isMe: boolean;
  readonly examples: number;
  /** When the newest of them was given. */
  readonly lastAt: string;
}

/** So many pages of 500 are looked through, newest first. */
const MAX_PAGES = 20;

/** Who has given the newest 10,000 examples of a project; who gave most comes first. */
export async function readAuthors(
  api: Api,
  projectId: string,
  ownId: string,
): Promise<readonly ExampleAuthor[]> {
  const authors = new Map<string, ExampleAuthor>();
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES && (page === 0 || cursor !== null); page++) {
    const query = { limit: 500, ...(cursor !== null && { cursor }) };
    const reply: RouteReply<'listExamples'> = await api.call('listExamples', {
      params: { id: projectId },
      query,
    });
    for (const { authorId: id, createdAt: lastAt } of reply.items) {
      if (id === null) continue;
      const known = authors.get(id) ?? { id, isMe: id === ownId, examples: 0, lastAt };
      authors.set(id, { ...known, examples: known.examples + 1 });
    }
    cursor = reply.nextCursor;
  }
  return [...authors.values()].sort((a, b) => b.examples - a.examples);
}
