// Asks one question of lambda.js or fetch.js and prints the answer: all that happens in a cold start.
//   node first-answer.js lambda.js IMAGE          IMAGE: base64 of a PNG file
const [entry, image] = process.argv.slice(2);
const { handler, default: app } = await import(new URL(entry, import.meta.url));
const headers = { 'content-type': 'image/png' };

if (handler) {
  const requestContext = { domainName: 'example.org', http: { method: 'POST' } };
  const { body } = await handler({ rawPath: '/', rawQueryString: '', headers, body: image, isBase64Encoded: true, requestContext });
  console.log(body);
} else {
  const body = Uint8Array.from(atob(image), (character) => character.charCodeAt(0));
  const response = await app.fetch(new Request('https://example.org/', { method: 'POST', headers, body }));
  console.log(await response.text());
}
