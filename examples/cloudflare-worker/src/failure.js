/** A mistake of the client, with the status that says so. */
export class Failure extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}
