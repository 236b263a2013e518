import './style/tokens.css'
import './style/base.css'
import './style/controls.css'
import './style/panel.css'
import './style/marks.css'
import './style/notes.css'
import './style/table.css'
import './style/text.css'
import './style/sheet.css'

import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

import { App } from './app.tsx'

const place = document.querySelector('#page')
if (place === null) throw new Error('the document has no place for the page')
createRoot(place).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
