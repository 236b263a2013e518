import { Empty } from '../parts/notes.tsx'

export function NoScreen() {
  return (
    <Empty
      title="There is no such screen"
      isScreen
      actions={
        <a className="button" href="#/live">
          To the live view
        </a>
      }
    />
  )
}
