import { describe, expect, test } from 'vitest';
import { API } from '../../shared/api.ts';
import { createOpenApi } from './openapi.ts';

const document = createOpenApi('1.2.3');
const text = JSON.stringify(document);

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, object>>;
}
const paths = document['paths'] as Readonly<Record<string, Readonly<Record<string, Operation>>>>;
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.values(methods).map((operation) => ({ path, operation })),
);

/** Follows `#/a/b` into the document. */
function resolve(pointer: string): unknown {
  return pointer
    .slice(2)
    .split('/')
    .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document);
}

describe('the OpenAPI document', () => {
  test('is of version 3.1 and names each route once', () => {
    expect(document['openapi']).toBe('3.1.0');
    const ids = operations.map(({ operation }) => operation.operationId).sort();
    expect(ids).toEqual(Object.keys(API).sort());
  });

  test('declares every parameter that a path has', () => {
    for (const { path, operation } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = operation.parameters.filter((parameter) => parameter.in === 'path');
      expect(declared.map((parameter) => parameter.name)).toEqual(inPath);
    }
  });

  test('answers each operation with a success and a refusal', () => {
    for (const { operation } of operations)
      expect(Object.keys(operation.responses)).toEqual([
        expect.stringMatching(/^20[014]$/),
        'default',
      ]);
  });

  test('refers only to what is in it', () => {
    const pointers = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, pointer]) => pointer ?? '');
    expect(pointers.length).toBeGreaterThan(0);
    for (const pointer of pointers) expect(resolve(pointer), pointer).toBeDefined();
  });

  test('says how many examples fit in one request', () => {
    expect(text).toContain('"maxItems":500');
  });
});
