/** A media type that an operation offers. */
export interface OfferedType {
  /** In lower case: `text/csv`. */
  readonly type: string;
  /** Its parameters, names and values in lower case. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** One media range of an Accept header. */
interface MediaRange {
  readonly type: string;
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** From 0, not acceptable, to 1. */
  readonly quality: number;
}

const TOKEN = "[\\w!#$%&'*+.^`|~-]+";
/** An element of a list; a comma within quotes does not end it. */
const ELEMENT = /(?:"(?:[^"\\]|\\.)*"|[^",])+/g;
const RANGE = new RegExp(`^(?:\\*/\\*|${TOKEN}/${TOKEN})$`);
const PARAMETER = new RegExp(
  `;[ \\t]*(?:(${TOKEN})=(?:(${TOKEN})|"((?:[^"\\\\]|\\\\.)*)"))?[ \\t]*`,
  'y',
);
const QUALITY = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;

/** Parses one element of the header; undefined when it is no media range (RFC 9110 §12.5.1). */
function mediaRange(element: string): MediaRange | undefined {
  const [text] = element.split(';', 1) as [string];
  const type = text.trim().toLowerCase();
  const parameters: (readonly [string, string])[] = [];
  let quality = 1;
  PARAMETER.lastIndex = text.length;
  while (PARAMETER.lastIndex < element.length) {
    const match = PARAMETER.exec(element);
    if (match === null) {
      return undefined;
    }
    const [, name, token, quoted = ''] = match;
    const value = token ?? quoted.replaceAll(/\\(.)/g, '$1');
    if (name?.toLowerCase() === 'q') {
      if (!QUALITY.test(value)) {
        return undefined;
      }
      quality = Number(value);
    } else if (name !== undefined) {
      parameters.push([name.toLowerCase(), value.toLowerCase()]);
    }
  }
  return RANGE.test(type) ? { type, parameters, quality } : undefined;
}

/** How specific a range is that matches an offered type: 0 for any type; undefined for no match. */
function specificity({ type, parameters }: MediaRange, offered: OfferedType): number | undefined {
  if (!parameters.every(([name, value]) => offered.parameters?.[name] === value)) {
    return undefined;
  }
  if (type === offered.type) {
    return 2 + parameters.length;
  }
  const [major] = offered.type.split('/', 1);
  return type === `${major}/*` ? 1 : type === '*/*' ? 0 : undefined;
}

/**
 * Chooses a media type for a response (RFC 9110 §12.5.1): the most specific range that matches a type
 * decides about it, and the type with the highest quality is chosen. Of equals the one is chosen that
 * the caller named more exactly, and then the first one that is offered.
 *
 * @param accept the Accept header; a missing or empty one accepts everything.
 * @param offered the types, the preferred one first.
 * @returns undefined when none is acceptable.
 */
export function negotiate<T extends OfferedType>(
  accept: string | undefined,
  offered: readonly [T, ...T[]],
): T | undefined {
  if (accept === undefined || accept.trim() === '') {
    return offered[0];
  }
  const ranges = (accept.match(ELEMENT) ?? []).flatMap((element) => mediaRange(element) ?? []);
  const acceptable = offered.flatMap((type) => {
    const matches = ranges.flatMap((range) => {
      const exactness = specificity(range, type);
      return exactness === undefined ? [] : [{ type, exactness, quality: range.quality }];
    });
    const [best] = matches.toSorted((a, b) => b.exactness - a.exactness);
    return best === undefined || best.quality === 0 ? [] : [best];
  });
  const [chosen] = acceptable.toSorted(
    (a, b) => b.quality - a.quality || b.exactness - a.exactness,
  );
  return chosen?.type;
}
