/**
 * A limit on silence: an HTTP response whose body fails when no byte arrives for a while.
 *
 * The `openai` package limits the time to the headers only, and hides from its caller bytes that are not yet an event,
 * so the limit stands between it and the network. It also stops reading at the event "[DONE]" and cancels the rest, at which
 * `fetch` closes a connection whose last bytes are still to come; so the rest, which is nothing but the end, is read here.
 */

/** How long the end of a body that nobody wants any more may take until its connection is closed after all. */
const END_WITHIN_MS = 1000;

/** The same response, with a body that ends in an error, and its connection closed, after `limitMs` without a byte. */
export function limitIdleTime(response: Response, limitMs: number): Response {
  if (response.body === null) return response;
  return new Response(limitBody(response.body, limitMs), response);
}

function limitBody(body: ReadableStream<Uint8Array>, limitMs: number): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let timer: NodeJS.Timeout | undefined;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        timer = setTimeout(() => {
          const silence = new Error(`no byte from the model for ${limitMs} ms`);
          controller.error(silence);
          // The body may have failed at the same moment; that it is over is all we want.
          reader.cancel(silence).catch(() => undefined);
        }, limitMs);
      },
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (!done) {
            timer?.refresh();
            controller.enqueue(value);
            return;
          }
          clearTimeout(timer);
          controller.close();
        } catch (error) {
          clearTimeout(timer);
          throw error;
        }
      },
      cancel(reason) {
        clearTimeout(timer);
        void readToEnd(reader, reason);
      },
    },
    // Nothing is read ahead: the reader of the stream, not this wrapper, decides how fast bytes leave the socket.
    { highWaterMark: 0 },
  );
}

/** Nobody waits for this, and whatever goes wrong ends the body too. */
async function readToEnd(reader: ReadableStreamDefaultReader<Uint8Array>, reason: unknown): Promise<void> {
  const timer = setTimeout(() => void reader.cancel(reason).catch(() => undefined), END_WITHIN_MS);
  try {
    while (!(await reader.read()).done);
  } catch {
    // The request was aborted or its connection broke: it is over.
  } finally {
    clearTimeout(timer);
  }
}
