import type { ExportedTicket, ExportFormat } from './formats.ts';

/** How the body of an export ended. */
type Outcome = 'complete' | 'cancelled' | 'failed';

/** Is told once how the body ended, and how many tickets were sent. */
interface Listener {
  readonly onEnd: (outcome: Outcome, tickets: number) => void;
  readonly onFault: (error: Error) => void;
}

/**
 * Returns tickets as a stream of bytes in a format. Each part is read when the reader wants more, so that
 * one part at most is in memory, however slow the reader is. A fault makes the stream fail: a body that
 * ends well is complete.
 */
export function exportStream(
  parts: AsyncGenerator<ExportedTicket[], void, void>,
  format: ExportFormat,
  { onEnd, onFault }: Listener,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let head = format.head;
  let tickets = 0;
  const send = (controller: ReadableStreamDefaultController<Uint8Array>, text: string) => {
    if (text !== '') {
      controller.enqueue(encoder.encode(text));
    }
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const part = await parts.next();
          const written = part.done ? [] : part.value.map(format.write);
          tickets += written.length;
          send(controller, head + written.join(''));
          head = '';
          // Without bytes nothing would ask for the next part.
          if (part.done || written.length === 0) {
            controller.close();
            onEnd('complete', tickets);
          }
        } catch (error) {
          controller.error(error);
          onFault(error as Error);
          onEnd('failed', tickets);
        }
      },
      async cancel() {
        await parts.return();
        onEnd('cancelled', tickets);
      },
    },
    // Nothing is read before the body is: the body of a HEAD never is.
    { highWaterMark: 0 },
  );
}
