// SHA-256 as the browser computes it, and as STAC's file extension spells it.

export async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as BufferSource));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}

/** The hexadecimal sha256 in a `file:checksum`, a multihash (https://github.com/multiformats/multihash); null where it is of another kind. */
export function sha256OfMultihash(checksum: string): string | null {
  const match = /^1220([0-9a-f]{64})$/i.exec(checksum);
  return match ? match[1]!.toLowerCase() : null;
}
