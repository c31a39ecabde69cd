import type { Operation } from '../read.ts';

/**
 * Returns the saved responses of an operation in the format of Postman: one for each example in the
 * document, and one for each status without a body.
 *
 * @param originalRequest the request that Postman shows with each response.
 */
export function responsesOf({ responses }: Operation, originalRequest: object): object[] {
  return Object.entries(responses)
    .filter(([status]) => status !== 'default')
    .flatMap(([status, { description, content = {} }]): object[] => {
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
