package epoch

import "github.com/fencert/fencert/internal/atomicx"

// Pin begins a read section: until the matching Unpin, nothing that can be reached
// from now on is reclaimed. Sections nest; only the outermost costs anything. Keep
// them short: a pinned participant stops the epoch of its whole domain.
//
// Only the owner may call it. Wait-free. It panics with ErrUnregistered when the
// participant is not registered.
func (p *Participant) Pin() {
	if p.depth == 0 {
		p.enter()
	}
	p.depth++
}

// enter is the outermost Pin, apart so that a nested one inlines.
//
//go:noinline
func (p *Participant) enter() {
	s := p.s
	if s == nil {
		panic(ErrUnregistered)
	}
	e := p.d.global.Load()
	// Publishes: that this reader may see what is linked. Pairs with: the scan in
	// advance (I2). Store is a full barrier: the loads of the section, and the one
	// below, stay behind it.
	s.word.Store(e<<1 | pinned)
	if g := p.d.global.Load(); g != e {
		// The epoch moved meanwhile; say so, not to hold up its next step.
		// Not needed for safety, so a release store will do (I2).
		atomicx.StoreRelease64(&s.word, g<<1|pinned)
	}
}

// Unpin ends the innermost section. What was loaded in it must not be used any more
// when it was the outermost.
//
// Only the owner may call it. Wait-free. It panics with ErrNotPinned when there is no
// section to end.
func (p *Participant) Unpin() {
	p.depth--
	if p.depth <= 0 {
		p.leave()
	}
}

// leave is the outermost Unpin, apart so that a nested one inlines.
//
//go:noinline
func (p *Participant) leave() {
	if p.depth < 0 {
		p.depth = 0
		panic(ErrNotPinned)
	}
	// Publishes: all that the section did. Pairs with: the scan in advance (I4).
	// A release store will do: one writer, and an advance that sees it late takes
	// the reader for pinned and gives up.
	atomicx.StoreRelease64(&p.s.word, 0)
}

// Pinned tells whether a section is open. Only the owner may call it; no cost.
func (p *Participant) Pinned() bool { return p.depth > 0 }
