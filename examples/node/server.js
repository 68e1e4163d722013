// POST /classify with a PNG or JPEG file as the body answers { label, probabilities }.
//   node server.js [model.safetensors]        HOST and PORT say where; 127.0.0.1:3000 by default
import { readFile } from 'node:fs/promises';
import { loadModel } from 'bitgauss';
import fastify from 'fastify';
import { readImage } from './image.js';

const file = process.argv[2] ?? new URL('../models/mnist-convnet.safetensors', import.meta.url);
const model = await loadModel(await readFile(file));

const app = fastify({ bodyLimit: 1_048_576 });
app.removeAllContentTypeParsers();
app.addContentTypeParser(['image/png', 'image/jpeg'], { parseAs: 'buffer' }, async (_request, body) => body);

app.post('/classify', async ({ body, query }) => {
  const pixels = await readImage(body, model.input, query.invert !== undefined);
  const { name, probabilities } = model.predict(pixels);
  return { label: name, probabilities: Object.fromEntries(model.labels.map((label, i) => [label, probabilities[i]])) };
});

const MESSAGES = {
  FST_ERR_CTP_BODY_TOO_LARGE: () => `body: got more than ${app.initialConfig.bodyLimit} bytes, expected a smaller image`,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ({ headers }) => `content-type: got ${headers['content-type']}, expected image/png or image/jpeg`,
};

app.setErrorHandler((error, request, reply) => {
  const { statusCode = 500 } = error;
  if (statusCode >= 500) console.error(error);
  reply.code(statusCode).send({ error: statusCode >= 500 ? 'the server failed' : (MESSAGES[error.code]?.(request) ?? error.message) });
});
app.setNotFoundHandler(({ method, url }, reply) => reply.code(404).send({ error: `got ${method} ${url}, expected POST /classify` }));

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => app.close());
const address = await app.listen({ host: process.env.HOST ?? '127.0.0.1', port: Number(process.env.PORT ?? 3000) });
console.log(`listening on ${address}`);
