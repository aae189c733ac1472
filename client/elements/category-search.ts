import type { Category } from '../../shared/category.ts';

/** What a typed name may mean. */
export interface CategoryMatches {
  /** Those that begin with it first, then those that contain it. */
  readonly found: readonly Category[];
  /** The one of exactly this name, upper and lower case alike. */
  readonly exact: Category | null;
  /** The name of a new category, or null where it exists or nothing is typed. */
  readonly newName: string | null;
}

/** Finds categories by a typed name. */
export function searchCategories(categories: readonly Category[], typed: string): CategoryMatches {
  const name = typed.trim().replace(/\s+/g, ' ');
  const wanted = name.toLocaleLowerCase();
  const nameOf = (category: Category): string => category.name.toLocaleLowerCase();
  const exact = categories.find((category) => nameOf(category) === wanted) ?? null;
  const found = categories
    .filter((category) => nameOf(category).includes(wanted))
    .sort((a, b) => rank(nameOf(a), wanted) - rank(nameOf(b), wanted) || compare(a, b));
  return { found, exact, newName: name && !exact ? name : null };
}

function rank(name: string, wanted: string): number {
  return name.startsWith(wanted) ? 0 : 1;
}

function compare(a: Category, b: Category): number {
  return a.name.localeCompare(b.name);
}
