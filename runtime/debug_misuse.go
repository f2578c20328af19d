package fencert

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
)

// A MisuseKind says which rule was broken. It prints as the words that a report begins with.
type MisuseKind uint8

// The kinds of misuse that a build with the tag fencedebug reports.
const (
	// MisuseWait: waiting for a fence, or a call that can wait for one, in a signaling section, a callback or a hook.
	// The fence may be one that this goroutine has to signal first.
	MisuseWait MisuseKind = iota + 1
	// MisuseCall: a call that allocates or calls the user's functions, in a signaling section or a hook.
	MisuseCall
	// MisuseLock: a lock of Checked that is taken in a signaling section, a callback or a hook, and held while waiting
	// for a fence.
	MisuseLock
	// MisuseSection: a signaling section that isn't ended where it began.
	MisuseSection
	// MisuseConcurrentUse: a Local used by two goroutines at once.
	MisuseConcurrentUse
	// MisuseAfterClose: a Local used after Close, or one that a callback was given used after its return.
	MisuseAfterClose
	// MisuseForeignTicket: Cancel of another runtime's ticket.
	MisuseForeignTicket
	// MisuseReleasedTwice: a second Release of one Hold. A build without the tag may take it for another holder's.
	MisuseReleasedTwice
	// MisuseSignaledTwice: a second Signal or Finish of one issuer. Who lets two goroutines race for the signal on
	// purpose, and looks at ErrSignaled, passes over this kind in Config.OnMisuse.
	MisuseSignaledTwice
	// MisuseForgottenIssuer: the collector found the last copy of an Issuer gone, and its fence pending.
	MisuseForgottenIssuer
	// MisuseForgottenHold: the collector found the last copy of a Hold gone, and it was not released.
	MisuseForgottenHold
	// MisuseForgottenLocal: the collector found a Local that was not closed.
	MisuseForgottenLocal
)

var misuseKinds = [...]string{
	MisuseWait:            "waiting where a fence must be signaled",
	MisuseCall:            "a call that a signaling section must not make",
	MisuseLock:            "a lock that a waiter may hold",
	MisuseSection:         "a signaling section out of balance",
	MisuseConcurrentUse:   "a Local used by two goroutines at once",
	MisuseAfterClose:      "a Local used after its end",
	MisuseForeignTicket:   "a ticket of another runtime",
	MisuseReleasedTwice:   "a hold released twice",
	MisuseSignaledTwice:   "a fence signaled twice",
	MisuseForgottenIssuer: "a forgotten issuer",
	MisuseForgottenHold:   "a forgotten hold",
	MisuseForgottenLocal:  "a forgotten Local",
}

func (k MisuseKind) String() string {
	if k == 0 || int(k) >= len(misuseKinds) {
		return fmt.Sprintf("misuse %d", uint8(k))
	}
	return misuseKinds[k]
}

// A Misuse is one report of a build with the tag fencedebug: see docs/debugging.md. Zero value: no report. Copying:
// freely, sharing Stacks.
type Misuse struct {
	Kind   MisuseKind
	Text   string        // what happened, in one line
	Stacks []MisuseStack // first where it happened, then what it collides with; where it was made, for what was forgotten
}

// String is the report as a panic prints it, in several lines.
func (m Misuse) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "fencert: misuse: %v: %s", m.Kind, m.Text)
	for _, s := range m.Stacks {
		b.WriteString("\n")
		b.WriteString(s.String())
	}
	return b.String()
}

// A MisuseStack is where a goroutine was at some moment of a Misuse.
type MisuseStack struct {
	Title     string    // which moment
	Goroutine uint64    // its number, as in the traces of panics; 0: not known
	PCs       []uintptr // for runtime.CallersFrames
}

// String is the title and one pair of lines for each call, innermost first, as in the traces of panics.
func (s MisuseStack) String() string {
	var b strings.Builder
	b.WriteString("  " + s.Title)
	if s.Goroutine != 0 {
		fmt.Fprintf(&b, ", on goroutine %d", s.Goroutine)
	}
	b.WriteString(":")
	for frames, more := runtime.CallersFrames(s.PCs), len(s.PCs) > 0; more; {
		var f runtime.Frame
		f, more = frames.Next()
		if f.Function == "runtime.main" || f.Function == "runtime.goexit" {
			continue // below everything
		}
		fmt.Fprintf(&b, "\n\t%s\n\t\t%s:%d", f.Function, f.File, f.Line)
	}
	return b.String()
}

// ErrMisuse is what every *MisuseError is, for errors.Is.
var ErrMisuse = errors.New("fencert: misuse")

// A MisuseError is what a build with the tag fencedebug panics with where Config.OnMisuse is nil.
type MisuseError struct{ Misuse }

func (e *MisuseError) Error() string { return e.String() }

// Unwrap makes errors.Is true for ErrMisuse, and for the error that a build without the tag gives in that place, where
// there is one.
func (e *MisuseError) Unwrap() []error {
	switch e.Kind {
	case MisuseConcurrentUse, MisuseAfterClose:
		return []error{ErrMisuse, ErrConcurrentUse}
	case MisuseSignaledTwice:
		return []error{ErrMisuse, ErrSignaled}
	case MisuseReleasedTwice:
		return []error{ErrMisuse, ErrNotHeld}
	case MisuseForeignTicket:
		return []error{ErrMisuse, ErrForeign}
	}
	return []error{ErrMisuse}
}

// A debugWhy is why a signaling section must not make a call.
type debugWhy string

const (
	allocates debugWhy = "it allocates"
	callsOut  debugWhy = "it calls functions of the user, and they may do anything"
	endsAll   debugWhy = "it signals all that is pending, and stops the world" // nor may a callback
)
