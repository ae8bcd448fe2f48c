export function half(text: string) {
  return text / 2;
}
