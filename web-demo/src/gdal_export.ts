export async function writeVector(_geojson: string, driver: string, _name: string): Promise<Uint8Array> {
  throw new Error(`${driver} is not built in`);
}
