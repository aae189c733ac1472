import { z } from 'zod';
import { API } from '../../shared/api.ts';
import type { Route } from '../../shared/api/route.ts';
import { ErrorReply } from '../../shared/errors.ts';

type Json = Readonly<Record<string, unknown>>;

/** The HTTP contract as OpenAPI 3.1, made from the same table that routes and validates. */
export function createOpenApi(version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const [name, route] of Object.entries<Route>(API)) {
    const path = `/api${route.path.replace(/:(\w+)/g, '{$1}')}`;
    paths[path] = { ...paths[path], [route.method]: operation(name, route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Training Canvas',
      version,
      description:
        'Draw together, see what a neural network takes your sketch for, correct it, and watch it learn.',
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: 'tc.sid' } },
      schemas: { Error: schemaOf(ErrorReply, 'output') },
    },
  };
}

function operation(name: string, route: Route): Json {
  return {
    operationId: name,
    summary: route.summary,
    security: route.isPublic ? [] : [{ session: [] }],
    parameters: [...parameters(route.params, 'path'), ...parameters(route.query, 'query')],
    ...(route.body && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: schemaOf(route.body, 'input') } },
      },
    }),
    responses: {
      [route.status]: reply(route.reply),
      default: {
        description: 'A refusal: what is wrong, and what to do next.',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  };
}

function reply(schema: Route['reply']): Json {
  if (schema === null) return { description: 'Done.' };
  if (schema instanceof z.ZodType)
    return {
      description: 'Done.',
      content: { 'application/json': { schema: schemaOf(schema, 'output') } },
    };
  return { description: 'The file.', content: { [schema]: {} } };
}

function parameters(schema: z.ZodType | undefined, place: 'path' | 'query'): Json[] {
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape).map(([name, field]) => ({
    name,
    in: place,
    required: place === 'path',
    schema: schemaOf(field as z.ZodType, 'input'),
  }));
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema, ...json } = z.toJSONSchema(schema, { io });
  void $schema;
  return json;
}
