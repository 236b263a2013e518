import './style/tokens.css'
import './style/base.css'
import './style/controls.css'
import './style/panel.css'
import './style/marks.css'
import './style/notes.css'
import './style/table.css'
import './style/text.css'
import './style/sheet.css'
import './frame/frame.css'
import './frame/phone.css'

import { placeOf } from './address.ts'
import { askFirst } from './first.ts'
import { loadScreen, screenOf } from './screens/loaders.ts'

// Small, so that it runs while the rest still comes: questions to the API and the files of the screen are under way
// before React is there.
const place = placeOf(location.hash)
askFirst(place)
const name = screenOf(place.parts)
const screen = name === undefined ? undefined : loadScreen(name).catch(() => undefined) // tried again when it is shown
const [{ show }] = await Promise.all([import('./show.tsx'), screen])
await show()
