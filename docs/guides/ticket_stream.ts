// ticket_stream.ts
/** Yields each line of an export as soon as it is complete. */
export async function* linesOf<Line>(body: ReadableStream<Uint8Array>): AsyncGenerator<Line> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      yield JSON.parse(line);
    }
  }
  if (rest !== '') {
    throw new Error('The export broke off. Request this page again.');
  }
}

/** Returns the cursor of the next page of an export, or null for the last page. */
export function nextCursor({ headers }: Response): string | null {
  const [, next] = /<([^>]*)>; rel="next"/.exec(headers.get('Link') ?? '') ?? [];
  return next ? new URL(next).searchParams.get('after') : null;
}
