/** What was promised, or false when it takes longer than that. */
export function soon(promised: Promise<boolean>, patienceMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, Math.max(0, patienceMs), false)
    void promised.then((kept) => {
      clearTimeout(timer)
      resolve(kept)
    })
  })
}
