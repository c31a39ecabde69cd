import { BOOKMARK_HEADER } from '../responses/bookmark.ts';

/** The maximum length of a header parameter, in characters. Node.js accepts 16 KiB for all headers. */
export const MAX_HEADER_LENGTH = 8192;

const bookmarkParameter = {
  name: BOOKMARK_HEADER,
  in: 'header' as const,
  description:
    'The `x-d1-bookmark` of an earlier response: this request sees at least that state, and a database near you can serve it. Without it, the request sees every earlier write. Unrecognised values are ignored.',
  // No pattern, because a value that is not a bookmark is ignored and not rejected.
  schema: { type: 'string' as const, maxLength: MAX_HEADER_LENGTH },
  example: '0.1.00000085-0000024c-00004c6d-8e61117bf38d7adb71b934ebbf891683',
};

/** The schema of one entity tag, a list of them, or `*` (RFC 9110 §13.1). */
const entityTags = {
  type: 'string' as const,
  pattern:
    '^(?:\\*|[ \\t,]*(?:W/)?"[\\x21\\x23-\\x7e]*"(?:[ \\t]*,[ \\t,]*(?:W/)?"[\\x21\\x23-\\x7e]*")*[ \\t,]*)$',
  maxLength: MAX_HEADER_LENGTH,
};

const conditionParameter = (name: string, description: string, example: string) => ({
  name,
  in: 'header' as const,
  description,
  schema: entityTags,
  example,
});

/** The parameters of an operation that reads or writes a resource with an entity tag, of which `tag` is an example. */
export const conditionParameters = {
  read: (tag: string) => [
    conditionParameter(
      'If-None-Match',
      'The `ETag` of the version that you have. If it is still the current one, the response is 304 without a body (RFC 9110 §13.1.2).',
      tag,
    ),
    conditionParameter(
      'If-Match',
      'The `ETag` of the version that you want to read, or `*` for any version. If the current version is a different one, the response is 412 (RFC 9110 §13.1.1).',
      '*',
    ),
  ],
  write: (tag: string) => [
    conditionParameter(
      'If-Match',
      'The `ETag` of the version that you read. If someone else has changed the resource since then, the response is 412 and nothing is saved (RFC 9110 §13.1.1).',
      tag,
    ),
    conditionParameter(
      'If-None-Match',
      'The `ETag` values of versions that you do not want to change, or `*` for any version. If the current version is one of them, the response is 412 and nothing is saved (RFC 9110 §13.1.2).',
      '"0"',
    ),
  ],
};

/** The parameters that operations share, which become `#/components/parameters` of the document. */
export const parameterComponents = { [BOOKMARK_HEADER]: bookmarkParameter };
