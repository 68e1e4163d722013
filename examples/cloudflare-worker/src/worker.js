// POST /classify      an image                           { label, probabilities }
//                     or a form: image, and head         the same, by a fine-tuned last layer
// POST /fine-tune     a form of images named by label    a head: the file of a fine-tuned last layer
// An image is a PNG file (image/png) or raw pixels (application/octet-stream) of the model's size.
import { BitgaussError, loadModelSync } from 'bitgauss';
import file from '../../models/mnist-convnet.safetensors';
import { Failure } from './failure.js';
import { fineTune, readHead, writeHead } from './head.js';
import { readImage } from './image.js';

// Once, when the isolate starts: requests find the model ready.
const model = loadModelSync(file);

const MAX_BYTES = 65_536;
const MAX_EXAMPLES = 20;

// Starting up has a budget of its own, much larger than a request's: what runs here is compiled when the first request comes.
const blank = { label: '', pixels: new Uint8Array(model.input.height * model.input.width) };
fineTune(model, Array(MAX_EXAMPLES).fill(blank));

export default {
  async fetch(request) {
    try {
      return await answer(request);
    } catch (error) {
      const status = statusOf(error);
      if (status === 500) console.error(error.stack);
      return Response.json({ error: status === 500 ? 'the server failed' : error.message }, { status });
    }
  },
};

/** The library's errors about files and arguments are about what the client sent: images are checked, heads are checked by it. */
function statusOf(error) {
  if (error instanceof Failure) return error.status;
  return error instanceof BitgaussError && ['argument', 'format'].includes(error.code) ? 400 : 500;
}

async function answer(request) {
  const route = `${request.method} ${new URL(request.url).pathname}`;
  if (route === 'POST /classify') return Response.json(await classify(request));
  if (route === 'POST /fine-tune') return new Response(await tune(request), { headers: { 'content-type': 'application/octet-stream' } });
  throw new Failure(404, `got ${route}, expected POST /classify or POST /fine-tune`);
}

async function classify(request) {
  requireLength(request);
  const type = request.headers.get('content-type') ?? 'none';
  if (!type.startsWith('multipart/form-data')) return predict(readImage(new Uint8Array(await request.arrayBuffer()), type, model.input));
  const form = await readForm(request);
  const [image, head] = ['image', 'head'].map((name) => form.get(name));
  if (!(image instanceof File && head instanceof File)) throw new Failure(400, 'form: expected two files, image and head');
  return predict(await imageOf(image), readHead(model, await bytesOf(head)));
}

/** By the model, or by a head for it. */
function predict(pixels, classifier = model) {
  const { label, probabilities } = classifier.predict(pixels);
  const { labels } = classifier;
  return { label: labels[label], probabilities: Object.fromEntries(labels.map((name, i) => [name, probabilities[i]])) };
}

async function tune(request) {
  requireLength(request);
  const fields = [...(await readForm(request))];
  if (fields.length < 1 || fields.length > MAX_EXAMPLES)
    throw new Failure(400, `form: got ${fields.length} images, expected 1 to ${MAX_EXAMPLES}`);
  const examples = await Promise.all(
    fields.map(async ([label, image]) => {
      if (!(image instanceof File)) throw new Failure(400, `form: ${label}: got a text, expected a file`);
      return { label, pixels: await imageOf(image) };
    }),
  );
  return writeHead(fineTune(model, examples));
}

function requireLength(request) {
  const length = request.headers.get('content-length');
  if (length === null) throw new Failure(411, 'content-length: got none, expected the length of the body');
  if (Number(length) > MAX_BYTES) throw new Failure(413, `body: got ${length} bytes, expected at most ${MAX_BYTES}`);
}

async function readForm(request) {
  return await request.formData().catch((error) => {
    throw new Failure(400, `body: got no form (${error.message}), expected multipart/form-data`);
  });
}

const bytesOf = async (file) => new Uint8Array(await file.arrayBuffer());
const imageOf = async (file) => readImage(await bytesOf(file), file.type, model.input);
