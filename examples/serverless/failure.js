/** A mistake of the client, with the status that says so. */
export class Failure extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Of an image, unpacked. */
export const MAX_PIXELS = 2048 * 2048;

export const tooLarge = () => new Failure(413, `image: got more than ${MAX_PIXELS} pixels, expected a smaller one`);
