import type { z } from '@hono/zod-openapi';

type Pick = (value: unknown) => unknown;

/** What is used of a zod schema's own description of itself. */
interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly element?: z.ZodType;
  readonly innerType?: z.ZodType;
}

const picks = new WeakMap<z.ZodType, Pick>();
const asItIs: Pick = (value) => value;

function pickOfObject(shape: Readonly<Record<string, z.ZodType>>): Pick {
  const members = Object.entries(shape).map(([name, schema]) => [name, pickOf(schema)] as const);
  return (value) => {
    const picked: Record<string, unknown> = {};
    for (const [name, pick] of members) {
      const member = (value as Record<string, unknown>)[name];
      if (member !== undefined) {
        picked[name] = pick(member);
      }
    }
    return picked;
  };
}

function build(schema: z.ZodType): Pick {
  const { type, shape, element, innerType } = schema.def as unknown as Definition;
  if (type === 'object' && shape !== undefined) {
    return pickOfObject(shape);
  }
  if (type === 'array' && element !== undefined) {
    const pick = pickOf(element);
    return pick === asItIs ? asItIs : (value) => (value as unknown[]).map(pick);
  }
  if ((type === 'optional' || type === 'nullable') && innerType !== undefined) {
    const pick = pickOf(innerType);
    return pick === asItIs ? asItIs : (value) => (value === null ? null : pick(value));
  }
  return asItIs;
}

/**
 * Gives what a schema declares of a value, and nothing else, in the order of the schema. It checks no
 * value: a full parse costs, without the code that Workers may not generate, a twentieth of a small
 * read, and the tests hold every answer against the document.
 */
export function pickOf(schema: z.ZodType): Pick {
  let pick = picks.get(schema);
  if (pick === undefined) {
    pick = build(schema);
    picks.set(schema, pick);
  }
  return pick;
}
