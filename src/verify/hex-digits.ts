/** Value of a lower-case hex digit by its character code; -1 for every other ASCII character. */
export const hexDigits: Readonly<Int8Array> = Int8Array.from({ length: 128 }, (_, code) =>
  '0123456789abcdef'.indexOf(String.fromCharCode(code)),
)
