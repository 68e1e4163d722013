export function encodeText(bytes: Uint8Array): string;
