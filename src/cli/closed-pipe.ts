/** What of a stream of the process is needed here; process.stdout fits. */
interface Pipe {
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown
}

/**
 * A reader that has seen enough and goes (`ringback tail | head -1`) is no failure: what is written after that is lost
 * quietly, and `onGone` may end what would otherwise go on for nobody. Any other error goes to `onBroken`.
 */
export function watchPipe(
  pipe: Pipe,
  { onGone, onBroken }: { readonly onGone: () => void; readonly onBroken: (error: Error) => void },
): void {
  pipe.on('error', (error) => {
    if (error.code === 'EPIPE') onGone()
    else onBroken(error)
  })
}
