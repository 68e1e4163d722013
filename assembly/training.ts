export * from './inference';
export function training_placeholder(): i32 {
  return 1;
}
