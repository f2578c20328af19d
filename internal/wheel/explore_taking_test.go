//go:build explore

package wheel

import "github.com/fencert/fencert/internal/atomicx"

// flushTaking is Flush by one who delivers himself what is handed over meanwhile, also by his own Settle: in explorations there
// is nobody else who would.
func flushTaking(o *Owner, w *Wheel, takeOver func()) {
	m := w.Mark()
	for {
		takeOver()
		switch {
		case w.Passed(m):
			return
		case w.Unclear(m):
			o.Settle(w)
		default:
			atomicx.Pause(pauses)
		}
	}
}
