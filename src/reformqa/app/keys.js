const FIELDS = "input, textarea, select, [contenteditable]"

export default function ({ parentElement }) {
  const dialog = parentElement.querySelector("dialog")
  const open = () => { if (!document.querySelector("dialog[open], [role=dialog]")) dialog.showModal() }

  function press(event) {
    const [target] = event.composedPath()
    const typed = target.closest?.(FIELDS) || event.isComposing
    if (typed || event.ctrlKey || event.altKey || event.metaKey) return
    if (event.key === "?") open()
    const box = event.key === "/" && document.querySelector(".st-key-asking input")
    if (box && !dialog.open) {
      event.preventDefault()
      box.focus()
      box.select()
    }
  }
  // The app's own keys, such as Escape, are not meant while the list is open.
  const keep = (event) => event.stopPropagation()
  const button = parentElement.querySelector("button[aria-haspopup]")
  button.addEventListener("click", open)
  dialog.addEventListener("keydown", keep)
  document.addEventListener("keydown", press)
  return () => {
    button.removeEventListener("click", open)
    dialog.removeEventListener("keydown", keep)
    document.removeEventListener("keydown", press)
  }
}
