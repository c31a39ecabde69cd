import { BOOKMARK_HEADER } from '../responses/bookmark.ts';

/** Characters of a header that every server on the way passes on: Node.js takes 16 KiB for all headers. */
const MAX_PARAMETER = 8192;

const bookmarkParameter = {
  name: BOOKMARK_HEADER,
  in: 'header' as const,
  description:
    'What a write answered with in this header: the request then sees that write, wherever it is answered. Without it, a list may lag behind for a moment. Anything that no write answered with is ignored.',
  // Any value passes: what is no bookmark is ignored.
  schema: { type: 'string' as const, maxLength: MAX_PARAMETER },
  example: '00000085-0000024c-00004c6d-8e61117bf38d7adb71b934ebbf891683',
};

/** Entity tags, one or a list, or `*`. */
const entityTags = {
  type: 'string' as const,
  pattern:
    '^(?:\\*|[ \\t,]*(?:W/)?"[\\x21\\x23-\\x7e]*"(?:[ \\t]*,[ \\t,]*(?:W/)?"[\\x21\\x23-\\x7e]*")*[ \\t,]*)$',
  maxLength: MAX_PARAMETER,
};

const conditionParameter = (name: string, description: string, example: string) => ({
  name,
  in: 'header' as const,
  description,
  schema: entityTags,
  example,
});

export const conditionParameters = {
  read: [
    conditionParameter(
      'If-None-Match',
      'The ETag that you have. When it is still the present one, the answer is 304 (RFC 9110 §13.1.2).',
      '"1"',
    ),
    conditionParameter(
      'If-Match',
      'The ETag of the only state that you want to read. When the present state is another, the answer is 412 (RFC 9110 §13.1.1).',
      '*',
    ),
  ],
  write: [
    conditionParameter(
      'If-Match',
      'The ETag of what you read. When somebody changed it since, the answer is 412 and nothing is written (RFC 9110 §13.1.1).',
      '"1"',
    ),
    conditionParameter(
      'If-None-Match',
      'The ETags of states that you do not want to change, or `*` for any. When the present state is one of them, the answer is 412 and nothing is written (RFC 9110 §13.1.2).',
      '"0"',
    ),
  ],
};

/** Every parameter that operations share, as `#/components/parameters` of the document. */
export const parameterComponents = { [BOOKMARK_HEADER]: bookmarkParameter };
