export interface ImageShape {
  height: number;
  width: number;
  channels: number;
}
export interface Dataset {
  readonly length: number;
  readonly shape: ImageShape;
  readonly classes: number;
  readonly labels: readonly string[];
  readonly type: 'u8' | 'f32';
  read(indices: Uint32Array, into: { images: Uint8Array | Float32Array; labels: Uint8Array | Uint16Array | Int32Array }): void;
}
export interface DataSplits {
  train: Dataset;
  test: Dataset;
}
