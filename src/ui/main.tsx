import './style/tokens.css'
import './style/base.css'
import './style/frame.css'
import './style/parts.css'
import './style/screens.css'

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
