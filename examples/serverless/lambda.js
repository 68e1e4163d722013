// The entry for AWS Lambda behind a function URL or an HTTP API: events of API Gateway's payload format 2.0, whose body is base64 where it is binary.
import { readFile } from 'node:fs/promises';
import { loadModel } from 'bitgauss';
import { classifier } from './classify.js';

const model = await loadModel(await readFile(new URL('../models/mnist-convnet.safetensors', import.meta.url)));
const classify = classifier(model);

export async function handler({ rawPath, rawQueryString, headers, body, isBase64Encoded, requestContext }) {
  const { domainName, http } = requestContext;
  const mayHaveBody = !['GET', 'HEAD'].includes(http.method);
  const request = new Request(`https://${domainName}${rawPath}?${rawQueryString}`, {
    method: http.method,
    headers,
    body: mayHaveBody && body ? Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8') : undefined,
  });
  const response = await classify(request);
  return { statusCode: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
}
