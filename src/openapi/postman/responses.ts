import type { OpenAPIDocument } from '../document.ts';
import { type Operation, resolved } from '../read.ts';

/**
 * Returns the responses that the document shows for an operation, as Postman keeps them beside it: one
 * for each example, and one for each status without a body.
 *
 * @param originalRequest what Postman shows as the request that got them.
 */
export function responsesOf(
  document: OpenAPIDocument,
  { responses }: Operation,
  originalRequest: object,
): object[] {
  return Object.entries(responses)
    .filter(([status]) => status !== 'default')
    .flatMap(([status, reference]): object[] => {
      const { description, content = {} } = resolved(document, reference);
      const saved = { originalRequest, code: Number(status) };
      const withBodies = Object.entries(content).flatMap(([type, { example, examples = {} }]) => {
        const shown = example === undefined ? examples : { example: { value: example } };
        return Object.values(shown).map(({ summary, value }) => ({
          name: `${status} ${summary ?? description}`,
          ...saved,
          header: [{ key: 'Content-Type', value: type }],
          _postman_previewlanguage: typeof value === 'string' ? 'text' : 'json',
          body: typeof value === 'string' ? value : JSON.stringify(value, null, 2),
        }));
      });
      const without = { name: `${status} ${description}`, ...saved, header: [], body: '' };
      return Object.keys(content).length === 0 ? [without] : withBodies;
    });
}
