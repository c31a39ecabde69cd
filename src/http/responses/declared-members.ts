import { z } from '@hono/zod-openapi';

type Schema = z.core.$ZodType;
type Pick = (value: unknown) => unknown;

/** The picks that were built before, by schema. */
const picks = new WeakMap<Schema, Pick>();
const keep: Pick = (value) => value;

function pickOfObject({ shape, catchall }: z.core.$ZodObjectDef): Pick {
  const members = Object.entries(shape).map(([name, schema]) => [name, pickOf(schema)] as const);
  const pickOther = hasOthers(catchall) ? pickOf(catchall) : undefined;
  return (value) => {
    const picked: Record<string, unknown> = {};
    for (const [name, pick] of members) {
      const member = (value as Record<string, unknown>)[name];
      if (member !== undefined) {
        picked[name] = pick(member);
      }
    }
    if (pickOther !== undefined) {
      for (const [name, member] of Object.entries(value as object)) {
        if (!Object.hasOwn(shape, name) && member !== undefined) {
          picked[name] = pickOther(member);
        }
      }
    }
    return picked;
  };
}

/** Returns whether an object declares a schema for members that it does not name. A strict object declares `never`. */
function hasOthers(catchall: Schema | undefined): catchall is Schema {
  return catchall !== undefined && catchall._zod.def.type !== 'never';
}

function pickOfRecord({ keyType, valueType }: z.core.$ZodRecordDef): Pick {
  const pick = pickOf(valueType);
  return (value) =>
    Object.fromEntries(
      Object.entries(value as object)
        .filter(([key, member]) => member !== undefined && z.safeParse(keyType, key).success)
        .map(([key, member]) => [key, pick(member)]),
    );
}

function pickOfTuple({ items, rest }: z.core.$ZodTupleDef): Pick {
  const itemPicks = items.map(pickOf);
  const pickRest = rest === null ? undefined : pickOf(rest);
  return (value) =>
    (value as unknown[]).flatMap((item, index) => {
      const pick = itemPicks[index] ?? pickRest;
      return pick === undefined ? [] : [pick(item)];
    });
}

/** Returns whether an issue concerns only undeclared members, which a pick drops. */
function isExcess(issue: z.core.$ZodIssue): boolean {
  return (
    issue.code === 'unrecognized_keys' ||
    (issue.code === 'invalid_union' && issue.errors.some((issues) => issues.every(isExcess)))
  );
}

function accepts(option: Schema, value: unknown, discriminator: string | undefined): boolean {
  const named = discriminator === undefined ? undefined : option._zod.propValues?.[discriminator];
  if (discriminator !== undefined && named !== undefined) {
    return named.has((value as Record<string, z.core.util.Primitive>)[discriminator]);
  }
  const { error } = z.safeParse(option, value);
  return error === undefined || error.issues.every(isExcess);
}

/**
 * Returns a pick that finds the option of a union that a value belongs to. A union is the only kind of
 * schema for which a pick has to inspect the value.
 */
function pickOfUnion(def: z.core.$ZodUnionDef | z.core.$ZodDiscriminatedUnionDef): Pick {
  const options = def.options.map((option) => ({ option, pick: pickOf(option) }));
  if (options.every(({ pick }) => pick === keep)) {
    return keep;
  }
  const discriminator = 'discriminator' in def ? def.discriminator : undefined;
  return (value) => {
    const match = options.find(({ option }) => accepts(option, value, discriminator));
    if (match === undefined) {
      throw new Error('The response matches no option of a union that its schema declares.');
    }
    return match.pick(value);
  };
}

function build(schema: Schema): Pick {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
    case 'literal':
    case 'enum':
    case 'template_literal':
      return keep;
    case 'object':
      return pickOfObject(def);
    case 'record':
      return pickOfRecord(def);
    case 'tuple':
      return pickOfTuple(def);
    case 'union':
      return pickOfUnion(def);
    case 'array': {
      const pick = pickOf(def.element);
      return pick === keep ? keep : (value) => (value as unknown[]).map(pick);
    }
    case 'optional':
    case 'nullable':
    case 'nonoptional':
    case 'default':
    case 'prefault':
    case 'catch':
    case 'readonly': {
      const pick = pickOf(def.innerType);
      return pick === keep ? keep : (value) => (value == null ? value : pick(value));
    }
    case 'lazy':
      return pickOf(def.getter());
    // A handler returns a parsed value, so the value matches the output of the last schema.
    case 'pipe':
      return pickOf(def.out);
    default:
      throw new Error(`A response cannot declare a schema of the kind ${def.type}.`);
  }
}

/**
 * Returns a function that copies the declared members of a value, in the order of the schema, and drops
 * all others. It validates only the options of a union. A full parse would cost a twentieth of the time
 * of a small read, because Workers forbid the code generation that makes zod fast, and the tests check
 * every response against the document.
 *
 * @throws Error if the schema contains a kind that could let undeclared members through.
 */
export function pickOf(schema: Schema): Pick {
  const known = picks.get(schema);
  if (known !== undefined) {
    return known;
  }
  let pick = keep;
  // A schema that contains itself looks this entry up while its own pick is being built.
  picks.set(schema, (value) => pick(value));
  try {
    pick = build(schema);
  } catch (error) {
    picks.delete(schema);
    throw error;
  }
  picks.set(schema, pick);
  return pick;
}
