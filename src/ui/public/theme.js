// Before the first paint, so that a chosen theme never flashes the other one. A file of its own, because the page's
// policy forbids inline scripts.
try {
  const theme = localStorage.getItem('ringback.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Storage may be forbidden; the system's theme holds then.
}
