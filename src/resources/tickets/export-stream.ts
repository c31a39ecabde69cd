import type { Exported, ExportFormat } from './export-formats.ts';

/** How the body of an export ended. */
type Outcome = 'complete' | 'cancelled' | 'failed';

/** Learns once how the body ended and how many tickets were sent. */
interface Listener {
  readonly onEnd: (outcome: Outcome, tickets: number) => void;
  readonly onFault: (error: Error) => void;
}

/**
 * Returns tickets as a stream of bytes in a format. Each part is read when the reader asks for more, so at most
 * one part is in memory, however slow the reader is. A fault makes the stream fail, so a body that ends without
 * an error is complete.
 */
export function exportStream(
  parts: AsyncGenerator<readonly Exported[], void, void>,
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
          // Without bytes, the runtime would not ask for the next part.
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
    // Reads no ticket before the reader asks for the body. Nobody asks for that of a HEAD.
    { highWaterMark: 0 },
  );
}
