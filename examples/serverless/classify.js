// The handler, made of what every JavaScript host has: Request in, Response out.
//   POST with a PNG or JPEG file as the body answers { label, probabilities }
import { Failure } from './failure.js';
import { readImage } from './image.js';

const MAX_BYTES = 1_048_576;

/** A fetch handler for a loaded model. */
export function classifier(model) {
  return async (request) => {
    try {
      return Response.json(await classify(model, request));
    } catch (error) {
      if (!(error instanceof Failure)) console.error(error);
      const [message, status] = error instanceof Failure ? [error.message, error.status] : ['the server failed', 500];
      return Response.json({ error: message }, { status });
    }
  };
}

async function classify(model, request) {
  if (request.method !== 'POST') throw new Failure(405, `method: got ${request.method}, expected POST`);
  const type = request.headers.get('content-type');
  const inverted = new URL(request.url).searchParams.has('invert');
  const pixels = await readImage(await readBody(request), type, model.input, inverted);
  const { name, probabilities } = model.predict(pixels);
  return { label: name, probabilities: Object.fromEntries(model.labels.map((label, i) => [label, probabilities[i]])) };
}

/** The bytes of the body, no more than allowed, whatever its headers say. */
async function readBody({ body }) {
  const chunks = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_BYTES) throw new Failure(413, `body: got more than ${MAX_BYTES} bytes, expected a smaller image`);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
